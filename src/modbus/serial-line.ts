/**
 * A serial port as bytes in and out, through the optional package `serialport`; without it, or without a port, there is
 * no RTU and HARDWARE_MISSING says what to do. Other failures are MODBUS_FAILED and HARDWARE_PERMISSION. Characters have
 * 11 bits, as Modbus over Serial Line V1.02, 2.5.1, has it: without parity there are two stop bits.
 */

import { access } from 'node:fs/promises';
import type { SerialPort } from 'serialport';
import { WasiError } from '../errors/wasi-error';
import { doneWithin } from '../platform/with-timeout';

export type Parity = 'none' | 'even' | 'odd';

export interface LineSettings {
  /** "" for the first there is of the RevPi's. */
  readonly path: string;
  readonly baudRate: number;
  readonly parity: Parity;
}

export interface SerialLine {
  readonly path: string;
  /** Dropped where earlier bytes still wait: a line that takes none has no listener. */
  write(bytes: Buffer): void;
  close(): Promise<void>;
}

export interface LineListener {
  onBytes(bytes: Buffer): void;
  onLost(error: WasiError): void;
}

/** What Revolution Pi's udev rules call the RS485 port, by the generation of the device. */
export const REVPI_PORTS = ['/dev/ttyRS485', '/dev/ttyRS485-0'];
const MAX_UNSENT_BYTES = 512;
const CLOSE_LIMIT_MS = 2_000;
const DATA_BITS = 8;
/** How often it is looked whether the port is still there. */
const PRESENCE_MS = 1_000;

export async function openSerialLine(settings: LineSettings, listener: LineListener): Promise<SerialLine> {
  const path = settings.path === '' ? await firstRevPiPort() : settings.path;
  const { SerialPort } = await loadSerialPort();
  const { baudRate, parity } = settings;
  const stopBits = parity === 'none' ? 2 : 1;
  const port = new SerialPort({ path, baudRate, parity, stopBits, dataBits: DATA_BITS, autoOpen: false });
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error ? reject(failure(path, error)) : resolve()));
  });
  return new OpenLine(path, port, listener);
}

class OpenLine implements SerialLine {
  readonly #presence: NodeJS.Timeout;
  #closing: Promise<void> | undefined;

  constructor(
    readonly path: string,
    readonly port: SerialPort,
    readonly listener: LineListener,
  ) {
    port.on('data', (bytes: Buffer) => listener.onBytes(bytes));
    // An error of one write; a port that is gone says so with 'close'.
    port.on('error', () => undefined);
    port.on('close', (error: unknown) => this.#lose(error ?? 'it was closed'));
    // Or does not: after a hang-up serialport 12 and 13 may read nothing again and again, and never say a word.
    this.#presence = setInterval(() => {
      access(path).catch((error: unknown) => this.#lose(error));
    }, PRESENCE_MS);
  }

  write(bytes: Buffer): void {
    const { port } = this;
    if (port.isOpen && port.writable && port.writableLength <= MAX_UNSENT_BYTES) port.write(bytes);
  }

  close(): Promise<void> {
    clearInterval(this.#presence);
    this.#closing ??= this.#closePort();
    return this.#closing;
  }

  /** At the limit it goes on too: a driver that does not let go must not delay a deploy. */
  async #closePort(): Promise<void> {
    const { port } = this;
    if (port.isOpen) await doneWithin(CLOSE_LIMIT_MS, new Promise<void>((done) => port.close(() => done())));
  }

  #lose(reason: unknown): void {
    if (this.#closing !== undefined) return;
    void this.close();
    this.listener.onLost(failure(this.path, reason));
  }
}

async function firstRevPiPort(): Promise<string> {
  for (const path of REVPI_PORTS) {
    try {
      await access(path);
      return path;
    } catch {
      // Not this generation's name: the next one.
    }
  }
  throw new WasiError(
    'HARDWARE_MISSING',
    `there is no RS485 port ${REVPI_PORTS.join(' and no ')} on this machine; name the serial port in the modbus-gateway node`,
  );
}

async function loadSerialPort(): Promise<typeof import('serialport')> {
  try {
    return await import('serialport');
  } catch (cause) {
    throw new WasiError(
      'HARDWARE_MISSING',
      'Modbus RTU needs the package serialport, which could not be loaded: run "npm install serialport@12" in the ' +
        `Node-RED user directory and restart Node-RED, or choose Modbus TCP (${String(cause)})`,
      { cause },
    );
  }
}

function failure(path: string, error: unknown): WasiError {
  const text = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  if (/permission denied/i.test(text))
    return new WasiError(
      'HARDWARE_PERMISSION',
      `${path} may not be opened by this user; add it to the group dialout ("sudo usermod -aG dialout $USER") and restart`,
      options,
    );
  if (/no such file/i.test(text))
    return new WasiError(
      'HARDWARE_MISSING',
      `there is no ${path}; plug it in, or name another port in the node`,
      options,
    );
  return new WasiError(
    'MODBUS_FAILED',
    `Modbus RTU cannot use ${path}: ${text}; end what else uses it, or name another port in the node`,
    options,
  );
}
