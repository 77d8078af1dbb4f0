/**
 * What the host gives the tests' kernel to do, and what comes back: files in one folder, which both sides see.
 * `job.json` is a Job. The kernel's side appends a line of JSON, a CommandEnd, to `ends.jsonl` after each command, and
 * `results-<index>.jsonl` is what command `index` reports of its tests, a line of JSON, an InsideResult, each.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Command {
  /** Program and arguments; run in the repository's folder. */
  readonly argv: readonly string[];
  /** It is killed after so long, and none is begun after it. */
  readonly limitMs: number;
}

export interface Job {
  readonly commands: readonly Command[];
}

export interface CommandEnd {
  readonly index: number;
  /** Exit code, or the signal that ended it (SIGKILL at its limit), or why it could not be started. */
  readonly end: number | string;
}

export type InsideResult =
  | { readonly outcome: 'passed'; readonly name: string }
  | { readonly outcome: 'failed'; readonly name: string; readonly message: string }
  | { readonly outcome: 'skipped'; readonly name: string; readonly reason: string };

export const JOB_FILE = 'job.json';
export const ENDS_FILE = 'ends.jsonl';

export function resultsFile(index: number): string {
  return `results-${index}.jsonl`;
}

/** The whole lines of a file that may have been cut off at any byte, or may not be there: its writer was killed. */
export function readLines<T>(folder: string, file: string): T[] {
  try {
    const whole = readFileSync(join(folder, file), 'utf8').split('\n').slice(0, -1);
    return whole.map((line) => JSON.parse(line));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
