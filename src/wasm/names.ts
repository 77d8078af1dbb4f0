/**
 * Which names of a component may reach the JavaScript that jco generates. jco writes names into its output unescaped, in
 * quotes of both kinds, and makes variables of them. Names of the component model are checked: a component cannot have
 * others than these character sets allow. Core names are any text that a compiler likes: jco sees numbered ones instead
 * (safe-core-names.ts).
 */

import { FIXED } from '../errors/format-limit';
import { WasiError } from '../errors/wasi-error';

/** `ns:pkg/interface@1.2.3`, `ns:pkg/interface`, or a plain kebab name (component-model Explainer, "Import and Export Definitions"). */
const KEBAB = '[a-zA-Z][a-zA-Z0-9]*(?:-[a-zA-Z0-9]+)*';
const VERSION = '[0-9]+\\.[0-9]+\\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?';
const VERSION_SUFFIX = /^[0-9A-Za-z.+-]*$/;
const EXTERN_NAME = new RegExp(`^(?:${KEBAB}:${KEBAB}/)?${KEBAB}(?:@${VERSION})?$`);

const LABEL = new RegExp(`^${KEBAB}$`);
/** Inside a component a function may also belong to a resource: `[method]stream.read`, `[constructor]x`. */
const INNER_NAME = new RegExp(`^(?:\\[[a-z][a-z -]*\\])?${KEBAB}(?:\\.${KEBAB})?$`);

/** What a core name is before jco sees it. */
const NUMBERED_CORE_NAME = /^n[0-9]+$/;

/**
 * What jco calls its own functions and memories between the parts of a composed component: words, and
 * `utf8-to-utf8 (mem1 => mem0)` or `mem1 I32Load` (wasmtime-environ's fact.rs, jco's core.rs).
 */
const CORE_NAME_OF_JCO = /^(?:[A-Za-z0-9_[\]-]*|[a-z0-9-]+ \(mem[0-9]+ => mem[0-9]+\)|mem[0-9]+ [A-Za-z0-9]+)$/;

/** Longer than any name seen in an interface; a longer one is a memory attack. */
const MAX_NAME_LENGTH = 1_024;

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

/** What follows the version in an interface's name: the rest of `1.2.3` where the name has `@1`. */
export function checkVersionSuffix(suffix: string): string {
  if (suffix.length > MAX_NAME_LENGTH || !VERSION_SUFFIX.test(suffix)) throw notOfComponentModel(suffix);
  return suffix;
}

/** The core name of this number; see safe-core-names.ts. */
export function numberedCoreName(number: number): string {
  return `n${number}`;
}

/** A core name that jco is to be given. */
export function checkCoreName(name: string): string {
  if (!NUMBERED_CORE_NAME.test(name)) throw unsafeCoreName(name);
  return name;
}

/** A core name that jco has passed on, or made itself. */
export function checkTranslatedCoreName(name: string): string {
  if (!CORE_NAME_OF_JCO.test(name)) throw unsafeCoreName(name);
  return name;
}

/** Says which scheme the name is held against and which rule of it the name breaks (component-model Explainer). */
function notOfComponentModel(name: string): WasiError {
  return new WasiError(
    'PLUGIN_INVALID',
    `it imports or exports the name ${shown(name)}, which is no name of the component model: ${brokenRule(name)}. Such a name is a word (read-i2c) or an interface (edge:plugin/i2c@1.0.0). Build the plugin with current tools, or do not use this file`,
  );
}

function brokenRule(name: string): string {
  if (name === '') return 'it is empty';
  if (name.length > MAX_NAME_LENGTH) return `it has ${name.length} characters, ${MAX_NAME_LENGTH} are allowed ${FIXED}`;
  const foreign = /[^A-Za-z0-9:/@.+[\] -]/u.exec(name)?.[0];
  if (foreign !== undefined) return `${shown(foreign)} may not be in it`;
  if (new RegExp(`^${KEBAB}:${KEBAB}/${KEBAB}@`).test(name))
    return 'its version is not of the form 1.2.3, 1.2.3-word or 1.2.3+word';
  return 'its words are not letters and digits joined by single hyphens, beginning with a letter';
}

function unsafeCoreName(name: string): WasiError {
  return new WasiError(
    'PLUGIN_INVALID',
    `it has the core name ${shown(name)} in a place where this package cannot replace it, and generated code could run it: build the plugin without imported or exported core modules, or do not use this file`,
  );
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, SHOWN_LENGTH)).replace(
    /[^\x20-\x7e]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
