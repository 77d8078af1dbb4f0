/**
 * Which line of a TOML text each key stands in: the parser keeps no positions, and a complaint without a line is of
 * little use in a long file. The first line that mentions a key is the one to look at.
 */
import { type KeyPath, keyId, scanToml } from './toml-scanner';

export type { KeyPath };

export class KeyLines {
  readonly #lines = new Map<string, number>();

  constructor(text: string) {
    scanToml(text, {
      noted: (path, line) => {
        const id = keyId(path);
        if (!this.#lines.has(id)) this.#lines.set(id, line);
      },
    });
  }

  /** Counted from 1; for a key that is not there, the line of the table it is missing from. */
  lineOf(path: KeyPath): number | undefined {
    for (let length = path.length; length > 0; length--) {
      const line = this.#lines.get(keyId(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return undefined;
  }
}
