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
/** linux/i2c-dev.h and linux/i2c.h: forced, since a driver of the kernel may have the chip. */
const I2C_SLAVE_FORCE = 0x0706;
const I2C_SMBUS = 0x0720;
const I2C_SMBUS_WRITE = 0;
const I2C_SMBUS_READ = 1;
const I2C_SMBUS_BYTE_DATA = 2;
/** union i2c_smbus_data. */
const SMBUS_DATA_BYTES = 34;
const LINUX_REBOOT_CMD_POWER_OFF = 0x4321fedc;
/** struct ifreq: the name, 16 bytes, then a union of 24. */
const IFREQ_BYTES = 40;
const IFREQ_FLAGS = 16;

// Its types call koffi an ES module alone; it is both.
const koffi: typeof import('koffi', { with: { 'resolution-mode': 'import' }}) = require('koffi');
const libc = koffi.load('libc.so.6');
const callIoctl = libc.func('int ioctl(int fd, unsigned long request, void *data)');
const callIoctlNumber = libc.func('int ioctl(int fd, unsigned long request, unsigned long data)');
const callSocket = libc.func('int socket(int domain, int type, int protocol)');
const callClose = libc.func('int close(int fd)');
const callReboot = libc.func('int reboot(int command)');
const callLoadModule = libc.func('syscall', 'long', ['long', 'int', 'str', 'int']);
const callRemoveModule = libc.func('syscall', 'long', ['long', 'str', 'uint']);

const SmbusCall = koffi.struct('i2c_smbus_ioctl_data', {
  read_write: 'uint8_t',
  command: 'uint8_t',
  size: 'uint32_t',
  data: 'void *',
});
const callSmbus = libc.func('ioctl', 'int', ['int', 'unsigned long', koffi.pointer(SmbusCall)]);

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

/** Reads or writes one register of a chip, through an open /dev/i2c-N. */
export function smbusByte(fd: number, address: number, register: number, value: number | 'read'): number {
  ioctl(fd, I2C_SLAVE_FORCE, address);
  const data = Buffer.alloc(SMBUS_DATA_BYTES);
  data[0] = value === 'read' ? 0 : value;
  const direction = value === 'read' ? I2C_SMBUS_READ : I2C_SMBUS_WRITE;
  const call = { read_write: direction, command: register, size: I2C_SMBUS_BYTE_DATA, data };
  checked(`I2C_SMBUS at 0x${address.toString(16)}`, callSmbus(fd, I2C_SMBUS, call));
  return data.readUInt8(0);
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
