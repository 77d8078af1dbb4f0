/** Says when the supply gets too weak, and when it is well again. Looks every 10 s until it is closed. */
import type { Clock } from '../../platform/clock';
import type { Notices } from '../notices';
import { readThrottling } from './supply';

/** The kernel's own driver asks the firmware every 2 s and remembers between two looks (drivers/hwmon/raspberrypi-hwmon.c). */
const LOOK_EVERY_MS = 10_000;

export class SupplyWatch {
  readonly #sysDir: string;
  readonly #notices: Notices;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;

  constructor(sysDir: string, notices: Notices, clock: Clock) {
    this.#sysDir = sysDir;
    this.#notices = notices;
    this.#clock = clock;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const flags = await readThrottling(this.#sysDir);
      // A machine that does not say will not say later.
      if (flags === undefined) return;
      if (flags.underVoltage.now) {
        this.#notices.trouble(
          'supply',
          'the supply voltage is too low (under-voltage): sensors and relays may fail; use a stronger power supply and a short cable',
        );
      } else this.#notices.fine('supply', 'the supply voltage is high enough again');
      try {
        await this.#clock.wait(LOOK_EVERY_MS, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }
}
