/**
 * What a guest prints, as bounded lines of text: split at line ends, cut at a length, counted against an allowance that
 * refills with time. What is over is counted and said, not kept. The last lines of stderr are remembered: when a guest
 * traps, they hold its traceback.
 */
import { TokenBucket } from '../../platform/token-bucket';
import { ownCopy } from '../own-copy';

export type OutputStreamName = 'stdout' | 'stderr';

/** Shown of a line. A traceback's last line is what people need; longer lines are data, not messages. */
const MAX_LINE_LENGTH = 500;
/** Remembered of a longer line's end: a panic prints a value, however long, and behind it what is wrong with it. */
const KEPT_TAIL_LENGTH = 400;
/** Looked at together, of one write. */
const PIECE_BYTES = 16_384;
/** A burst as long as a screen … */
const BURST_LINES = 50;
/** … and then what a person can still read. */
const LINES_PER_SECOND = 10;
/** Go prints why it panics first, and a trace of up to a hundred calls behind it. */
const REMEMBERED_LINES = 256;

export class OutputLines {
  #partial = { stdout: '', stderr: '' };
  readonly #allowance: TokenBucket;
  #suppressed = 0;
  readonly #remembered: string[] = [];
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };

  constructor(
    readonly emit: (stream: OutputStreamName, line: string) => void,
    /** ms since some moment, never backwards: a clock that is set back would silence a guest for as long. */
    now: () => number = () => performance.now(),
  ) {
    this.#allowance = new TokenBucket(BURST_LINES, LINES_PER_SECOND, now);
  }

  write(stream: OutputStreamName, bytes: Uint8Array): void {
    // Megabytes of line ends at once would be an array of as many lines.
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) this.#write(stream, bytes.subarray(at, at + PIECE_BYTES));
  }

  #write(stream: OutputStreamName, bytes: Uint8Array): void {
    const lines = (this.#partial[stream] + this.#decoders[stream].decode(bytes, { stream: true })).split(/\r?\n/);
    this.#partial[stream] = ownCopy(kept(lines.pop() ?? ''));
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

  /** The newest lines of stderr since `forget`, oldest first. */
  recent(): readonly string[] {
    return this.#remembered;
  }

  /** Before each call: what was said in an earlier one explains nothing. */
  forget(): void {
    this.#remembered.length = 0;
  }

  #line(stream: OutputStreamName, line: string): void {
    const text = line.length > MAX_LINE_LENGTH ? `${line.slice(0, MAX_LINE_LENGTH)}…` : line;
    if (stream === 'stderr') {
      this.#remembered.push(ownCopy(kept(line)));
      if (this.#remembered.length > REMEMBERED_LINES) this.#remembered.shift();
    }
    if (!this.#allowance.take()) {
      this.#suppressed += 1;
      return;
    }
    this.#saySuppressed();
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
}

/** A line, or its beginning and its end. The beginning stays what it was when more is added. */
function kept(line: string): string {
  if (line.length <= MAX_LINE_LENGTH + 1 + KEPT_TAIL_LENGTH) return line;
  return `${line.slice(0, MAX_LINE_LENGTH)}…${line.slice(-KEPT_TAIL_LENGTH)}`;
}
