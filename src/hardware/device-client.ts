/**
 * The devices as a guest's thread sees them: a call blocks until the device thread answered, which no other thread
 * notices. Bounded in time; an answer that comes too late is thrown away when the next call looks for its own. Must not
 * be used in Node-RED's thread, which may never block: `device-thread.ts` is for that.
 *
 * Throws what the backend rejects with, and HARDWARE_IO when it does not answer or its thread is gone.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { WasiError } from '../errors';
import {
  callLimitMs,
  type DeviceAnswer,
  type DeviceConnection,
  type DevicePort,
  type DeviceRequest,
  EVENTS,
  GENERATION,
  lateText,
  THREAD_ENDED_TEXT,
} from './device-channel';
import type { DeviceArguments, DeviceMethod, DeviceResult } from './hardware';

export class DeviceClient {
  readonly #supply: MessagePort;
  readonly #signal: Int32Array;
  readonly #limitMs: (request: DeviceRequest) => number;
  #line: DevicePort | undefined;
  #calls = 0;

  constructor(connection: DeviceConnection, limitMs = callLimitMs) {
    this.#supply = connection.port;
    this.#signal = new Int32Array(connection.signal);
    this.#limitMs = limitMs;
  }

  call<M extends DeviceMethod>(method: M, ...args: DeviceArguments<M>): DeviceResult<M> {
    const line = this.#currentLine();
    const request: DeviceRequest<M> = { call: ++this.#calls, method, args };
    line.port.postMessage(request);
    const answer = this.#awaitAnswer(line, request);
    switch (answer.kind) {
      case 'result':
        return answer.value;
      case 'failed':
        throw WasiError.fromFacts(answer.error);
    }
  }

  #currentLine(): DevicePort {
    for (let supplied = receiveMessageOnPort(this.#supply); supplied; supplied = receiveMessageOnPort(this.#supply)) {
      const line: DevicePort = supplied.message;
      this.#line?.port.close();
      this.#line = line;
    }
    if (!this.#line || this.#line.generation !== Atomics.load(this.#signal, GENERATION)) {
      throw new WasiError('HARDWARE_IO', THREAD_ENDED_TEXT);
    }
    return this.#line;
  }

  #awaitAnswer<M extends DeviceMethod>(line: DevicePort, request: DeviceRequest<M>): DeviceAnswer<M> {
    const limitMs = this.#limitMs(request);
    const startedAt = performance.now();
    for (;;) {
      const events = Atomics.load(this.#signal, EVENTS);
      const answer = this.#receivedAnswer<M>(line, request.call);
      if (answer) return answer;
      if (line.generation !== Atomics.load(this.#signal, GENERATION))
        throw new WasiError('HARDWARE_IO', THREAD_ENDED_TEXT);
      const leftMs = limitMs - (performance.now() - startedAt);
      if (leftMs <= 0) throw new WasiError('HARDWARE_IO', lateText(request.method, limitMs));
      Atomics.wait(this.#signal, EVENTS, events, leftMs);
    }
  }

  #receivedAnswer<M extends DeviceMethod>(line: DevicePort, call: number): DeviceAnswer<M> | undefined {
    for (let received = receiveMessageOnPort(line.port); received; received = receiveMessageOnPort(line.port)) {
      const answer: DeviceAnswer<M> = received.message;
      if (answer.call === call) return answer;
    }
    return undefined;
  }
}
