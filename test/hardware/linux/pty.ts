/** A pseudo-terminal of the kernel (pty(7)): what a serial port's other side writes and reads, without a port. */
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { loadKernel } from '../../../src/hardware/linux/kernel';

/** asm-generic/ioctls.h */
const TIOCSPTLCK = 0x40045431;
const TIOCGPTN = 0x80045430;

export class Pty {
  /** The serial port's path: /dev/pts/N. */
  readonly port: string;
  readonly #master: number;
  #open = true;

  constructor() {
    this.#master = openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    const kernel = loadKernel();
    const number = new Uint8Array(4);
    kernel.ioctl(this.#master, TIOCSPTLCK, new Uint8Array(4));
    kernel.ioctl(this.#master, TIOCGPTN, number);
    this.port = `/dev/pts/${new DataView(number.buffer).getUint32(0, true)}`;
  }

  /** The descriptor of the other side. */
  get fd(): number {
    return this.#master;
  }

  send(bytes: Uint8Array): void {
    writeSync(this.#master, bytes);
  }

  /** What arrived at the other side. */
  received(): Uint8Array {
    const buffer = new Uint8Array(65_536);
    return buffer.slice(0, readSync(this.#master, buffer));
  }

  /** As when an adapter is pulled out; a second call does nothing. */
  hangUp(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#master);
  }
}
