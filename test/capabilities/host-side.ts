/**
 * What a guest's glue gets to call, called as the glue would: by name, with whatever arguments, blocking this thread until
 * the device thread has answered.
 */
import assert from 'node:assert/strict';
import { newGuestCounts } from '../../src/capabilities/guest-counts';
import { hostImports } from '../../src/capabilities/host-imports';
import { refusalsIn } from '../../src/capabilities/refusal-count';
import { EVENTS } from '../../src/hardware/device-channel';
import type { DeviceThread } from '../../src/hardware/device-thread';
import { NO_GRANTS } from '../../src/host-config/grants-table';
import type { Grants } from '../../src/host-config/host-config';
import type { HostImports } from '../../src/wasm/guest-channel';

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
  readonly #signal: Int32Array;
  readonly #counts = newGuestCounts();

  constructor(devices: DeviceThread, { grants, settings = {}, leds = [], state = new Map() }: Wishes = {}) {
    const connection = devices.connect();
    this.#signal = new Int32Array(connection.signal);
    this.#imports = hostImports(
      {
        plugin: 'my_sensor',
        grants: { ...NO_GRANTS, ...grants },
        leds: { count: LED_COUNT, granted: leds },
        settings,
        state,
        devices: connection,
        ...this.#counts,
      },
      (text) => this.warnings.push(text),
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

  /** Changes with every answer of the device thread, for which every call of a device waits. */
  deviceEvents(): number {
    return Atomics.load(this.#signal, EVENTS);
  }

  /** Calls that were refused until now. */
  get refused(): number {
    return refusalsIn(this.#counts.refusals);
  }

  /** LED writes and other traces since the last time. */
  effects(): ReturnType<HostImports['takeEffects']> {
    return this.#imports.takeEffects();
  }
}
