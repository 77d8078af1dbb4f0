/**
 * What a guest prints, as bounded lines of text: split at line ends, cut at a length, counted against an allowance that
 * refills with time. What is over is counted and said, not kept. The last lines are remembered: when a guest traps,
 * they hold its traceback.
 */
export type OutputStreamName = 'stdout' | 'stderr';

/** A traceback's last line is what people need; longer lines are data, not messages. */
const MAX_LINE_LENGTH = 500;
/** A burst as long as a screen … */
const BURST_LINES = 50;
/** … and then what a person can still read. */
const LINES_PER_SECOND = 10;
const REMEMBERED_LINES = 12;
/** What componentize-py's and Rust's panic handlers print around the line that says why. */
const PANIC_NOISE = /^\s*$|^note: run with|^thread '.*panicked at|^Python function threw an unexpected exception$/;

export class OutputLines {
  #partial = { stdout: '', stderr: '' };
  #allowance = BURST_LINES;
  #refilledAt: number;
  #suppressed = 0;
  readonly #remembered: string[] = [];
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };

  constructor(
    readonly emit: (stream: OutputStreamName, line: string) => void,
    /** ms since some moment, never backwards: a clock that is set back would silence a guest for as long. */
    readonly now: () => number = () => performance.now(),
  ) {
    this.#refilledAt = now();
  }

  write(stream: OutputStreamName, bytes: Uint8Array): void {
    const lines = (this.#partial[stream] + this.#decoders[stream].decode(bytes, { stream: true })).split(/\r?\n/);
    this.#partial[stream] = (lines.pop() ?? '').slice(0, MAX_LINE_LENGTH);
    for (const line of lines) this.#line(stream, line);
  }

  /** At the end of a call: passes on what it left without a line end, and says how much was held back. */
  flush(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const rest = this.#partial[stream];
      this.#partial[stream] = '';
      if (rest !== '') this.#line(stream, rest);
    }
    this.#saySuppressed();
  }

  /** The newest line that says something: of a Python traceback the exception, of a Rust panic its message. */
  lastWords(): string | undefined {
    return [...this.#remembered].reverse().find((line) => !PANIC_NOISE.test(line));
  }

  /** Whether the remembered lines hold this word: Python names its exceptions there. */
  mentioned(word: string): boolean {
    return this.#remembered.some((line) => line.includes(word));
  }

  #line(stream: OutputStreamName, line: string): void {
    const text = line.length > MAX_LINE_LENGTH ? `${line.slice(0, MAX_LINE_LENGTH)}…` : line;
    if (stream === 'stderr') {
      this.#remembered.push(text);
      if (this.#remembered.length > REMEMBERED_LINES) this.#remembered.shift();
    }
    this.#refill();
    if (this.#allowance < 1) {
      this.#suppressed += 1;
      return;
    }
    this.#saySuppressed();
    this.#allowance -= 1;
    this.emit(stream, text);
  }

  #saySuppressed(): void {
    if (this.#suppressed > 0)
      this.emit(
        'stderr',
        `(${this.#suppressed} lines before this one were not shown: at most ${BURST_LINES} at once and ${LINES_PER_SECOND} a second are, a fixed limit)`,
      );
    this.#suppressed = 0;
  }

  #refill(): void {
    const now = this.now();
    this.#allowance = Math.min(BURST_LINES, this.#allowance + ((now - this.#refilledAt) / 1_000) * LINES_PER_SECOND);
    this.#refilledAt = now;
  }
}
