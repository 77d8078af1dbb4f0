/**
 * A thermal zone of the kernel's test facility (drivers/thermal/testing/command.c), of type `test_tz`: whole milli-°C, set
 * at any time.
 */
import { join } from 'node:path';
import { names, read, write } from './system-files';

const TESTING = '/sys/kernel/debug/thermal-testing';
const ZONES = '/sys/class/thermal';

function zones(): string[] {
  return names(ZONES).filter((name) => name.startsWith('thermal_zone'));
}

export class ThermalZone {
  /** /sys/class/thermal/thermal_zone<n>; its `temp` is in milli-°C. */
  readonly folder: string;
  readonly #id: string;
  #there = true;

  private constructor(id: string, folder: string) {
    this.#id = id;
    this.folder = folder;
  }

  static async add(milliCelsius: number): Promise<ThermalZone> {
    const ids = names(TESTING);
    const before = zones();
    write(join(TESTING, 'command'), 'addtz');
    const template = await appeared('a template', () => names(TESTING).find((name) => !ids.includes(name)));
    write(join(TESTING, template, 'init_temp'), String(milliCelsius));
    const id = template.replace('tz', '');
    write(join(TESTING, 'command'), `tzreg:${id}`);
    const zone = await appeared('a zone', () => zones().find((name) => !before.includes(name)));
    return new ThermalZone(id, join(ZONES, zone));
  }

  set(milliCelsius: number): void {
    write(join(TESTING, `tz${this.#id}`, 'temp'), String(milliCelsius));
  }

  get type(): string {
    return read(join(this.folder, 'type'));
  }

  /** A second call does nothing. */
  remove(): void {
    if (!this.#there) return;
    this.#there = false;
    write(join(TESTING, 'command'), `deltz:${this.#id}`);
  }
}

/** The kernel makes both in a queue of its own, some ms after it was asked. */
async function appeared(what: string, find: () => string | undefined): Promise<string> {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${what} did not appear in ${TESTING} within 2 s`);
}
