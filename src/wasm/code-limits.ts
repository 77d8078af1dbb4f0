/**
 * Bounds what V8 needs to compile a function of a core module. Its baseline compiler copies all locals and operands at each
 * block and compares them at each branch: 49 000 locals and 4 000 blocks, one after the other or in each other, are 20 KB of
 * code and take 4.7 GB and 10 s. So these are counted together, as locals and operands at all blocks and branches, 24 bytes
 * and 50 ns each. Measured of real guests: docs/decisions/0014-budgets-of-a-guest.md.
 */

import { FIXED } from '../errors/format-limit';
import { WasiError } from '../errors/wasi-error';
import { ByteReader, sections } from './byte-reader';
import { type Arity, type CodeCosts, codeCosts } from './code-costs';
import { importedFunctionTypes } from './core-module';
import { valueType } from './instructions';

const TYPE_SECTION = 1;
const IMPORT_SECTION = 2;
const FUNCTION_SECTION = 3;
const CODE_SECTION = 10;
const FUNCTION_TYPE = 0x60;

/** At least four times the most that a function of a real guest has: these are what was found. */
export const CODE_LIMITS = {
  /** 486 in StarlingMonkey built for debugging. */
  locals: 5_000,
  /** 803 in a parser of Rust, 781 in CPython. */
  depth: 4_000,
  /** 3 203 in CPython. */
  branchTargets: 16_384,
  /** 426 843 in CPython. */
  bodyBytes: 2 * 2 ** 20,
  /** 643 604 in a parser of Rust, 503 778 in StarlingMonkey, 192 080 in CPython. */
  liveValues: 3_000_000,
} as const;

const WHAT: Readonly<Record<keyof FunctionCosts, string>> = {
  bodyBytes: 'bytes of code',
  locals: 'local variables',
  depth: 'blocks in each other',
  branchTargets: 'targets in a branch table',
  liveValues: 'variables and operands at all its blocks and branches together',
};

const NONE: Arity = { parameters: 0, results: 0 };

/** Throws PLUGIN_INVALID for a module with a function that is out of proportion. */
export function checkCode(module: Uint8Array): void {
  for (const costs of functionCosts(module)) {
    for (const [key, what] of Object.entries(WHAT) as [keyof FunctionCosts, string][]) {
      if (costs[key] > CODE_LIMITS[key]) throw outOfProportion(costs[key], CODE_LIMITS[key], what);
    }
  }
}

export interface FunctionCosts extends CodeCosts {
  readonly bodyBytes: number;
}

/** Of each function that the module defines. */
export function* functionCosts(module: Uint8Array): Generator<FunctionCosts> {
  const bodyOf = new Map<number, Uint8Array>();
  for (const { id, body } of sections(module)) bodyOf.set(id, body);
  const code = bodyOf.get(CODE_SECTION);
  if (!code) return;
  const types = functionTypes(bodyOf.get(TYPE_SECTION));
  const imports = bodyOf.get(IMPORT_SECTION);
  const imported = imports ? importedFunctionTypes(imports) : [];
  const functions = [...imported, ...indices(bodyOf.get(FUNCTION_SECTION))];
  const ofType = (index: number): Arity => types[index] ?? NONE;
  const ofFunction = (index: number): Arity => ofType(functions[index] ?? -1);
  const reader = new ByteReader(code);
  const count = reader.u32();
  for (let at = 0; at < count; at += 1) {
    const body = reader.take(reader.u32());
    yield { ...codeCosts(body, ofFunction(imported.length + at), { ofType, ofFunction }), bodyBytes: body.length };
  }
}

function functionTypes(section: Uint8Array | undefined): readonly Arity[] {
  if (!section) return [];
  const reader = new ByteReader(section);
  const types: Arity[] = [];
  for (let left = reader.u32(); left > 0; left -= 1) {
    if (reader.byte() !== FUNCTION_TYPE)
      throw new WasiError(
        'PLUGIN_INVALID',
        'a core module has types other than those of functions: build it for wasm32-wasip2',
      );
    types.push({ parameters: values(reader), results: values(reader) });
  }
  return types;
}

function values(reader: ByteReader): number {
  const count = reader.u32();
  for (let left = count; left > 0; left -= 1) valueType(reader);
  return count;
}

function indices(section: Uint8Array | undefined): readonly number[] {
  if (!section) return [];
  const reader = new ByteReader(section);
  const all: number[] = [];
  for (let left = reader.u32(); left > 0; left -= 1) all.push(reader.u32());
  return all;
}

function outOfProportion(found: number, most: number, what: string): WasiError {
  return new WasiError(
    'PLUGIN_INVALID',
    `a function in its code has ${found} ${what}; at most ${most} ${FIXED}, since compiling more takes the machine's memory: split the function`,
  );
}
