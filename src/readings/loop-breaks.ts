/**
 * Long work in short pieces: whoever goes through much awaits `pause()` between its pieces, and Node-RED's loop goes round
 * whenever such work has held it for a while. How long a piece takes is up to whoever cuts it: `piecesOf` cuts by number, as
 * what a number costs is known and what a list costs is not.
 */
import { setImmediate as nextRound } from 'node:timers/promises';

/** A quarter of the 20 ms that nothing may hold the loop for, as the piece at hand still ends behind it. */
const SLICE_MS = 5;

const FIRST_HALF = /[\ud800-\udbff]/;
const SECOND_HALF = /[\udc00-\udfff]/;

export interface LoopClock {
  /** ms, never going back. */
  now(): number;
  /** When the loop has gone round, and everything else had its turn. */
  nextRound(): Promise<unknown>;
}

const LOOP: LoopClock = { now: () => performance.now(), nextRound: () => nextRound() };

export class LoopBreaks {
  readonly #clock: LoopClock;
  #since: number;

  constructor(clock = LOOP) {
    this.#clock = clock;
    this.#since = clock.now();
  }

  async pause(): Promise<void> {
    if (this.#clock.now() - this.#since < SLICE_MS) return;
    await this.#clock.nextRound();
    this.#since = this.#clock.now();
  }
}

/** In their order, cut so that each piece weighs at most `most`; what weighs more by itself is a piece of its own. */
export function* piecesOf<T>(items: Iterable<T>, most: number, weightOf: (item: T) => number): Generator<readonly T[]> {
  let piece: T[] = [];
  let weight = 0;
  for (const item of items) {
    const more = weightOf(item);
    if (piece.length > 0 && weight + more > most) {
      yield piece;
      piece = [];
      weight = 0;
    }
    piece.push(item);
    weight += more;
  }
  if (piece.length > 0) yield piece;
}

/** A text that is made piece by piece; empty pieces are breaks and nothing else. */
export async function textOf(pieces: Iterable<string>, clock?: LoopClock): Promise<string> {
  const breaks = new LoopBreaks(clock);
  let text = '';
  for (const piece of pieces) {
    text += piece;
    await breaks.pause();
  }
  return text;
}

/** The same as bytes of UTF-8. */
export async function bytesOf(pieces: Iterable<string>, clock?: LoopClock): Promise<Buffer> {
  const breaks = new LoopBreaks(clock);
  const bytes: Buffer[] = [];
  for (const piece of pieces) {
    bytes.push(Buffer.from(piece));
    await breaks.pause();
  }
  return Buffer.concat(bytes);
}

/** A long text in pieces of so many characters, or one more where a character takes two: half of one has no UTF-8. */
export function* textPieces(text: string, most = 8_192): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const end = from + most;
    const to = FIRST_HALF.test(text.charAt(end - 1)) && SECOND_HALF.test(text.charAt(end)) ? end + 1 : end;
    yield text.slice(from, to);
    from = to;
  }
}
