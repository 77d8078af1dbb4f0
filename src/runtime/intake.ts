/**
 * What polls brought, on its way to everybody who stores or shows it: one poll after the other in the order in which they
 * were over, each in pieces of so many values, and Node-RED's loop goes round between pieces. A plugin that reads as much as it
 * may, under ever-new names, makes much work everywhere. Bounded by the polls, of which a plugin has two at most.
 */
import { LoopBreaks, type LoopClock, piecesOf } from '../readings/loop-breaks';
import type { Reading } from '../readings/reading';
import { VALUES_AT_ONCE, weightOf } from '../readings/reading-size';

export class Intake {
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;
  #breaks: LoopBreaks;

  constructor(readonly clock?: LoopClock) {
    this.#breaks = new LoopBreaks(clock);
  }

  /** `take` is given each piece, `then` is called behind the last one and before anything of the next poll. */
  run(readings: readonly Reading[], take: (piece: readonly Reading[]) => void, then: () => void): Promise<void> {
    // Since when the loop is held by this work: not since the last poll.
    if (this.#waiting === 0) this.#breaks = new LoopBreaks(this.clock);
    this.#waiting += 1;
    const mine = this.#turn.then(async () => {
      for (const piece of piecesOf(readings, VALUES_AT_ONCE, weightOf)) {
        take(piece);
        await this.#breaks.pause();
      }
      then();
    });
    // One that failed has told its own poll.
    this.#turn = mine
      .catch(() => undefined)
      .finally(() => {
        this.#waiting -= 1;
      });
    return mine;
  }

  /** When all of it until now is taken. */
  async idle(): Promise<void> {
    await this.#turn;
  }
}
