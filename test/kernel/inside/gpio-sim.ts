/**
 * A GPIO chip of the kernel's own simulator (Documentation/admin-guide/gpio/gpio-sim.rst), of any label and number of
 * lines, made and taken away at any time. Its lines are seen here as the world outside sees them.
 */
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { read, write } from './system-files';

const CONFIG = '/sys/kernel/config/gpio-sim';
const DEVICES = '/sys/devices/platform';

let made = 0;

export class GpioSim {
  /** `gpiochip2`; its character device is /dev/gpiochip2. */
  readonly chip: string;
  readonly #folder: string;
  readonly #lines: string;
  #plugged = true;

  /** Label of the Pi's own chip: pinctrl-bcm2835, pinctrl-bcm2711 (54 lines and 58), pinctrl-rp1 (54). */
  constructor(label: string, lines: number) {
    made += 1;
    this.#folder = join(CONFIG, `chip${made}`);
    const bank = join(this.#folder, 'bank0');
    mkdirSync(this.#folder);
    mkdirSync(bank);
    write(join(bank, 'label'), label);
    write(join(bank, 'num_lines'), String(lines));
    write(join(this.#folder, 'live'), '1');
    this.chip = read(join(bank, 'chip_name'));
    this.#lines = join(DEVICES, read(join(this.#folder, 'dev_name')), this.chip);
  }

  get path(): string {
    return `/dev/${this.chip}`;
  }

  /** What the line's wire carries: what is driven, or the pull. */
  level(line: number): 0 | 1 {
    return read(join(this.#lines, `sim_gpio${line}`, 'value')) === '1' ? 1 : 0;
  }

  /** What the world does to an input: a button pressed to ground is `down`. The kernel reports an edge. */
  pull(line: number, to: 'up' | 'down'): void {
    write(join(this.#lines, `sim_gpio${line}`, 'pull'), `pull-${to}`);
  }

  /** The chip is gone, whoever has it open; a second call does nothing. */
  unplug(): void {
    if (!this.#plugged) return;
    this.#plugged = false;
    write(join(this.#folder, 'live'), '0');
    rmdirSync(join(this.#folder, 'bank0'));
    rmdirSync(this.#folder);
  }
}
