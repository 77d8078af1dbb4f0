/**
 * Long work in short pieces: whoever goes through much awaits `pause()` between its pieces, and Node-RED's loop goes round
 * whenever such work has held it for a while. How long a piece takes is up to whoever cuts it: `piecesOf` cuts by number, as
 * what a number costs is known and what a list costs is not.
 */
/** A quarter of the 20 ms that nothing may hold the loop for, as the piece at hand still ends behind it. */
const SLICE_MS = 5;

export interface LoopClock {
  /** ms, never going back. */
  now(): number;
  /** Since when long work, whoever's, has held the loop in this round; from now on, where none has. */
  heldSince(): number;
  /** When the loop has gone round, everything else had its turn, and so had whoever waited before. */
  nextRound(): Promise<unknown>;
}

/**
 * One loop, and all long work in it: what each of many may hold it for would add up, so in one round they have one slice
 * together, and of those that wait one goes on in each round.
 */
export class SharedLoop implements LoopClock {
  readonly #waiting: (() => void)[] = [];
  #heldSince: number | undefined;
  #round: NodeJS.Immediate | undefined;

  constructor(readonly now: () => number = () => performance.now()) {}

  heldSince(): number {
    this.#heldSince ??= this.now();
    this.#awaitRound();
    return this.#heldSince;
  }

  nextRound(): Promise<void> {
    this.#awaitRound();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #awaitRound(): void {
    this.#round ??= setImmediate(() => {
      this.#round = undefined;
      const goesOn = this.#waiting.shift();
      this.#heldSince = goesOn === undefined ? undefined : this.now();
      if (goesOn === undefined) return;
      this.#awaitRound();
      goesOn();
    });
  }
}

/** Node-RED's. */
const LOOP = new SharedLoop();

export class LoopBreaks {
  constructor(readonly clock: LoopClock = LOOP) {
    clock.heldSince();
  }

  async pause(): Promise<void> {
    if (this.clock.now() - this.clock.heldSince() >= SLICE_MS) await this.clock.nextRound();
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

const FIRST_HALF = /[\ud800-\udbff]/;
const SECOND_HALF = /[\udc00-\udfff]/;

/** A long text in pieces of so many characters, or one more where a character takes two: half of one has no UTF-8. */
export function* textPieces(text: string, most = 8_192): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const end = from + most;
    const to = FIRST_HALF.test(text.charAt(end - 1)) && SECOND_HALF.test(text.charAt(end)) ? end + 1 : end;
    yield text.slice(from, to);
    from = to;
  }
}
