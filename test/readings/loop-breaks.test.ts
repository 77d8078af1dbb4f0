import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  bytesOf,
  LoopBreaks,
  type LoopClock,
  piecesOf,
  SharedLoop,
  textOf,
  textPieces,
} from '../../src/readings/loop-breaks';

/** A clock that each piece of work moves on, and that counts how often the loop went round. */
class WorkClock implements LoopClock {
  #now = 0;
  #busySince = 0;
  rounds = 0;
  /** The longest that the loop was held without going round. */
  longestMs = 0;

  readonly now = (): number => this.#now;

  heldSince(): number {
    return this.#busySince;
  }

  work(ms: number): void {
    this.#now += ms;
    this.longestMs = Math.max(this.longestMs, this.#now - this.#busySince);
  }

  async nextRound(): Promise<void> {
    this.rounds += 1;
    // Others had the loop meanwhile, for as long as they liked.
    this.#now += 50;
    this.#busySince = this.#now;
  }
}

describe('long work', () => {
  it('lets the loop go round as soon as it has held it for 5 ms, and not before', async () => {
    const clock = new WorkClock();
    const breaks = new LoopBreaks(clock);
    for (let piece = 0; piece < 12; piece += 1) {
      clock.work(2);
      await breaks.pause();
    }
    assert.equal(clock.rounds, 4);
    assert.equal(clock.longestMs, 6);
  });

  it('of short pieces is not interrupted', async () => {
    const clock = new WorkClock();
    const breaks = new LoopBreaks(clock);
    for (let piece = 0; piece < 4; piece += 1) {
      clock.work(1);
      await breaks.pause();
    }
    assert.equal(clock.rounds, 0);
  });
});

describe('much long work at once', () => {
  const PIECE_MS = 2;
  const PIECES = 30;

  /** The longest that one round was held, by so much work at once, and in which order pieces came. */
  async function heldBy(works: number): Promise<{ readonly longestMs: number; readonly pieces: readonly number[] }> {
    let now = 0;
    let roundBegan = 0;
    let longestMs = 0;
    const pieces: number[] = [];
    const loop = new SharedLoop(() => now);
    let watch: NodeJS.Immediate | undefined;
    const round = () => {
      longestMs = Math.max(longestMs, now - roundBegan);
      roundBegan = now;
      watch = setImmediate(round);
    };
    round();
    const work = async (name: number) => {
      const breaks = new LoopBreaks(loop);
      for (let piece = 0; piece < PIECES; piece += 1) {
        now += PIECE_MS;
        pieces.push(name);
        await breaks.pause();
      }
    };
    await Promise.all(Array.from({ length: works }, (_, name) => work(name)));
    clearImmediate(watch);
    return { longestMs, pieces };
  }

  it('holds a round no longer than one does, but for the first pieces of those that begin in one', async () => {
    const one = await heldBy(1);
    const many = await heldBy(8);
    assert.equal(one.longestMs, 6);
    // The first two looked at the time when there was some left.
    assert.ok(many.longestMs <= (8 + 2) * PIECE_MS, `${many.longestMs} ms`);
    assert.equal(many.pieces.length, 8 * PIECES);
  });

  it('goes on in turn', async () => {
    const { pieces } = await heldBy(4);
    const behind = pieces.slice(4);
    const turns = behind.filter((name, at) => name !== behind[at - 1]);
    assert.deepEqual(turns.slice(0, 8), [0, 1, 2, 3, 0, 1, 2, 3]);
  });
});

describe('a text that is made in pieces', () => {
  it('is all of them in their order, with the loop going round between them, for empty ones too', async () => {
    const clock = new WorkClock();
    function* pieces(): Generator<string> {
      for (const piece of ['a', '', 'b', '', 'c']) {
        clock.work(5);
        yield piece;
      }
    }
    assert.equal(await textOf(pieces(), clock), 'abc');
    assert.equal(clock.rounds, 5);
    assert.equal(clock.longestMs, 5);
  });
});

describe('pieces of a text', () => {
  for (const [what, text] of [
    ['of plain characters', 'abcdefgh'],
    ['of characters that take two', '\u{1F525}'.repeat(9)],
    ['of both', `a${'\u{1F525}b'.repeat(9)}`],
    ['of halves of characters', '\ud83d\ud83d\ud83d\udd25\udd25'],
    ['of nothing', ''],
  ] as const) {
    for (const most of [1, 2, 3, 100]) {
      it(`${what} are all of it, at most ${most} long or one more, and the same bytes`, async () => {
        const pieces = [...textPieces(text, most)];
        for (const { length } of pieces) assert.ok(length > 0 && length <= most + 1);
        assert.equal(pieces.join(''), text);
        assert.deepEqual(await bytesOf(pieces), Buffer.from(text));
      });
    }
  }
});

describe('pieces of a list', () => {
  const pieces = (weights: readonly number[], most: number) => [...piecesOf(weights, most, (weight) => weight)];

  it('hold all of it in its order, none more than allowed', () => {
    assert.deepEqual(pieces([1, 2, 3, 1, 1, 4], 4), [[1, 2], [3, 1], [1], [4]]);
  });

  it('are one for each that is too heavy by itself, and none of nothing', () => {
    assert.deepEqual(pieces([9, 1, 9], 4), [[9], [1], [9]]);
    assert.deepEqual(pieces([], 4), []);
  });
});
