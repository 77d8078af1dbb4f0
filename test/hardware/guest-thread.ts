/** The test's end of a guest's thread: one question at a time. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { WasiError } from '../../src/errors';
import type { DeviceThread } from '../../src/hardware/device-thread';
import type { DeviceArguments, DeviceMethod } from '../../src/hardware/hardware';
import type { GuestBirth, GuestOrder, GuestReport } from './fixtures/guest-channel';

const ONE_MINUTE_MS = 60_000;

export class GuestThread {
  readonly #worker: Worker;

  constructor(devices: DeviceThread, limitMs = ONE_MINUTE_MS) {
    const birth: GuestBirth = { devices: devices.connect(), limitMs };
    this.#worker = new Worker(join(__dirname, 'fixtures', 'guest.js'), {
      workerData: birth,
      transferList: [birth.devices.port],
    });
  }

  async call<M extends DeviceMethod>(method: M, ...args: DeviceArguments<M>): Promise<unknown> {
    const { value } = await this.order({ request: { call: 0, method, args }, times: 1 });
    return value;
  }

  async order(order: GuestOrder): Promise<{ readonly value: unknown; readonly tookMs: readonly number[] }> {
    this.#worker.postMessage(order);
    const [report]: GuestReport[] = await once(this.#worker, 'message');
    if (report?.kind !== 'value')
      throw report ? WasiError.fromFacts(report.error) : new Error('the guest said nothing');
    return report;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
