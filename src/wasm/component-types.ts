/**
 * The names in a component's type section: fields, cases, flags, parameters, and the imports and exports of component and
 * instance types (component-model Binary.md, "Type Definitions"). Throws PLUGIN_INVALID for a name that no component needs
 * and for a form that is not known.
 */
import { WasiError } from '../errors/wasi-error';
import type { ByteReader } from './byte-reader';
import { checkAlias, eachEntry, externName, skipExternType, unknownForm } from './component-reader';
import { checkInnerName, checkLabel } from './names';

/** Types are written inside each other only where an instance type declares its own. */
const MAX_DEPTH = 16;

/** Binary.md, `deftype`. */
const FORM = {
  asyncResource: 0x3e,
  resource: 0x3f,
  function: 0x40,
  component: 0x41,
  instance: 0x42,
  asyncFunction: 0x43,
  map: 0x63,
  errorContext: 0x64,
  future: 0x65,
  stream: 0x66,
  fixedList: 0x67,
  borrow: 0x68,
  own: 0x69,
  result: 0x6a,
  option: 0x6b,
  enum: 0x6d,
  flags: 0x6e,
  tuple: 0x6f,
  list: 0x70,
  variant: 0x71,
  record: 0x72,
  firstPrimitive: 0x73,
  lastPrimitive: 0x7f,
} as const;

const REFUSED_KINDS: ReadonlyMap<number, string> = new Map([
  [FORM.map, 'a map'],
  [FORM.stream, 'a stream'],
  [FORM.future, 'a future'],
  [FORM.errorContext, 'an error-context'],
]);

/** Binary.md, `componentdecl`; that of a core type is not known here. */
const DECLARATION = { type: 0x01, alias: 0x02, import: 0x03, export: 0x04 } as const;

export function checkComponentTypes(reader: ByteReader): void {
  eachEntry(reader, () => type(reader, 0));
}

function type(reader: ByteReader, depth: number): void {
  if (depth > MAX_DEPTH) throw new WasiError('PLUGIN_INVALID', `it nests types more than ${MAX_DEPTH} deep`);
  const form = reader.byte();
  switch (form) {
    case FORM.function:
    case FORM.asyncFunction:
      functionType(reader);
      return;
    case FORM.component:
    case FORM.instance:
      eachEntry(reader, () => declaration(reader, depth));
      return;
    case FORM.asyncResource:
    case FORM.resource:
      resource(reader, form);
      return;
    default:
      valueTypeDefinition(reader, form);
      return;
  }
}

function functionType(reader: ByteReader): void {
  eachEntry(reader, () => labelled(reader));
  const results = reader.byte();
  if (results === 0x00) valueType(reader);
  else if (results === 0x01) eachEntry(reader, () => labelled(reader));
  else throw unknownForm('result', results);
}

function declaration(reader: ByteReader, depth: number): void {
  const form = reader.byte();
  switch (form) {
    case DECLARATION.type:
      type(reader, depth + 1);
      return;
    case DECLARATION.alias:
      checkAlias(reader);
      return;
    case DECLARATION.import:
    case DECLARATION.export:
      externName(reader, checkInnerName);
      skipExternType(reader);
      return;
    default:
      throw unknownForm('declaration', form);
  }
}

function resource(reader: ByteReader, form: number): void {
  reader.byte();
  // An asynchronous destructor has a second, optional function.
  if (form === FORM.asyncResource) reader.u32();
  optional(reader, () => reader.u32());
}

function valueTypeDefinition(reader: ByteReader, form: number): void {
  if (form >= FORM.firstPrimitive && form <= FORM.lastPrimitive) return;
  switch (form) {
    case FORM.errorContext:
    case FORM.map:
    case FORM.stream:
    case FORM.future:
      throw refusedKind(form);
    case FORM.record:
      eachEntry(reader, () => labelled(reader));
      return;
    case FORM.variant:
      eachEntry(reader, () => {
        checkLabel(reader.name());
        optional(reader, () => valueType(reader));
        reader.byte();
      });
      return;
    case FORM.flags:
    case FORM.enum:
      eachEntry(reader, () => checkLabel(reader.name()));
      return;
    case FORM.tuple:
      eachEntry(reader, () => valueType(reader));
      return;
    case FORM.list:
    case FORM.option:
      valueType(reader);
      return;
    case FORM.fixedList:
      valueType(reader);
      reader.u32();
      return;
    case FORM.result:
      optional(reader, () => valueType(reader));
      optional(reader, () => valueType(reader));
      return;
    case FORM.own:
    case FORM.borrow:
      reader.u32();
      return;
    default:
      throw unknownForm('type', form);
  }
}

/** A number of a type, or a primitive type, which is a negative one. */
function valueType(reader: ByteReader): void {
  const first = reader.byte();
  if (first >= 0x80) reader.skipSigned();
  else if (first >= 0x40 && first < FORM.firstPrimitive) throw refusedKind(first);
}

/** What jco makes of these is neither bounded where it is made nor known to whoever takes values of a guest. */
function refusedKind(form: number): WasiError {
  const kind = REFUSED_KINDS.get(form);
  if (kind === undefined) return unknownForm('type', form);
  return new WasiError(
    'PLUGIN_INVALID',
    `it has a type that is ${kind}, which this host takes from no plugin: use a list, or a record with the fields that are needed`,
  );
}

function labelled(reader: ByteReader): void {
  checkLabel(reader.name());
  valueType(reader);
}

function optional(reader: ByteReader, read: () => void): void {
  const present = reader.byte();
  if (present === 0x01) read();
  else if (present !== 0x00) throw unknownForm('option', present);
}
