/**
 * What the tests' kernel is asked for and Node.js has no word for: modules, ioctls, the loopback interface, power off.
 * Failures are errors with the system's `code` (ENODEV, …), named by the call.
 */
import { closeSync, openSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';

/** x86_64, the one machine that User-Mode Linux is built for. */
const SYS_FINIT_MODULE = 313;
const SYS_DELETE_MODULE = 176;
const O_NONBLOCK = 0x800;
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;
const LINUX_REBOOT_CMD_POWER_OFF = 0x4321fedc;
/** struct ifreq: the name, 16 bytes, then a union of 24. */
const IFREQ_BYTES = 40;
const IFREQ_FLAGS = 16;

// Its types call koffi an ES module alone; it is both.
const koffi: typeof import('koffi', { with: { 'resolution-mode': 'import' } }) = require('koffi');
const libc = koffi.load('libc.so.6');
const callIoctl = libc.func('int ioctl(int fd, unsigned long request, void *data)');
const callIoctlNumber = libc.func('int ioctl(int fd, unsigned long request, unsigned long data)');
const callSocket = libc.func('int socket(int domain, int type, int protocol)');
const callClose = libc.func('int close(int fd)');
const callReboot = libc.func('int reboot(int command)');
const callLoadModule = libc.func('syscall', 'long', ['long', 'int', 'str', 'int']);
const callRemoveModule = libc.func('syscall', 'long', ['long', 'str', 'uint']);

export class SystemCallError extends Error {
  readonly code: string;

  constructor(call: string) {
    const code = getSystemErrorName(-koffi.errno());
    super(`${call}: ${code}`);
    this.code = code;
  }
}

function checked(call: string, result: number): number {
  if (result < 0) throw new SystemCallError(call);
  return result;
}

export function ioctl(fd: number, request: number, data: Uint8Array | number): number {
  const call = typeof data === 'number' ? callIoctlNumber : callIoctl;
  return checked(`ioctl 0x${request.toString(16)}`, call(fd, request, data));
}

/** `file` is a .ko; `parameters` as on modprobe's line, e.g. `chip_addr=0x76,0x77`. */
export function loadModule(file: string, parameters: string): void {
  const fd = openSync(file, 'r');
  try {
    checked(`finit_module ${file}`, callLoadModule(SYS_FINIT_MODULE, fd, parameters, 0));
  } finally {
    closeSync(fd);
  }
}

/** Whoever has a device of the module open keeps it: EAGAIN. */
export function removeModule(name: string): void {
  checked(`delete_module ${name}`, callRemoveModule(SYS_DELETE_MODULE, name, O_NONBLOCK));
}

export function bringLoopbackUp(): void {
  const socket = checked('socket', callSocket(AF_INET, SOCK_DGRAM, 0));
  try {
    const request = Buffer.alloc(IFREQ_BYTES);
    request.write('lo');
    request.writeInt16LE(IFF_UP, IFREQ_FLAGS);
    ioctl(socket, SIOCSIFFLAGS, request);
  } finally {
    callClose(socket);
  }
}

/** Does not return. */
export function powerOff(): void {
  checked('reboot', callReboot(LINUX_REBOOT_CMD_POWER_OFF));
}
