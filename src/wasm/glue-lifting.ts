/**
 * Makes jco's glue ask a guest's `LiftBudget` before it takes anything out of a linear memory that grows with what the
 * guest says: texts, lists, and whatever asynchronous functions pass. All ways in which jco 0.15 reaches a memory are known
 * here, and all its loops in the part that it writes for a component: a glue with another one is another jco's, and not to
 * be run. The budget's name is one that jco makes of no name of a component's author, who could put another in its place.
 */
import { WasiError } from '../errors/wasi-error';

export const BUDGET = 'lift$budget';
const SHOWN_LENGTH = 80;

/** What reads a memory, with what takes its place. */
const COUNTED: readonly (readonly [form: RegExp, counting: string])[] = [
  // `result0 = TEXT_DECODER_UTF8.decode(new Uint8Array(memory0.buffer, ptr0, len0))`
  [
    /\.decode\((new (?:Uint8Array|Uint16Array|DataView)\((?:memory\d+|ctx\.memory)\.buffer, \w+, \w+\))\)/g,
    `.decode(${BUDGET}.text($1))`,
  ],
  // `result0 = new Uint8Array(memory0.buffer.slice(ptr0, ptr0 + len0 * 1))`
  [/\((memory\d+\.buffer)\.slice\((ptr\d+), (ptr\d+ \+ len\d+ \* \d+)\)\)/g, `(${BUDGET}.copy($1, $2, $3))`],
];

/** What reaches a memory one number at a time, writes into one, or is called a buffer and is none of a guest's. */
const HARMLESS: readonly RegExp[] = [
  // The loops around them, and the functions in which they are, are counted.
  /const dataView = mem => dv\.buffer === mem\.buffer \? dv : dv = new DataView\(mem\.buffer\);/g,
  /new DataView\((?:ctx\.)?memory\.buffer\)/g,
  // Between the parts of a composed component, from one linear memory to another.
  /\(ptr, off\) => new DataView\([\w.]+\.buffer\)\.get\w+\(ptr \+ off, true\)/g,
  /new DataView\([\w.]+\.buffer\)\.set\w+\(ptr \+ offset, val, true\)/g,
  /ptr => [\w.]+\.buffer\.byteLength \/ 65536/g,
  /new Uint8Array\(memory\d+\.buffer, to_ptr, len\)\.set\(new Uint8Array\(memory\d+\.buffer, from_ptr, len\)\)/g,
  // What the host gives to a guest.
  /new Uint8Array\(val\d+\.buffer \|\| val\d+, val\d+\.byteOffset, valLenBytes\d+\)/g,
  /const out\d+ = new Uint8Array\(memory\d+\.buffer, ptr\d+, valLenBytes\d+\)/g,
  /const dv\d+ = new DataView\(memory\d+\.buffer\)/g,
  /new Uint8Array\(memory\.buffer, ptr, len\)/g,
  /const out = new Uint16Array\(memory\.buffer, ptr, len\)/g,
  /new Uint8Array\(memory\.buffer\)\.set\(buf, ptr\)/g,
  // Which end of a number comes first on this machine.
  /new Uint8Array\(new Uint16Array\(\[1\]\)\.buffer\)/g,
];
const ANY_BUFFER = /\.\s*buffer\b|\[\s*['"`]buffer['"`]/;

/** jco's functions for what asynchronous functions pass: each builds one value. */
const LIFT_FUNCTION = /_debugLog\('\[_liftFlat(\w+)\(\)\] args', \{ ctx \}\);/g;
const SCALAR = /^(?:Bool|Char|[US](?:8|16|32|64)|Float(?:32|64))$/;
/** Of an array or object with its room. */
const PARTS_OF_STRUCTURE = 8;
const PARTS_OF_LIFTED: Readonly<Record<string, string>> = {
  Record: `${PARTS_OF_STRUCTURE} + fieldMetas.length`,
  Tuple: `${PARTS_OF_STRUCTURE} + elemLiftFns.length`,
  Flags: `${PARTS_OF_STRUCTURE} + names.length`,
};
/** Their list is an array first; its elements are counted again when each is built. */
const LIFTED_ARRAY = /(ctx\.storagePtr = dataPtr;\s*)(const val = \[\];\s*for \(var i = 0; i < len; i\+\+\) \{)/g;

/** Of a list, a map or a list of a fixed length that is taken out of a memory. */
const LIFTING_LOOP =
  /for \(let i = 0; i < (len\d+|\d+); i\+\+\) (?=\{\s*const base = (?:base|addr)\d+ \+ i \* (\d+);(?!\s*const e =))/g;
/** Each is an array, an object, one of its fields, or a call that makes a value. */
const PARTS = /[[{(,:]/g;

/** Loops over what the host gives, or whose rounds are counted by what jco wrote. */
const KNOWN_LOOPS: readonly RegExp[] = [
  /for \(let i = 0; i < vec\d+\.length; i\+\+\) \{/g,
  /for \(let i = 0; i < \d+; i\+\+\) \{\s*const e = array\d+\[i\];/g,
  /for \(const v of val\d+\) \{/g,
  /for \(const \[key, value\] of entries\d+\) \{/g,
  /for \(const entry of curResourceBorrows\) \{/g,
  /for \(const \{ rid, handle \} of \w+\) \{/g,
  /for \(var i = 0; i < codeUnits; i\+\+\) \{/g,
  /do \{\s*\(\{ value, done \} = gen\.next\(value\)\);\s*\} while \(!\(value instanceof Promise\) && !done\);/g,
];
const ANY_LOOP = /(?<![\w.$])(?:for|while|do)\s*[({]|\bfor await\b/;

/** Where jco's own functions end and what it writes for a component begins. */
const OWN_PART = 'let gen= (function* _initGenerator () {';

/** `glue` with the calls of its budget. Throws PLUGIN_INVALID for another shape. */
export function withLiftBudget(glue: string): string {
  const [common = '', own, ...more] = glue.split(OWN_PART);
  if (own === undefined || more.length > 0 || glue.includes(BUDGET)) throw unexpected(OWN_PART);
  checkBuffers(glue);
  checkLoops(own);
  return withCountedReads(withCountedFunctions(common) + OWN_PART + withCountedLoops(own));
}

function checkBuffers(glue: string): void {
  let rest = glue;
  for (const form of [...COUNTED.map(([counted]) => counted), ...HARMLESS]) rest = rest.replace(form, '');
  refuse(ANY_BUFFER, rest);
}

function checkLoops(own: string): void {
  let rest = own.replace(LIFTING_LOOP, '');
  for (const form of KNOWN_LOOPS) rest = rest.replace(form, '');
  refuse(ANY_LOOP, rest);
}

function withCountedReads(glue: string): string {
  let counting = glue;
  for (const [form, to] of COUNTED) counting = counting.replace(form, to);
  return counting;
}

function withCountedFunctions(common: string): string {
  return common
    .replace(LIFT_FUNCTION, (_, kind: string) => {
      const parts = SCALAR.test(kind) ? '1' : (PARTS_OF_LIFTED[kind] ?? String(PARTS_OF_STRUCTURE));
      return `${BUDGET}.parts(${parts});`;
    })
    .replace(LIFTED_ARRAY, `$1${BUDGET}.list(len, elemSize32, 1);\n      $2`);
}

function withCountedLoops(own: string): string {
  return own.replace(LIFTING_LOOP, (loop: string, count: string, size: string, at: number) => {
    const parts = bodyBehind(own, at + loop.length).match(PARTS)?.length ?? 1;
    return `${BUDGET}.list(${count}, ${size}, ${parts});\n${loop}`;
  });
}

/** From a brace to the one that closes it; no text that jco writes into a body has braces without their pair. */
function bodyBehind(own: string, start: number): string {
  let depth = 0;
  for (let at = start; at < own.length; at += 1) {
    if (own[at] === '{') depth += 1;
    if (own[at] === '}') depth -= 1;
    if (depth === 0) return own.slice(start, at);
  }
  throw unexpected('a loop without an end');
}

function refuse(form: RegExp, rest: string): void {
  const found = form.exec(rest);
  if (!found) return;
  throw unexpected(rest.slice(rest.lastIndexOf('\n', found.index) + 1).split('\n')[0] ?? '');
}

function unexpected(line: string): WasiError {
  return new WasiError(
    'PLUGIN_INVALID',
    `the generated glue does not have the expected shape (${line.trim().slice(0, SHOWN_LENGTH)})`,
  );
}
