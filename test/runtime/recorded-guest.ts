/**
 * A component as a runtime starts it, on simulated devices in this thread: what arrives at them is written down, byte by
 * byte, and answered by the simulated ones.
 */
import { dirname, join } from 'node:path';
import { GuestCounts } from '../../src/capabilities/guest-counts';
import { ComponentLoader } from '../../src/component-store/component-loader';
import type { DeviceCaller } from '../../src/hardware/device-thread';
import type { Hardware } from '../../src/hardware/hardware';
import { SimulatedHardware } from '../../src/hardware/simulated/simulated-hardware';
import { parseHostConfig } from '../../src/host-config/parse-host-config';
import { pluginConfig } from '../../src/host-config/plugin-tables';
import { PluginFiles } from '../../src/plugin-host/plugin-files';
import { type RunningGuest, startGuest } from '../../src/plugin-host/running-guest';
import { StateFiles } from '../../src/plugin-host/state-files';
import { leaseGuestProcesses } from '../../src/runtime/shared-guest-processes';
import { settingsWith } from '../hardware/settings';
import { scratchFolder } from '../wasm/components';
import { PREPARED } from '../wasm/prepared-guests';
import { GENEROUS_LIMITS, type Lifetime } from './test-runtime';

/** One transfer: bus and address, what was written in hexadecimal digits, and how many bytes were to be read. */
export type Transfer = readonly [bus: number, address: number, written: string, readLength: number];

class RecordedHardware extends SimulatedHardware {
  readonly transfers: Transfer[] = [];

  override async i2cTransfer(bus: number, address: number, write: Uint8Array, readLength: number): Promise<Uint8Array> {
    this.transfers.push([bus, address, Buffer.from(write).toString('hex'), readLength]);
    return super.i2cTransfer(bus, address, write, readLength);
  }
}

export class RecordedGuest {
  readonly #hardware: RecordedHardware;
  readonly #guest: RunningGuest;

  private constructor(hardware: RecordedHardware, guest: RunningGuest) {
    this.#hardware = hardware;
    this.#guest = guest;
  }

  static async start(
    test: Lifetime & { after(end: () => void): void },
    file: string,
    toml: string,
  ): Promise<RecordedGuest> {
    const name = 'recorded';
    const hardware = new RecordedHardware(settingsWith());
    const folder = scratchFolder(test);
    const loader = new ComponentLoader({ storeDir: PREPARED, bundledDir: folder });
    const processes = await leaseGuestProcesses([PREPARED, folder], join(folder, 'empty'), () => undefined);
    const ends: (() => unknown)[] = [() => processes.release(), () => loader.close(), () => hardware.close()];
    test.after(async () => {
      for (const end of ends) await end();
    });
    const config = pluginConfig(parseHostConfig(`${toml}${GENEROUS_LIMITS}`, 'test', { hostName: 'test' }), name);
    const located = await new PluginFiles(dirname(file), new Map()).locate(fileName(file));
    if (!located) throw new Error(`${file} is not built`);
    const guest = await startGuest(
      config,
      located,
      {
        loader,
        processes: processes.processes,
        stateFiles: new StateFiles(join(folder, 'state'), () => undefined),
        ledCount: () => 0,
        connectDevices: () => callerOf(hardware),
        onOutput: () => undefined,
        onWarning: () => undefined,
      },
      { signal: new AbortController().signal, counts: new GuestCounts() },
    );
    if (guest === 'unchanged') throw new Error('unreachable: no guest runs yet');
    ends.unshift(() => guest.close());
    return new RecordedGuest(hardware, guest);
  }

  /** What its logic's one function does to the devices. */
  async call(...args: readonly unknown[]): Promise<readonly Transfer[]> {
    const { role } = this.#guest;
    const before = this.#hardware.transfers.length;
    await this.#guest.call(role.instance, role.func, args);
    return this.#hardware.transfers.slice(before);
  }
}

function callerOf(hardware: Hardware): DeviceCaller {
  const call: DeviceCaller['call'] = async (method, args) => Reflect.apply(hardware[method], hardware, args);
  return {
    call,
    read: (methods) =>
      Promise.all(methods.map(async (method) => ({ kind: 'result', value: await call(method, []) }) as const)),
  };
}

function fileName(file: string): string {
  return file.slice(dirname(file).length + 1).replace(/\.wasm$/, '');
}
