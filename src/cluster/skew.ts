/**
 * How far another node's clock is ahead of this one's, from when it says that it sent something and when that arrived: the
 * way takes some ms, or seconds where it was tried again, so that the message which seems to have come fastest says most.
 *
 * Either clock may be set. The own one has been where it and the time that only goes forward no longer agree: what was found
 * before is forgotten. The other one, set forward, is believed at once. Set back, its messages look like late ones: it is
 * believed where two in a row are far later than any way takes, by the same, some time apart. Messages that were held up, and
 * come all at once, are each less late than the one before.
 */
import type { Clock } from '../platform/clock';

interface Sample {
  readonly ms: number;
  /** Of the wall clock over the monotonic one, then. */
  readonly offset: number;
}

/** Over the last ones. */
const SAMPLES = 16;
/**
 * More than the way can take of a message that is told live: it is sent within some 15 s of its time or made anew
 * (endpoints.ts, publisher.ts), and a watch that is more than 6 s behind is left (follower.ts).
 */
const STEP_MS = 60_000;
/** What NTP, and the way, make of clocks that go alike. */
const ALIKE_MS = 1_000;
const APART_MS = 1_000;

export class Skew {
  #samples: Sample[] = [];
  /** The first of some that are far later than any before. */
  #late: { readonly ms: number; readonly at: number } | undefined;

  constructor(readonly clock: Clock) {}

  /** It arrives now. */
  add(sentAt: number): void {
    const ms = sentAt - this.clock.now();
    if (this.#isSetBack(ms)) this.#samples = [];
    this.#samples.push({ ms, offset: offsetOf(this.clock) });
    if (this.#samples.length > SAMPLES) this.#samples.shift();
  }

  /** ms; positive where the other clock is ahead; undefined where nothing was received live. Some 10 ms are the way. */
  get ms(): number | undefined {
    const offset = offsetOf(this.clock);
    const valid = this.#samples.filter((sample) => Math.abs(sample.offset - offset) <= ALIKE_MS);
    return valid.length === 0 ? undefined : Math.max(...valid.map(({ ms }) => ms));
  }

  #isSetBack(ms: number): boolean {
    const known = this.ms;
    const at = this.clock.monotonic();
    if (known === undefined || known - ms <= STEP_MS) this.#late = undefined;
    else if (this.#late === undefined || Math.abs(this.#late.ms - ms) > ALIKE_MS) this.#late = { ms, at };
    else return at - this.#late.at >= APART_MS;
    return false;
  }
}

/** Constant until the machine's clock is set, or the machine sleeps. */
export function offsetOf(clock: Clock): number {
  return clock.now() - clock.monotonic();
}
