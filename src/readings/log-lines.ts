/**
 * The last log lines, for the dashboard's log: a bounded list of clean lines, oldest first. Guests write here through
 * their stdout, so a line is made harmless on entry: control characters and marks that reorder text are taken out, a
 * long line is cut. `add` returns the clean line, so that Node-RED's log gets the same text as the dashboard. Limiting
 * the rate is left to whoever reads a guest's output. Lines of host.toml, which the host alone writes, keep their line ends:
 * they are to be pasted as they are, and are left out as a whole where they are too long.
 */

import { replaceUnsafe, safeText } from '../platform/safe-text';

export interface LogLine {
  readonly at: number;
  readonly level: 'error' | 'warn' | 'info' | 'debug' | 'trace';
  /** The plugin it is about, or none. */
  readonly plugin?: string;
  readonly text: string;
}

/** What `/api/logs` promises. */
const KEPT_LINES = 200;
/** A line of a Python traceback fits; a guest that prints a megabyte without a newline does not fill the memory. */
const MAX_TEXT_LENGTH = 1_000;
/** Of lines of host.toml: every grant there is, many times over. */
const MAX_PASTED_LENGTH = 8_192;
/** Controls (newlines and escape among them), line and paragraph separators, marks that reorder text in a terminal. */

export class LogLines {
  readonly #lines: LogLine[] = [];

  /** Returns the line as it was kept. `hostToml` follows its text. */
  add(line: LogLine, hostToml?: string): LogLine {
    const clean = Object.freeze({ ...line, text: `${cleanText(line.text)}${pasteable(hostToml)}` });
    this.#lines.push(clean);
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
    return clean;
  }

  /** Oldest first; a copy. */
  lines(): readonly LogLine[] {
    return [...this.#lines];
  }
}

function cleanText(text: string): string {
  // Cut first: a huge text is not searched as a whole. What the search takes out may be as long again.
  const clean = safeText(text.slice(0, 2 * MAX_TEXT_LENGTH));
  if (clean.length <= MAX_TEXT_LENGTH && text.length <= 2 * MAX_TEXT_LENGTH) return clean;
  return `${withoutHalfCharacter(clean.slice(0, MAX_TEXT_LENGTH - 1))}…`;
}

/** Half of it would take something away that is granted. */
function pasteable(hostToml: string | undefined): string {
  if (hostToml === undefined) return '';
  if (hostToml.length > MAX_PASTED_LENGTH) return ' (they are too many for the log: the form of the runtime has them)';
  return `\n${hostToml
    .split('\n')
    .map((line) => replaceUnsafe(line, () => ' '))
    .join('\n')}`;
}

/** A cut between the two halves of a surrogate pair leaves text that is not valid Unicode. */
function withoutHalfCharacter(text: string): string {
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
}
