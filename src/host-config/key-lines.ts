/**
 * Which line of a TOML text each key stands in: the parser keeps no positions, and a complaint without a line is of
 * little use in a long file. The first line that mentions a key is the one to look at.
 */
import { type KeyPath, keyId, scanToml } from './toml-scanner';

export type { KeyPath };

export class KeyLines {
  #known: ReadonlyMap<string, number> | undefined;

  constructor(readonly text: string) {}

  /** Counted from 1; for a key that is not there, the line of the table it is missing from. */
  lineOf(path: KeyPath): number | undefined {
    for (let length = path.length; length > 0; length--) {
      const line = this.#lines().get(keyId(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return undefined;
  }

  /** Most texts have nothing to complain of: only the others are scanned. */
  #lines(): ReadonlyMap<string, number> {
    this.#known ??= linesOf(this.text);
    return this.#known;
  }
}

function linesOf(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  scanToml(text, {
    noted: (path, line) => {
      const id = keyId(path);
      if (!lines.has(id)) lines.set(id, line);
    },
  });
  return lines;
}
