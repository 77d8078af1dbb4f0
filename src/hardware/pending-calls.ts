/**
 * Calls of the runtime that the device thread has not answered yet. Each ends once: with its answer, at its limit, or with
 * the thread. An answer nobody waits for any more is dropped.
 */
import { WasiError } from '../errors/wasi-error';
import { type DeviceAnswer, type DeviceRequest, lateText } from './device-channel';
import type { DeviceArguments, DeviceMethod, DeviceResult } from './hardware';

interface Pending {
  answer(answer: DeviceAnswer): void;
  fail(error: WasiError): void;
}

export class PendingCalls {
  readonly #pending = new Map<number, Pending>();
  #calls = 0;

  constructor(readonly limitMs: (request: DeviceRequest) => number) {}

  /** `send` posts the request; a call it throws for is not kept. */
  start<M extends DeviceMethod>(
    send: (request: DeviceRequest<M>) => void,
    method: M,
    args: DeviceArguments<M>,
    guest?: number,
  ): Promise<DeviceResult<M>> {
    const request: DeviceRequest<M> = { call: ++this.#calls, method, args, ...(guest === undefined ? {} : { guest }) };
    send(request);
    return new Promise((resolve, reject) => {
      const limit = this.limitMs(request);
      const late = setTimeout(
        () => this.#take(request.call)?.fail(new WasiError('HARDWARE_IO', lateText(method, limit))),
        limit,
      );
      this.#pending.set(request.call, {
        answer: (answer: DeviceAnswer<M>) => {
          clearTimeout(late);
          if (answer.kind === 'result') resolve(answer.value);
          else reject(WasiError.fromFacts(answer.error));
        },
        fail: (error) => {
          clearTimeout(late);
          reject(error);
        },
      });
    });
  }

  settle(answer: DeviceAnswer): void {
    this.#take(answer.call)?.answer(answer);
  }

  failAll(error: WasiError): void {
    for (const call of [...this.#pending.keys()]) this.#take(call)?.fail(error);
  }

  #take(call: number): Pending | undefined {
    const pending = this.#pending.get(call);
    this.#pending.delete(call);
    return pending;
  }
}
