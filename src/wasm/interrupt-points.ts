/**
 * Makes a core module one that can be ended at any time. V8 ends a guest's thread where its code looks for a request to:
 * at the entry of a function, and in a loop after so many bytes of code. `memory.fill` is three bytes and may take 30 ms,
 * so a loop of it ran on for minutes after its deadline, and a function of nothing else forever. Before each instruction
 * whose time grows with a memory or a table, a call of a function is put: that is where V8 looks
 * (docs/decisions/0008-interrupt-points.md).
 */
import { WasiError } from '../errors/wasi-error';
import { ByteReader, sections, u32Leb } from './byte-reader';
import { importedFunctions } from './core-module';
import { longInstructions, MAX_LONG_INSTRUCTIONS, tooMany, valueType } from './instructions';

const TYPE_SECTION = 1;
const IMPORT_SECTION = 2;
const FUNCTION_SECTION = 3;
const CODE_SECTION = 10;
const CUSTOM_SECTION = 0;
/** Hints about instructions, by their offset: those have moved. */
const HINTS = 'metadata.code.';

const FUNCTION_TYPE = 0x60;
const CALL = 0x10;
const NOP = 0x01;
const END = 0x0b;
/** V8 takes functions up to 500 bytes into their callers (--wasm-inlining-max-size), and what is taken in looks for nothing. */
const NOPS = 1_000;

/** Returns the module itself where nothing in it takes long. Throws PLUGIN_INVALID for instructions it does not know. */
export function interruptible(module: Uint8Array): Uint8Array {
  const all = [...sections(module)];
  const bodyOf = (wanted: number) => all.find(({ id }) => id === wanted)?.body;
  const [types, functions, code] = [TYPE_SECTION, FUNCTION_SECTION, CODE_SECTION].map(bodyOf);
  if (!types || !functions || !code) return module;
  const imports = bodyOf(IMPORT_SECTION);
  const checkpoint = (imports ? importedFunctions(imports) : 0) + new ByteReader(functions).u32();
  const bodies = withCalls(code, [CALL, ...u32Leb(checkpoint)]);
  if (bodies === undefined) return module;
  const added = new Map([
    [TYPE_SECTION, appended(types, [FUNCTION_TYPE, 0, 0])],
    [FUNCTION_SECTION, appended(functions, u32Leb(countTypes(types)), u32Leb(countTypes(types)))],
    [CODE_SECTION, [bodies.count, ...bodies.parts, ...checkpointBodies(checkpoint)]],
  ]);
  const kept = all.filter(({ id, body }) => !(id === CUSTOM_SECTION && new ByteReader(body).name().startsWith(HINTS)));
  const parts = kept.flatMap(({ id, start, body }) => {
    const content = added.get(id);
    if (!content) return [module.subarray(start, body.byteOffset - module.byteOffset + body.length)];
    const length = content.reduce((sum, part) => sum + part.length, 0);
    return [Uint8Array.of(id, ...u32Leb(length)), ...content];
  });
  return Buffer.concat([module.subarray(0, 8), ...parts]);
}

/**
 * Two functions: one that is called, and one that it calls, since a function that calls none looks for nothing once V8
 * has optimised it.
 */
function checkpointBodies(checkpoint: number): Uint8Array[] {
  const nops = Array.from({ length: NOPS }, () => NOP);
  const body = (instructions: readonly number[]) => {
    const bytes = [0, ...instructions, ...nops, END];
    return Uint8Array.of(...u32Leb(bytes.length), ...bytes);
  };
  return [body([CALL, ...u32Leb(checkpoint + 1)]), body([])];
}

interface Bodies {
  /** Of all functions, the two that are added among them. */
  readonly count: Uint8Array;
  readonly parts: readonly Uint8Array[];
}

function withCalls(code: Uint8Array, call: readonly number[]): Bodies | undefined {
  const reader = new ByteReader(code);
  const parts: Uint8Array[] = [];
  const count = reader.u32();
  let calls = 0;
  for (let left = count; left > 0; left -= 1) {
    const start = reader.at;
    const body = reader.take(reader.u32());
    const found = longInstructions(behindLocals(body));
    calls += found.length;
    if (calls > MAX_LONG_INSTRUCTIONS) throw tooMany();
    if (found.length === 0) parts.push(code.subarray(start, reader.at));
    else parts.push(Uint8Array.from(u32Leb(body.length + found.length * call.length)), ...inserted(body, found, call));
  }
  return calls === 0 ? undefined : { count: Uint8Array.from(u32Leb(count + 2)), parts };
}

function behindLocals(body: Uint8Array): ByteReader {
  const reader = new ByteReader(body);
  for (let left = reader.u32(); left > 0; left -= 1) {
    reader.u32();
    valueType(reader);
  }
  return reader;
}

function inserted(body: Uint8Array, before: readonly number[], call: readonly number[]): Uint8Array[] {
  const pieces = before.flatMap((at, i) => [body.subarray(before[i - 1] ?? 0, at), Uint8Array.from(call)]);
  return [...pieces, body.subarray(before.at(-1) ?? 0)];
}

/** A vector with more entries behind its own. */
function appended(vector: Uint8Array, ...entries: readonly number[][]): Uint8Array[] {
  const reader = new ByteReader(vector);
  const count = reader.u32();
  return [Uint8Array.from(u32Leb(count + entries.length)), vector.subarray(reader.at), Uint8Array.from(entries.flat())];
}

/** How many there are; each is one only where none of them is a recursive group or a subtype. */
function countTypes(types: Uint8Array): number {
  const reader = new ByteReader(types);
  const count = reader.u32();
  for (let left = count; left > 0; left -= 1) {
    if (reader.byte() !== FUNCTION_TYPE)
      throw new WasiError(
        'PLUGIN_INVALID',
        'a core module has types other than those of functions: build it for wasm32-wasip2',
      );
    for (let vectors = 2; vectors > 0; vectors -= 1)
      for (let items = reader.u32(); items > 0; items -= 1) valueType(reader);
  }
  return count;
}
