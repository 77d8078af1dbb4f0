/**
 * Which names of a component may reach the JavaScript that jco generates. jco writes names into its output unescaped: in
 * single and double quotes, in templates and in comments. So nothing outside these character sets is ever passed to it.
 * Names of the component model are checked, since a component cannot have others. Core names are arbitrary texts, which
 * compilers make use of: those that are not safe are replaced before (safe-core-names.ts), and checked here all the same.
 */
import { WasiError } from '../errors';
import { FIXED } from '../limit-text';

/** `ns:pkg/interface@1.2.3`, `ns:pkg/interface`, or a plain kebab name (component-model Explainer, "Import and Export Definitions"). */
const KEBAB = '[a-zA-Z][a-zA-Z0-9]*(?:-[a-zA-Z0-9]+)*';
const VERSION = '[0-9]+\\.[0-9]+\\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?';
const EXTERN_NAME = new RegExp(`^(?:${KEBAB}:${KEBAB}/)?${KEBAB}(?:@${VERSION})?$`);

const LABEL = new RegExp(`^${KEBAB}$`);
/** Inside a component a function may also belong to a resource: `[method]stream.read`, `[constructor]x`. */
const INNER_NAME = new RegExp(`^(?:\\[[a-z][a-z -]*\\])?${KEBAB}(?:\\.${KEBAB})?$`);

/** What a core name may consist of that is given to jco as it is: no quote, backslash, space, brace or control character. */
const CORE_NAME = /^[A-Za-z0-9_$.:@/#[\]<>*=+!~-]*$/;

/** Would begin or end a comment; or begin a placeholder, where text in braces follows it in a template. */
const SPECIAL_SEQUENCE = /\/\*|\*\/|\/\/|<!--|\$$/;

/** jco takes the first for a whole module's exports; the second sets an object's prototype where it is a key. */
const SPECIAL_CORE_NAMES: ReadonlySet<string> = new Set(['*', '__proto__']);

/** Names that jco makes itself for the code between the parts of a composed component (wasmtime-environ's fact, jco's core.rs). */
const CORE_NAME_OF_JCO =
  /^(?:(?:utf8|utf16|latin1|compact-utf16)[a-z0-9-]* \(mem[0-9]+ => mem[0-9]+\)|mem[0-9]+ [A-Za-z0-9]+)$/;

/** Long enough for any mangled name seen; a longer one is a memory attack, not a symbol. */
const MAX_NAME_LENGTH = 1_024;

/** Eight characters for each, and one before them: the longest that `safeCoreName` makes. */
const MAX_CORE_NAME_LENGTH = 8 * MAX_NAME_LENGTH + 1;

/** How much of an unsafe name is shown. */
const SHOWN_LENGTH = 80;

export function checkExternName(name: string): string {
  if (name.length > MAX_NAME_LENGTH || !EXTERN_NAME.test(name)) throw notOfComponentModel(name);
  return name;
}

/** A name below the top level: of a nested component, an instance, or a type's import or export. */
export function checkInnerName(name: string): string {
  if (name.length > MAX_NAME_LENGTH || !(EXTERN_NAME.test(name) || INNER_NAME.test(name)))
    throw notOfComponentModel(name);
  return name;
}

/** A field, case, flag or parameter. */
export function checkLabel(name: string): string {
  if (name.length > MAX_NAME_LENGTH || !LABEL.test(name)) throw notOfComponentModel(name);
  return name;
}

/** Whether a core name is harmless wherever jco may write it. */
export function isSafeCoreName(name: string): boolean {
  return (
    name.length <= MAX_CORE_NAME_LENGTH &&
    CORE_NAME.test(name) &&
    !SPECIAL_SEQUENCE.test(name) &&
    !SPECIAL_CORE_NAMES.has(name)
  );
}

/** A name of a core module that jco has made or passed on. */
export function checkCoreName(name: string): string {
  if (!isSafeCoreName(name) && !CORE_NAME_OF_JCO.test(name)) throw unsafeCoreName(name);
  return name;
}

/**
 * A safe name for any core name: itself where it is safe, else one that no other core name gets. It is the name with what
 * is neither letter, digit nor `_` written as `~<code point in hexadecimal>.`, behind another `~`.
 */
export function safeCoreName(name: string): string {
  if (name.length > MAX_NAME_LENGTH) throw tooLong('core name', name);
  if (isSafeCoreName(name) && !name.startsWith('~')) return name;
  return `~${name.replace(/[^A-Za-z0-9_]/gu, (c) => `~${(c.codePointAt(0) ?? 0).toString(16)}.`)}`;
}

/** Says which scheme the name is held against and which rule of it the name breaks (component-model Explainer). */
function notOfComponentModel(name: string): WasiError {
  if (name.length > MAX_NAME_LENGTH) return tooLong('name', name);
  return new WasiError(
    'PLUGIN_INVALID',
    `it imports or exports the name ${shown(name)}, which is no name of the component model: ${brokenRule(name)}. Such names are words (read-i2c) or interfaces (edge:plugin/i2c@1.0.0). Build the plugin with current tools, or do not use this file`,
  );
}

function brokenRule(name: string): string {
  if (name === '') return 'it is empty';
  const foreign = /[^A-Za-z0-9:/@.+[\] -]/u.exec(name)?.[0];
  if (foreign !== undefined) return `${shown(foreign)} may not be in it`;
  if (new RegExp(`^${KEBAB}:${KEBAB}/${KEBAB}@`).test(name))
    return 'its version is not of the form 1.2.3, 1.2.3-word or 1.2.3+word';
  return 'its words are not letters and digits joined by single hyphens, beginning with a letter';
}

function unsafeCoreName(name: string): WasiError {
  return new WasiError(
    'PLUGIN_INVALID',
    `it has the core name ${shown(name)}, which was to be replaced and was not: generated code could run it. Do not use this file, and report it`,
  );
}

function tooLong(what: string, name: string): WasiError {
  return new WasiError(
    'PLUGIN_INVALID',
    `it has a ${what} of ${name.length} characters (${shown(name)}…); ${MAX_NAME_LENGTH} are allowed ${FIXED}: shorten the name that it is made of`,
  );
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, SHOWN_LENGTH)).replace(
    /[^\x20-\x7e]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
