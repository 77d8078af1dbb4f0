/** The devices as a guest's thread has them: each call waits for its answer. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { ServedCall } from '../../src/capabilities/served-devices';
import type { HardwareSettings } from '../../src/hardware/hardware';
import type { Grants } from '../../src/host-config/host-config';
import type { DeviceSideAnswer, DeviceSideBirth, DeviceSideOrder } from './fixtures/device-side-channel';

const ANSWER_LIMIT_MS = 30_000;

export class DeviceSide {
  readonly #worker: Worker;
  readonly #channel = new MessageChannel();
  readonly #answered = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  private constructor(settings: HardwareSettings, script: string | undefined) {
    const answered = this.#answered.buffer;
    assert.ok(answered instanceof SharedArrayBuffer);
    const birth: DeviceSideBirth = { settings, answers: this.#channel.port1, answered, script };
    this.#worker = new Worker(join(__dirname, 'fixtures', 'device-side.js'), {
      workerData: birth,
      transferList: [this.#channel.port1],
    });
  }

  /** `script`: of a device thread that misbehaves. */
  static async open(settings: HardwareSettings, script?: string): Promise<DeviceSide> {
    const side = new DeviceSide(settings, script);
    await once(side.#worker, 'message');
    return side;
  }

  /** What serves a guest with these grants. */
  connect(grants: Grants): (method: string, args: readonly unknown[]) => ServedCall {
    const guest = this.#number({ kind: 'connect', grants });
    return (method, args) => {
      const answer = this.#ask({ kind: 'call', guest, method, args });
      assert.ok(answer.kind === 'served');
      return answer.served;
    };
  }

  /** How many calls came to the device thread until now. */
  calls(): number {
    return this.#number({ kind: 'calls' });
  }

  async close(): Promise<void> {
    const ended = once(this.#worker, 'exit');
    this.#order({ kind: 'close' });
    await ended;
  }

  #number(order: DeviceSideOrder): number {
    const answer = this.#ask(order);
    assert.ok(answer.kind === 'number');
    return answer.value;
  }

  #ask(order: DeviceSideOrder): DeviceSideAnswer {
    const before = Atomics.load(this.#answered, 0);
    this.#order(order);
    assert.notEqual(Atomics.wait(this.#answered, 0, before, ANSWER_LIMIT_MS), 'timed-out', order.kind);
    const received: { readonly message: DeviceSideAnswer } | undefined = receiveMessageOnPort(this.#channel.port2);
    assert.ok(received, 'an answer is there when it is told of');
    return received.message;
  }

  #order(order: DeviceSideOrder): void {
    this.#worker.postMessage(order);
  }
}
