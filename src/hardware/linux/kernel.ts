/**
 * The kernel calls that Node has no function for, through koffi. koffi is loaded when the first real device is opened, so
 * simulated hardware neither needs nor pays for it. It ships prebuilt for Linux on x64, arm64 and armv7.
 *
 * Failed calls throw a KernelError, whose `code` is named as in Node's own file errors. `loadKernel` throws
 * HARDWARE_MISSING where koffi is not installed or does not load.
 */
import { getSystemErrorName } from 'node:util';
import { WasiError } from '../../errors/wasi-error';

export interface Kernel {
  /** 4 or 8: structures that point to others differ by it. */
  readonly pointerBytes: number;
  /** For calls that return at once. `argument` is a structure, changed in place, or a number. Returns what the kernel did. */
  ioctl(fd: number, request: number, argument: Uint8Array | number): number;
  /** For calls that sleep: they run in libuv's pool. `pointees` is what `argument` points to, kept until the call ended. */
  ioctlAsync(fd: number, request: number, argument: Uint8Array, pointees: readonly Uint8Array[]): Promise<number>;
  /** For a field that points to `bytes`, which must own its buffer and be among the call's pointees. */
  addressOf(bytes: Uint8Array): bigint;
  /** Makes `place` what `fd` was, and closes `fd`. */
  moveFile(fd: number, place: number): void;
}

/** `code` such as EBUSY. */
export class KernelError extends Error {
  override readonly name = 'KernelError';

  constructor(
    readonly code: string,
    call: string,
  ) {
    super(`${call}: ${code}`);
  }
}

/** asm-generic/fcntl.h; Node does not name it. The same on x64, arm and arm64. */
const O_CLOEXEC = 0o2000000;

let loaded: Kernel | undefined;

export function loadKernel(): Kernel {
  loaded ??= open();
  return loaded;
}

function open(): Kernel {
  try {
    return bind(require('koffi'));
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new WasiError(
      'HARDWARE_MISSING',
      `GPIO, I²C, SPI and serial ports need the package koffi, which does not load on this machine (${process.platform} ${process.arch}, ${reason}): run \`npm rebuild koffi\` or install @edge-wasi/node-red-wasi again without --omit=optional`,
      { cause: error },
    );
  }
}

type Koffi = typeof import('koffi', { with: { 'resolution-mode': 'import' }});

function bind(koffi: Koffi): Kernel {
  const libc = koffi.load(null);
  const ioctl = libc.func('int ioctl(int fd, unsigned long request, void *argument)');
  const ioctlNumber = libc.func('ioctl', 'int', ['int', 'unsigned long', 'unsigned long']);
  const dup3 = libc.func('int dup3(int fd, int place, int flags)');
  const close = libc.func('int close(int fd)');
  /** Right after the call: nothing may run in between. */
  const checked = (result: number, call: string): number => {
    if (result < 0) throw new KernelError(errorName(koffi.errno()), call);
    return result;
  };
  /** What the kernel may read or write at this moment: no garbage collector takes it meanwhile. */
  const inUse = new Set<readonly Uint8Array[]>();
  return {
    pointerBytes: koffi.sizeof('void *'),
    ioctl(fd, request, argument) {
      if (typeof argument === 'number') return checked(ioctlNumber(fd, request, argument), 'ioctl');
      return checked(ioctl(fd, request, argument), 'ioctl');
    },
    ioctlAsync(fd, request, argument, pointees) {
      return new Promise((resolve, reject) => {
        const memory = [argument, ...pointees];
        inUse.add(memory);
        // koffi gives the callback the errno of its own call.
        ioctl.async(fd, request, argument, (error: Error | null, result: number) => {
          inUse.delete(memory);
          if (error) reject(error);
          else if (result < 0) reject(new KernelError(errorName(koffi.errno()), 'ioctl'));
          else resolve(result);
        });
      });
    },
    addressOf: (bytes) => BigInt(koffi.address(bytes)),
    moveFile(fd, place) {
      try {
        checked(dup3(fd, place, O_CLOEXEC), 'dup3');
      } finally {
        close(fd);
      }
    },
  };
}

function errorName(errno: number): string {
  try {
    return getSystemErrorName(-errno);
  } catch {
    // libuv has no name for it.
    return `errno ${errno}`;
  }
}
