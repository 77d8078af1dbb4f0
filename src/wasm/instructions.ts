/**
 * Walks the instructions of a core module's code (WebAssembly core specification 3.0, 5.4 and 5.5.13) to find those that
 * take long: one `memory.fill` writes a whole memory. Only lengths are decoded; whether the code makes sense is for V8 to
 * say. Throws PLUGIN_INVALID for what it does not know, garbage-collected types among it, as no length can be given then.
 */
import { WasiError } from '../errors/wasi-error';
import type { ByteReader } from './byte-reader';

type Skip = (reader: ByteReader) => void;

const none: Skip = () => undefined;
const index: Skip = (reader) => reader.skipSigned();
const twoIndices: Skip = (reader) => {
  index(reader);
  index(reader);
};
const byte: Skip = (reader) => void reader.byte();
const bytes =
  (count: number): Skip =>
  (reader) =>
    void reader.take(count);
const list =
  (item: Skip): Skip =>
  (reader) => {
    for (let left = reader.u32(); left > 0; left -= 1) item(reader);
  };

/** `ref` and `ref null`, which a heap type follows. */
const LONG_REFERENCES: readonly number[] = [0x63, 0x64];

/** A value type, also as a block's: an empty one and a type index are a signed number as well. */
export const valueType: Skip = (reader) => {
  const first = reader.byte();
  if (LONG_REFERENCES.includes(first)) index(reader);
  else if (first >= 0x80) index(reader);
};

/** Bit 6 of the alignment says that a memory's index follows it. */
const MEMORY_INDEX_FOLLOWS = 0x40;
const memoryArgument: Skip = (reader) => {
  if ((reader.u32() & MEMORY_INDEX_FOLLOWS) !== 0) index(reader);
  index(reader);
};
const laneOfMemory: Skip = (reader) => {
  memoryArgument(reader);
  byte(reader);
};
/** `catch` and `catch_ref` name a tag, all four a label. */
const catchClause: Skip = (reader) => {
  if (reader.byte() < 0x02) index(reader);
  index(reader);
};

type Range = readonly [first: number, last: number, immediates: Skip];

const PLAIN: readonly Range[] = [
  [0x00, 0x01, none], // unreachable, nop
  [0x02, 0x04, valueType], // block, loop, if
  [0x05, 0x05, none], // else
  [0x06, 0x06, valueType], // try, of the first exceptions proposal, as the next three
  [0x07, 0x09, index], // catch, throw, rethrow
  [0x0a, 0x0b, none], // throw_ref, end
  [0x0c, 0x0d, index], // br, br_if
  [
    0x0e,
    0x0e,
    (reader) => {
      list(index)(reader);
      index(reader);
    },
  ], // br_table
  [0x0f, 0x0f, none], // return
  [0x10, 0x10, index], // call
  [0x11, 0x11, twoIndices], // call_indirect
  [0x12, 0x12, index], // return_call
  [0x13, 0x13, twoIndices], // return_call_indirect
  [0x14, 0x15, index], // call_ref, return_call_ref
  [0x18, 0x18, index], // delegate
  [0x19, 0x1b, none], // catch_all, drop, select
  [0x1c, 0x1c, list(valueType)], // select with types
  [
    0x1f,
    0x1f,
    (reader) => {
      valueType(reader);
      list(catchClause)(reader);
    },
  ], // try_table
  [0x20, 0x26, index], // local.get to table.set
  [0x28, 0x3e, memoryArgument], // loads and stores
  [0x3f, 0x42, index], // memory.size, memory.grow, i32.const, i64.const
  [0x43, 0x43, bytes(4)], // f32.const
  [0x44, 0x44, bytes(8)], // f64.const
  [0x45, 0xc4, none], // comparisons, arithmetic, conversions
  [0xd0, 0xd0, index], // ref.null
  [0xd1, 0xd1, none], // ref.is_null
  [0xd2, 0xd2, index], // ref.func
  [0xd3, 0xd4, none], // ref.eq, ref.as_non_null
  [0xd5, 0xd6, index], // br_on_null, br_on_non_null
];
const MEMORY_GROW = 0x40;

const BULK_PREFIX = 0xfc;
const BULK: readonly Range[] = [
  [0, 7, none], // saturating truncations
  [8, 8, twoIndices], // memory.init
  [9, 9, index], // data.drop
  [10, 10, twoIndices], // memory.copy
  [11, 11, index], // memory.fill
  [12, 12, twoIndices], // table.init
  [13, 13, index], // elem.drop
  [14, 14, twoIndices], // table.copy
  [15, 17, index], // table.grow, table.size, table.fill
  [19, 22, none], // wide arithmetic
];
const LONG_BULK: ReadonlySet<number> = new Set([8, 10, 11, 12, 14, 15, 17]);

const VECTOR_PREFIX = 0xfd;
const VECTOR: readonly Range[] = [
  [0x00, 0x0b, memoryArgument], // loads and v128.store
  [0x0c, 0x0d, bytes(16)], // v128.const, i8x16.shuffle
  [0x0e, 0x14, none],
  [0x15, 0x22, byte], // lanes
  [0x23, 0x53, none],
  [0x54, 0x5b, laneOfMemory], // loads and stores of a lane
  [0x5c, 0x5d, memoryArgument], // v128.load32_zero, v128.load64_zero
  [0x5e, 0x113, none], // the rest, relaxed instructions included
];

const ATOMIC_PREFIX = 0xfe;
const ATOMIC: readonly Range[] = [
  [0x00, 0x02, memoryArgument], // notify and waits
  [0x03, 0x03, byte], // fence
  [0x10, 0x4e, memoryArgument],
];

const byOpcode = (ranges: readonly Range[]) => {
  const table: (Skip | undefined)[] = [];
  for (const [first, last, immediates] of ranges) for (let at = first; at <= last; at += 1) table[at] = immediates;
  return table;
};
const plain = byOpcode(PLAIN);
const prefixed = new Map([
  [BULK_PREFIX, byOpcode(BULK)],
  [VECTOR_PREFIX, byOpcode(VECTOR)],
  [ATOMIC_PREFIX, byOpcode(ATOMIC)],
]);

/** Python's interpreter has a thousand. */
export const MAX_LONG_INSTRUCTIONS = 50_000;

/** `second`: of an instruction with a prefix. `at` is where it begins, `immediates` where what follows its opcode does. */
type Seen = (opcode: number, second: number | undefined, at: number, immediates: number) => void;

/** All instructions up to the end of `code`, each before the next is read. */
export function eachInstruction(code: ByteReader, seen: Seen): void {
  while (!code.done) {
    const { at } = code;
    const opcode = code.byte();
    const second = prefixed.has(opcode) ? code.u32() : undefined;
    const skip = second === undefined ? plain[opcode] : prefixed.get(opcode)?.[second];
    if (skip === undefined) throw unknownInstruction(opcode, second);
    const immediates = code.at;
    skip(code);
    seen(opcode, second, at, immediates);
  }
}

/** Where the instructions begin, up to the end of `code`, whose time grows with a memory or a table. */
export function longInstructions(code: ByteReader): readonly number[] {
  const found: number[] = [];
  eachInstruction(code, (opcode, second, at) => {
    if (opcode === MEMORY_GROW || (opcode === BULK_PREFIX && second !== undefined && LONG_BULK.has(second)))
      found.push(at);
    if (found.length > MAX_LONG_INSTRUCTIONS) throw tooMany();
  });
  return found;
}

export function tooMany(): WasiError {
  return new WasiError(
    'PLUGIN_INVALID',
    `a core module has more than ${MAX_LONG_INSTRUCTIONS} instructions that fill, copy or grow, which no plugin needs`,
  );
}

function unknownInstruction(opcode: number, second: number | undefined): WasiError {
  const name = [opcode, second].filter((part) => part !== undefined).map((part) => `0x${part.toString(16)}`);
  return new WasiError(
    'PLUGIN_INVALID',
    `a core module has an instruction this version does not know (${name.join(' ')}): build it for wasm32-wasip2 without extensions such as garbage collection`,
  );
}
