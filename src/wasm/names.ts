/**
 * Which names of a component may reach the JavaScript that jco generates. jco writes core import and export names into
 * its glue unescaped, so a crafted name is code: nothing outside these two character sets is ever imported.
 */
import { WasiError } from '../errors';

/** `ns:pkg/interface@1.2.3`, `ns:pkg/interface`, or a plain kebab name (component-model Explainer, "Import and Export Definitions"). */
const KEBAB = '[a-zA-Z][a-zA-Z0-9]*(?:-[a-zA-Z0-9]+)*';
const VERSION = '[0-9]+\\.[0-9]+\\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?';
const EXTERN_NAME = new RegExp(`^(?:${KEBAB}:${KEBAB}/)?${KEBAB}(?:@${VERSION})?$`);

const LABEL = new RegExp(`^${KEBAB}$`);
/** Inside a component a function may also belong to a resource: `[method]stream.read`, `[constructor]x`. */
const INNER_NAME = new RegExp(`^(?:\\[[a-z][a-z -]*\\])?${KEBAB}(?:\\.${KEBAB})?$`);

/** What linkers and bindings generators write: symbols, `[method]x.y`, `ns:pkg/i@1.0.0#f`, `libc.so`, C++ and Rust mangling. */
const CORE_NAME = /^[A-Za-z0-9_$.:@/#[\]<>*=+!~-]*$/;

/** Long enough for any mangled name seen; a longer one is a memory attack, not a symbol. */
const MAX_NAME_LENGTH = 1_024;

/** How much of an unsafe name is shown. */
const SHOWN_LENGTH = 80;

export function checkExternName(name: string): string {
  if (name.length > MAX_NAME_LENGTH || !EXTERN_NAME.test(name)) throw unsafe(name);
  return name;
}

/** A name below the top level: of a nested component, an instance, or a type's import or export. */
export function checkInnerName(name: string): string {
  if (name.length > MAX_NAME_LENGTH || !(EXTERN_NAME.test(name) || INNER_NAME.test(name))) throw unsafe(name);
  return name;
}

/** A field, case, flag or parameter. */
export function checkLabel(name: string): string {
  if (name.length > MAX_NAME_LENGTH || !LABEL.test(name)) throw unsafe(name);
  return name;
}

export function checkCoreName(name: string): string {
  if (name.length > MAX_NAME_LENGTH || !CORE_NAME.test(name)) throw unsafe(name);
  return name;
}

function unsafe(name: string): WasiError {
  const shown = JSON.stringify(name.slice(0, SHOWN_LENGTH)).replace(
    /[^\x20-\x7e]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return new WasiError(
    'PLUGIN_INVALID',
    `it imports or exports the name ${shown}, which no component needs and generated code could run. Do not use this file`,
  );
}
