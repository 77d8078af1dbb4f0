/**
 * One serial port, kept open, since the kernel holds what arrives between two reads (4096 bytes; more is lost, as on any
 * port that nobody reads). Nothing waits in a thread: the port is asked again and again, without blocking, until there is
 * something or the time has passed. A port that was pulled out is closed, and opened again when it is back.
 *
 * 8N1, raw, no flow control. Rejects with HARDWARE_MISSING, HARDWARE_PERMISSION or HARDWARE_IO.
 */

import { constants, readSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { WasiError } from '../../errors/wasi-error';
import type { Clock } from '../../platform/clock';
import { errnoOf } from '../../platform/errno';
import { type DeviceFile, deviceError, isGone } from './device-errors';
import { type Kernel, KernelError } from './kernel';
import { OpeningRest } from './opening-rest';
import * as termios from './termios';

/** What a tty has unless somebody says otherwise. */
const DEFAULT_BAUD = 9_600;
/** A byte takes 1 ms at 9600 baud. */
const LOOK_AGAIN_MS = 10;
/** A port whose buffer is full for so long is held by its other side. */
const WRITE_LIMIT_MS = 1_000;

export class SerialPort {
  readonly #file: DeviceFile;
  readonly #kernel: () => Kernel;
  readonly #clock: Clock;
  readonly #rest: OpeningRest;
  readonly #closing = new AbortController();
  #baudRate = DEFAULT_BAUD;
  #opened: Promise<FileHandle> | undefined;

  constructor(path: string, kernel: () => Kernel, clock: Clock) {
    this.#file = serialFile(path);
    this.#kernel = kernel;
    this.#clock = clock;
    this.#rest = new OpeningRest(clock);
  }

  /** What is there, or else what comes first within `timeoutMs`; nothing after it. */
  read(maxLength: number, timeoutMs: number): Promise<Uint8Array> {
    return this.#use(async (fd, assertThere) => {
      const buffer = new Uint8Array(maxLength);
      const read = await this.#repeat(timeoutMs, () => {
        assertThere();
        const count = readSync(fd, buffer);
        if (count === 0 && maxLength > 0) throw new KernelError('ENODEV', 'read after a hang-up');
        return count;
      });
      return buffer.slice(0, read);
    });
  }

  /** How many bytes the port took; fewer than given, or none within a second, where its buffer is full. */
  write(data: Uint8Array): Promise<number> {
    return this.#use((fd, assertThere) =>
      this.#repeat(WRITE_LIMIT_MS, () => {
        assertThere();
        return writeSync(fd, data);
      }),
    );
  }

  /** Holds for a port that is opened later, too. */
  async setBaud(baudRate: number): Promise<void> {
    this.#baudRate = baudRate;
    await this.#use(async (fd, assertThere) => {
      assertThere();
      this.#configure(fd);
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#forget(this.#opened);
  }

  /** Until it does not say that it would block; 0 after `limitMs`. */
  async #repeat(limitMs: number, attempt: () => number): Promise<number> {
    const until = this.#clock.monotonic() + limitMs;
    for (;;) {
      try {
        return attempt();
      } catch (error) {
        if (errnoOf(error) !== 'EAGAIN') throw error;
      }
      const leftMs = until - this.#clock.monotonic();
      if (leftMs <= 0) return 0;
      await this.#clock.wait(Math.min(LOOK_AGAIN_MS, leftMs));
    }
  }

  /** Each use of `fd` follows an `assertThere` in the same step: once another call has closed it, it may be any file's. */
  async #use<T>(work: (fd: number, assertThere: () => void) => Promise<T>): Promise<T> {
    const opened = this.#open();
    const { fd } = await opened;
    try {
      return await work(fd, () => this.#assertThere(opened));
    } catch (error) {
      if (isGone(error)) await this.#forget(opened);
      throw deviceError(errnoOf(error) === 'EIO' ? new KernelError('ENODEV', 'hang-up') : error, this.#file);
    }
  }

  #open(): Promise<FileHandle> {
    this.#opened ??= this.#openNow().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #openNow(): Promise<FileHandle> {
    this.#assertOpen();
    this.#rest.assertRested();
    try {
      const handle = await open(this.#file.path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
      await this.#configured(handle);
      return handle;
    } catch (error) {
      throw this.#rest.failed(deviceError(error, this.#file));
    }
  }

  async #configured(handle: FileHandle): Promise<void> {
    try {
      this.#configure(handle.fd);
    } catch (error) {
      await handle.close();
      if (errnoOf(error) !== 'ENOTTY') throw error;
      throw new WasiError('HARDWARE_MISSING', `${this.#file.path} is no serial port (ENOTTY): check the path`);
    }
  }

  #configure(fd: number): void {
    const settings = termios.rawTermios(this.#baudRate);
    this.#kernel().ioctl(fd, termios.TCSETS2, settings);
    this.#kernel().ioctl(fd, termios.TCGETS2, settings);
    const speed = termios.outputSpeed(settings);
    if (Math.abs(speed - this.#baudRate) * 20 <= this.#baudRate) return;
    throw new WasiError(
      'HARDWARE_IO',
      `${this.#file.what} cannot do ${this.#baudRate} baud, the nearest is ${speed}: choose another speed`,
    );
  }

  /** Nothing where another call has closed it already; what was opened since stays open. */
  async #forget(opened: Promise<FileHandle> | undefined): Promise<void> {
    if (this.#opened !== opened) return;
    this.#opened = undefined;
    const handle = await opened?.catch(() => undefined);
    if (!handle) return;
    try {
      // Else closing waits until its other side has taken all of it.
      this.#kernel().ioctl(handle.fd, termios.TCFLSH, termios.TCOFLUSH);
    } catch (error) {
      if (!isGone(error)) throw error;
    } finally {
      await handle.close();
    }
  }

  #assertThere(opened: Promise<FileHandle>): void {
    this.#assertOpen();
    if (this.#opened !== opened) throw new KernelError('ENODEV', 'another call found it gone');
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted)
      throw new WasiError('RUNTIME_CLOSED', `${this.#file.what} was closed; deploy the flow again`);
  }
}

function serialFile(path: string): DeviceFile {
  return {
    what: `serial port ${path}`,
    path,
    group: 'dialout',
    enable: /^\/dev\/(ttyAMA|ttyS|serial)/.test(path)
      ? 'turn it on with `sudo raspi-config nonint do_serial_hw 0`, or with enable_uart=1 in /boot/firmware/config.txt and a reboot'
      : 'plug it in; `ls /dev/tty*` shows which ports there are',
  };
}
