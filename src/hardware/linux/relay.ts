/**
 * A relay that pulls when its line is low (active low). Its line is requested at the start, which turns the relay off,
 * and again at a later call when that failed or when the controller was gone meanwhile. Every method but `close` throws
 * HARDWARE_MISSING, HARDWARE_PERMISSION or HARDWARE_IO.
 */

import { WasiError } from '../../errors/wasi-error';
import type { Clock } from '../../platform/clock';
import { errnoOf } from '../../platform/errno';
import { deviceError } from './device-errors';
import { type OutputLine, requestOutput } from './gpio-chip';
import type { Kernel } from './kernel';
import { OpeningRest } from './opening-rest';

export interface RelayPlace {
  /** "fan", as its table in host.toml is called. */
  readonly name: string;
  /** BCM number. */
  readonly pin: number;
  readonly devDir: string;
  readonly kernel: () => Kernel;
}

export class Relay {
  readonly #place: RelayPlace;
  readonly #rest: OpeningRest;
  #line: OutputLine | undefined;
  #closed = false;

  constructor(place: RelayPlace, clock: Clock) {
    this.#place = place;
    this.#rest = new OpeningRest(clock);
  }

  set(on: boolean): void {
    this.#use((line) => line.set(on));
  }

  /** What the line really is, not what was last asked for. */
  isOn(): boolean {
    return this.#use((line) => line.isActive());
  }

  /** Off, and the line released. */
  close(): void {
    this.#closed = true;
    const line = this.#line;
    this.#line = undefined;
    if (!line) return;
    try {
      line.set(false);
    } catch (error) {
      // The controller is gone, and the line with it.
      if (errnoOf(error) !== 'ENODEV') throw error;
    } finally {
      line.close();
    }
  }

  #use<T>(work: (line: OutputLine) => T): T {
    const { name, pin } = this.#place;
    const line = this.#open();
    try {
      return work(line);
    } catch (error) {
      this.#line = undefined;
      line.close();
      throw deviceError(error, {
        what: `the line of the ${name} (GPIO ${pin})`,
        path: this.#place.devDir,
        group: 'gpio',
        enable: 'its controller was unplugged or its driver was removed; it is used again when it comes back',
      });
    }
  }

  #open(): OutputLine {
    if (this.#closed)
      throw new WasiError('RUNTIME_CLOSED', `the ${this.#place.name} was closed; deploy the flow again`);
    if (this.#line) return this.#line;
    this.#rest.assertRested();
    const { name, pin, devDir, kernel } = this.#place;
    try {
      this.#line = requestOutput(kernel(), devDir, pin, name);
    } catch (error) {
      const failure = deviceError(error, {
        what: `the ${name} (GPIO ${pin})`,
        path: devDir,
        group: 'gpio',
        enable: 'this machine has no GPIO controller of a Raspberry Pi',
      });
      throw this.#rest.failed(failure);
    }
    return this.#line;
  }
}
