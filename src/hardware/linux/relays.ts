/**
 * The two relays, buzzer and fan: off at the start, off and released at the end. A beep pattern that fails on its way (the
 * controller was unplugged) is over and says so in the log; the call that started it has long returned.
 */

import type { Clock } from '../../platform/clock';
import { Beeper } from '../beeper';
import type { HardwareSettings } from '../hardware';
import type { Notices } from '../notices';
import type { Kernel } from './kernel';
import { Relay } from './relay';

/** Whom the log is about. */
export const BUZZER = 'the buzzer';

export class Relays {
  readonly fan: Relay;
  readonly beeper: Beeper;
  readonly #buzzer: Relay;

  constructor(
    { buzzerPin, fanPin }: Pick<HardwareSettings, 'buzzerPin' | 'fanPin'>,
    devDir: string,
    kernel: () => Kernel,
    clock: Clock,
    notices: Notices,
  ) {
    this.#buzzer = new Relay({ name: 'buzzer', pin: buzzerPin, devDir, kernel }, clock);
    this.fan = new Relay({ name: 'fan', pin: fanPin, devDir, kernel }, clock);
    this.beeper = new Beeper(
      (on) => this.#buzzer.set(on),
      clock,
      (error) => notices.trouble(BUZZER, `a beep pattern ended early: ${error.message}`),
    );
  }

  buzzerOff(): void {
    this.#buzzer.set(false);
  }

  close(): void {
    this.beeper.end();
    try {
      this.fan.close();
    } finally {
      this.#buzzer.close();
    }
  }
}
