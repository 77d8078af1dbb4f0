import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LoopClock } from '../../src/readings/loop-breaks';
import type { Reading } from '../../src/readings/reading';
import { Intake } from '../../src/runtime/intake';
import { readingOf } from '../readings/reading-of';

/** Each piece that is taken holds the loop for 4 ms. */
class PieceClock implements LoopClock {
  #now = 0;
  #roundBegan = 0;
  piecesThisRound = 0;
  mostInOneRound = 0;

  readonly now = (): number => this.#now;

  take(): void {
    this.#now += 4;
    this.piecesThisRound += 1;
    this.mostInOneRound = Math.max(this.mostInOneRound, this.piecesThisRound);
  }

  heldSince(): number {
    return this.#roundBegan;
  }

  async nextRound(): Promise<void> {
    this.#roundBegan = this.#now;
    this.piecesThisRound = 0;
  }
}

function poll(name: string, sensors: number): Reading[] {
  const values = Object.fromEntries(Array.from({ length: 64 }, (_, at) => [`f${at}`, at]));
  return Array.from({ length: sensors }, (_, at) => readingOf({ plugin: name, sensorId: `${at}`, values }));
}

describe('what polls brought', () => {
  it('is taken in the order of the polls, two pieces of 4 ms at most before the loop goes round', async () => {
    const clock = new PieceClock();
    const intake = new Intake(clock);
    const taken: string[] = [];
    const run = (name: string, sensors: number) =>
      intake.run(
        poll(name, sensors),
        (piece) => {
          clock.take();
          taken.push(...piece.map(({ plugin, sensorId }) => `${plugin} ${sensorId}`));
        },
        () => taken.push(`${name} over`),
      );
    await Promise.all([run('a', 16), run('b', 0), run('c', 3)]);
    const expected = Array.from({ length: 16 }, (_, at) => `a ${at}`);
    assert.deepEqual(taken, [...expected, 'a over', 'b over', 'c 0', 'c 1', 'c 2', 'c over']);
    assert.equal(clock.mostInOneRound, 2);
  });

  it('goes on with the next poll where taking one failed, which is told to that poll alone', async () => {
    const intake = new Intake();
    const bug = new Error('bug');
    const taken: string[] = [];
    const failing = intake.run(
      poll('a', 1),
      () => assert.fail(bug),
      () => taken.push('a'),
    );
    const next = intake.run(
      poll('b', 1),
      () => taken.push('b'),
      () => undefined,
    );
    await assert.rejects(failing, bug);
    await next;
    await intake.idle();
    assert.deepEqual(taken, ['b']);
  });
});
