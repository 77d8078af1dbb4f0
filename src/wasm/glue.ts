/**
 * jco's glue as a classic script rather than an ES module: it can then be evaluated from verified bytes in memory, with
 * no file that could change between check and import, and without a module loader that would resolve anything.
 */
import { Script } from 'node:vm';
import { WasiError } from '../errors/wasi-error';
import { BUDGET, withLiftBudget } from './glue-lifting';
import type { LiftBudget } from './lift-budget';

/** The glue's entry, as jco writes it with `instantiation: async`, and before all else the budget that is asked. */
export type Instantiate = (
  budget: LiftBudget,
  getCoreModule: (file: string) => WebAssembly.Module,
  imports: Readonly<Record<string, object>>,
  instantiateCore: (
    module: WebAssembly.Module,
    imports: WebAssembly.Imports,
  ) => WebAssembly.Instance | Promise<WebAssembly.Instance>,
) => Promise<Readonly<Record<string, unknown>>>;

/** Each must stand in the glue exactly once; a glue of another shape is another jco, and not to be run. */
const REPLACEMENTS = [
  ['"use components";\nexport function instantiate(', `"use strict";\n(function instantiate(${BUDGET}, `],
  ['import.meta.url', 'undefined'],
] as const;

/** The last statement of the glue: a second export that nobody uses. */
const TAIL = /;\s*export const _util = \{\s*\}\s*$/;

export function scriptFromGlue(glue: string): string {
  let script = withLiftBudget(glue);
  for (const [from, to] of REPLACEMENTS) {
    if (script.split(from).length !== 2) throw unexpected(from);
    script = script.replace(from, () => to);
  }
  if (!TAIL.test(script)) throw unexpected('export const _util');
  return parsable(script.replace(TAIL, ')\n'));
}

/** A name that is a word of JavaScript's (`arguments`) gets into the glue as it is: refused here, not in every guest's thread. */
function parsable(script: string): string {
  try {
    new Script(script);
    return script;
  } catch (cause) {
    throw new WasiError(
      'PLUGIN_INVALID',
      `jco made no valid JavaScript of it (${String(cause)}): rename what its interfaces call by a word of JavaScript`,
      { cause },
    );
  }
}

/** Evaluates a script made by `scriptFromGlue` in this thread's own realm. */
export function evaluateGlue(script: string, filename: string): Instantiate {
  return new Script(script, { filename }).runInThisContext();
}

function unexpected(what: string): WasiError {
  return new WasiError(
    'PLUGIN_INVALID',
    `the generated glue does not have the expected shape (${what.split('\n')[0]})`,
  );
}
