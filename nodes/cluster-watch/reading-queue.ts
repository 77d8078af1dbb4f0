/**
 * Readings on their way into the flow: handed on in order, a slice in each turn of Node-RED's loop, so that thousands that
 * come at once, after an outage, do not hold up everything else. A slice holds readings of one node only. Bounded: where the
 * flow falls so far behind, the oldest are left out and counted. `close` forgets what waits; may be called twice.
 */
import type { Reading } from '../../src/readings/reading';

export interface ReadingQueueOptions {
  /** At most so many readings in a slice. */
  readonly sliceSize: number;
  /** At most so many readings wait. */
  readonly maxWaiting?: number;
  hand(readings: readonly Reading[]): void;
  /** Once the queue is empty again: how many were left out since it last was. */
  onDropped(count: number): void;
}

/** Ten nodes with ten sensors that were away for an hour and polled every four seconds; some 30 MB. */
const MAX_WAITING = 100_000;

export class ReadingQueue {
  #slices: (readonly Reading[])[] = [];
  #waiting = 0;
  #dropped = 0;
  #turn: NodeJS.Immediate | undefined;
  #isClosed = false;

  constructor(readonly options: ReadingQueueOptions) {}

  add(readings: readonly Reading[]): void {
    if (this.#isClosed || readings.length === 0) return;
    this.#slices.push(...slicesOf(readings, this.options.sliceSize));
    this.#waiting += readings.length;
    this.#makeRoom();
    this.#turn ??= setImmediate(() => this.#handOn());
  }

  close(): void {
    this.#isClosed = true;
    clearImmediate(this.#turn);
    this.#slices = [];
    this.#waiting = 0;
  }

  #handOn(): void {
    this.#turn = undefined;
    const slice = this.#take();
    // First, so that a flow that fails in it does not hold up the rest.
    if (this.#waiting > 0) this.#turn = setImmediate(() => this.#handOn());
    if (slice !== undefined) this.options.hand(slice);
    if (this.#waiting > 0 || this.#dropped === 0) return;
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.options.onDropped(dropped);
  }

  #makeRoom(): void {
    const { maxWaiting = MAX_WAITING } = this.options;
    while (this.#waiting > maxWaiting) this.#dropped += this.#take()?.length ?? 0;
  }

  #take(): readonly Reading[] | undefined {
    const slice = this.#slices.shift();
    this.#waiting -= slice?.length ?? 0;
    return slice;
  }
}

function slicesOf(readings: readonly Reading[], size: number): (readonly Reading[])[] {
  const slices: Reading[][] = [];
  let slice: Reading[] = [];
  for (const reading of readings) {
    const isFull = slice.length === size || (slice[0] !== undefined && slice[0].node !== reading.node);
    if (isFull || slices.length === 0) {
      slice = [];
      slices.push(slice);
    }
    slice.push(reading);
  }
  return slices;
}
