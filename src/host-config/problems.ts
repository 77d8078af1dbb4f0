/**
 * What is wrong or odd in one host.toml, gathered so that one look at the error mends them all. A problem names line,
 * key, what was expected and what was found; the error names the file and puts the problems in the order of their
 * lines, in its message and, for an editor, one by one. Warnings are whole sentences that name the file themselves.
 */
import { WasiError } from '../errors/wasi-error';
import type { KeyLines, KeyPath } from './key-lines';

/** Who has more than these to mend gets the rest in the next round. */
const MAX_LISTED = 10;
/** An editor marks more of them; who has more yet has another program's file, too. */
const MAX_MARKED = 100;
/** More unknown keys than these, and it is some other program's file. */
const MAX_WARNINGS = 50;
const MAX_QUOTED_LENGTH = 60;

/** Lines and columns are counted from 1; what stands in no line of its own is told of the first. */
export interface ConfigProblem {
  readonly line: number;
  readonly column?: number;
  readonly text: string;
}

const CORRECT_FILE = 'Correct it; a configuration that already runs is kept until then.';

export interface ConfigWarning {
  readonly line?: number;
  readonly text: string;
}

/** CONFIG_INVALID with what an editor marks, line by line; empty where the text as a whole cannot be had. */
export class ConfigInvalid extends WasiError {
  constructor(
    message: string,
    readonly problems: readonly ConfigProblem[],
    options?: ErrorOptions,
  ) {
    super('CONFIG_INVALID', message, options);
  }
}

export class Problems {
  readonly #source: string;
  readonly #lines: KeyLines;
  readonly #nextStep: string;
  readonly #problems: ConfigProblem[] = [];
  readonly #warnings: ConfigWarning[] = [];
  #unlisted = 0;

  /** `nextStep`: what to do about it, where the source is no configuration. */
  constructor(source: string, lines: KeyLines, nextStep = CORRECT_FILE) {
    this.#source = source;
    this.#lines = lines;
    this.#nextStep = nextStep;
  }

  wrong(path: KeyPath, expected: string, found: unknown): void {
    this.#problems.push({
      line: this.#lines.lineOf(path) ?? 1,
      text: `${this.#place(path)}: expected ${expected}, found ${quoted(found)}`,
    });
  }

  /** A wrong value that has no effect. */
  warnOfUnused(path: KeyPath, expected: string, found: unknown, because: string): void {
    this.warn(path, () => `expected ${expected}, found ${quoted(found)}; it has no effect, since ${because}`);
  }

  unknown(path: KeyPath, hint: string): void {
    this.#problems.push({ line: this.#lines.lineOf(path) ?? 1, text: `${this.#place(path)}: unknown key; ${hint}` });
  }

  /** `text` is asked for only if the warning is among those that are listed. */
  warn(path: KeyPath, text: () => string): void {
    if (this.#warnings.length === MAX_WARNINGS) {
      this.#unlisted += 1;
      return;
    }
    const line = this.#lines.lineOf(path);
    this.#warnings.push({
      ...(line === undefined ? {} : { line }),
      text: `${this.#source}, ${this.#place(path)}: ${text()}`,
    });
  }

  warnings(): readonly ConfigWarning[] {
    if (this.#unlisted === 0) return [...this.#warnings];
    return [...this.#warnings, { text: `${this.#source}: ${this.#unlisted} more unknown keys were ignored.` }];
  }

  /** Throws CONFIG_INVALID with all of them, if there are any. */
  throwIfAny(): void {
    if (this.#problems.length === 0) return;
    const ordered = [...this.#problems].sort((a, b) => a.line - b.line);
    const unlisted = ordered.length - MAX_LISTED;
    const texts = ordered.slice(0, MAX_LISTED).map(({ text }) => text);
    const listed = texts.join('; ') + (unlisted > 0 ? `; and ${unlisted} more` : '');
    throw configInvalid(`${this.#source}, ${listed}`, {
      problems: ordered.slice(0, MAX_MARKED),
      nextStep: this.#nextStep,
    });
  }

  #place(path: KeyPath): string {
    const line = this.#lines.lineOf(path);
    return line === undefined ? pathText(path) : `line ${line}, ${pathText(path)}`;
  }
}

/** `what` names the file and what is wrong with it; the next step is the same for all files. */
export function configInvalid(
  what: string,
  {
    problems = [],
    cause,
    nextStep = CORRECT_FILE,
  }: { readonly problems?: readonly ConfigProblem[]; readonly cause?: unknown; readonly nextStep?: string } = {},
): ConfigInvalid {
  return new ConfigInvalid(`${what}. ${nextStep}`, problems, cause === undefined ? undefined : { cause });
}

/** As TOML would write it: `plugins."my sensor".leds[1]`. */
function pathText(path: KeyPath): string {
  return path
    .map((part) => {
      if (typeof part === 'number') return `[${part}]`;
      return `.${/^[A-Za-z0-9_-]+$/.test(part) ? part : JSON.stringify(part)}`;
    })
    .join('')
    .replace(/^\./, '');
}

function quoted(found: unknown): string {
  if (typeof found === 'string') {
    return JSON.stringify(found.length > MAX_QUOTED_LENGTH ? `${found.slice(0, MAX_QUOTED_LENGTH)}…` : found);
  }
  if (Array.isArray(found)) return found.length === 0 ? 'an empty list' : `a list of ${found.length}`;
  if (found instanceof Date) return 'a date';
  if (typeof found === 'object' && found !== null) return 'a table';
  return String(found);
}
