/** A TOML text as plain values. Throws CONFIG_INVALID with line and column; `source` is what messages call the text. */
import { configInvalid } from './problems';
import { parse, TomlError } from './toml';

/** Nothing in host.toml nests deeper than three. */
const MAX_DEPTH = 16;

export function parseToml(text: string, source: string): Readonly<Record<string, unknown>> {
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
