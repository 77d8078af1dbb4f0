/**
 * A TOML text as plain values. Throws CONFIG_INVALID with line and column; `source` is what messages call the text. A key
 * called `__proto__` is refused wherever it stands: objects are made of these values in many places, here and in whatever
 * reads them later, and one such place that assigns instead of defining would let host.toml change all objects at once.
 * Names such as `constructor` are keys like any other.
 */
import { KeyLines, type KeyPath } from './key-lines';
import { configInvalid, Problems } from './problems';
import { parse, TomlError } from './toml';

/** Nothing in host.toml nests deeper than three. */
const MAX_DEPTH = 16;
export const RESERVED = '__proto__';

export function parseToml(text: string, source: string): Readonly<Record<string, unknown>> {
  const values = parsed(text, source);
  const paths = [...reservedKeys(values, [])];
  if (paths.length > 0) {
    const problems = new Problems(source, new KeyLines(text));
    for (const path of paths) problems.wrong(path, 'any other name (JavaScript reserves this one)', RESERVED);
    problems.throwIfAny();
  }
  return values;
}

function* reservedKeys(value: unknown, path: KeyPath): Generator<KeyPath> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const place = [...path, Array.isArray(value) ? Number(key) : key];
    if (key === RESERVED) yield place;
    else yield* reservedKeys(inner, place);
  }
}

function parsed(text: string, source: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // What follows the first line is a drawing of the place, of no use in a status or a log line.
    const [reason] = error.message.split('\n');
    const text = `line ${error.line}, column ${error.column}: ${reason}`;
    const problems = [{ line: error.line, column: error.column, text }];
    throw configInvalid(`${source}, ${text}`, { problems, cause: error });
  }
}
