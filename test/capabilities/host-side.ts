/**
 * What a guest's glue gets to call, called as the glue would: by name, with whatever arguments, blocking this thread until
 * the device thread has answered. Node-RED's process checks each call of a device again; it must forbid none of these.
 */
import assert from 'node:assert/strict';
import type { SentTraces } from '../../src/capabilities/guest-imports-data';
import { hostImports } from '../../src/capabilities/host-imports';
import { WasiError } from '../../src/errors/wasi-error';
import { NO_GRANTS } from '../../src/host-config/grants-table';
import type { Grants } from '../../src/host-config/host-config';
import type { HostImports } from '../../src/wasm/guest-imports';
import type { DeviceSide } from './device-side';

export interface Wishes {
  readonly grants?: Partial<Grants>;
  readonly settings?: Readonly<Record<string, string>>;
  readonly leds?: readonly number[];
  readonly state?: ReadonlyMap<string, Uint8Array>;
}

export const LED_COUNT = 5;

export class HostSide {
  readonly warnings: string[] = [];
  readonly #imports: HostImports;
  #refused = 0;

  constructor(devices: DeviceSide, { grants, settings = {}, leds = [], state = new Map() }: Wishes = {}) {
    const granted = { ...NO_GRANTS, ...grants };
    const call = devices.connect(granted);
    this.#imports = hostImports(
      {
        plugin: 'my_sensor',
        grants: granted,
        leds: { count: LED_COUNT, granted: leds },
        settings: Object.entries(settings),
        state: [...state],
      },
      {
        warn: (text) => this.warnings.push(text),
        refused: (count) => {
          this.#refused += count;
        },
        callDevice(method, args) {
          const served = call(method, args);
          // Where Node-RED's process forbids what these interfaces ask for, it ends the guest.
          if (served === 'forbidden') throw new assert.AssertionError({ message: `${method} was forbidden` });
          if (served.kind === 'failed') throw WasiError.fromFacts(served.error);
          return served.value;
        },
      },
    );
  }

  /** `edge:plugin/i2c transfer` and its arguments. */
  call(name: string, ...args: readonly unknown[]): unknown {
    const [iface = '', func = ''] = name.split(' ');
    const found: unknown = Reflect.get(this.#imports.interfaces[iface] ?? {}, func);
    assert.ok(typeof found === 'function', `${name} is a function`);
    return Reflect.apply(found, undefined, args);
  }

  /** What the glue would return as the error side of the `result`; fails for a call that succeeds or that would trap. */
  failure(name: string, ...args: readonly unknown[]): unknown {
    try {
      this.call(name, ...args);
    } catch (error) {
      assert.ok(error instanceof Error && 'payload' in error, String(error));
      return error.payload;
    }
    return assert.fail(`${name} did not fail`);
  }

  /** Calls that were refused until now. */
  get refused(): number {
    this.#refused += this.traces()?.refusedCalls ?? 0;
    return this.#refused;
  }

  /** What is not of LEDs, since the last time. */
  traces(): SentTraces | undefined {
    return this.effects().always as SentTraces | undefined;
  }

  /** LED writes and other traces since the last time. */
  effects(): ReturnType<HostImports['takeEffects']> {
    return this.#imports.takeEffects();
  }
}
