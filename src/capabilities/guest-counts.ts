/** What all guests of one plugin count together. */
import { DeviceCallCount } from './device-call-count';

export class GuestCounts {
  readonly deviceCalls = new DeviceCallCount();
  #refusals = 0;

  /** Calls that grants refused. */
  get refusals(): number {
    return this.#refusals;
  }

  addRefusals(count: number): void {
    this.#refusals += count;
  }
}
