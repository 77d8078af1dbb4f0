/**
 * The main thread's ends of all guests' connections to the devices. Through them a guest is led to the device thread that
 * lives now, and told when that is gone. An end is forgotten when its guest's thread ends; none of them keeps the process
 * alive.
 */
import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads';
import {
  type DeviceConnection,
  type DevicePort,
  GENERATION,
  SIGNAL_BYTES,
  signalEvent,
  type ToDeviceThread,
} from './device-channel';

interface GuestEnd {
  readonly supply: MessagePort;
  readonly shared: SharedArrayBuffer;
  /** The same memory, as counters. */
  readonly signal: Int32Array;
}

export class GuestEnds {
  readonly #ends = new Set<GuestEnd>();

  /** `running` is undefined while there is no device thread; the guest is led to the next one. */
  connect(running: Worker | undefined): DeviceConnection {
    const { port1: supply, port2: port } = new MessageChannel();
    const shared = new SharedArrayBuffer(SIGNAL_BYTES);
    const end: GuestEnd = { supply, shared, signal: new Int32Array(shared) };
    this.#ends.add(end);
    supply.on('close', () => this.#ends.delete(end));
    supply.unref();
    if (running) lead(end, running);
    return { port, signal: shared };
  }

  leadTo(worker: Worker): void {
    for (const end of this.#ends) lead(end, worker);
  }

  /** The device thread is gone: guests that wait for it are woken, and no later call waits for it. */
  cutOff(): void {
    for (const { signal } of this.#ends) {
      Atomics.add(signal, GENERATION, 1);
      signalEvent(signal);
    }
  }

  close(): void {
    for (const { supply } of this.#ends) supply.close();
    this.#ends.clear();
  }
}

function lead({ supply, shared, signal }: GuestEnd, worker: Worker): void {
  const { port1: devicesEnd, port2: guestsEnd } = new MessageChannel();
  const toDevices: ToDeviceThread = { kind: 'connect', port: devicesEnd, signal: shared };
  worker.postMessage(toDevices, [devicesEnd]);
  const toGuest: DevicePort = { port: guestsEnd, generation: Atomics.load(signal, GENERATION) };
  supply.postMessage(toGuest, [guestsEnd]);
}
