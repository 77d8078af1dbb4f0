/** Structures and numbers of the kernel's interfaces, byte for byte, against values of a C compiler. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as gpio from '../../../src/hardware/linux/gpio-abi';
import * as i2c from '../../../src/hardware/linux/i2c-abi';
import type { Kernel } from '../../../src/hardware/linux/kernel';
import { asSmbus, readBytes } from '../../../src/hardware/linux/smbus';
import { SPI_IOC_MESSAGE_1, spiMessage } from '../../../src/hardware/linux/spi-device';
import { rawTermios, TCGETS2, TCSETS2 } from '../../../src/hardware/linux/termios';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** Gives each array an address of its own, as a machine with such pointers would. */
function machineOf(pointerBytes: 4 | 8) {
  const addresses = new Map<Uint8Array, bigint>();
  const kernel: Pick<Kernel, 'pointerBytes' | 'addressOf'> = {
    pointerBytes,
    addressOf: (bytes) => {
      const address = addresses.get(bytes) ?? 0x1000n + BigInt(addresses.size) * 0x1000n;
      addresses.set(bytes, address);
      return address;
    },
  };
  const refuse = (): never => assert.fail('no call is made');
  return { ioctl: refuse, ioctlAsync: refuse, moveFile: refuse, ...kernel };
}

describe('the numbers of the ioctls', () => {
  it('are those that linux/gpio.h, linux/spi/spidev.h and asm-generic/ioctls.h make', () => {
    assert.equal(gpio.GPIO_GET_CHIPINFO, 0x8044b401);
    assert.equal(gpio.GPIO_V2_GET_LINEINFO, 0xc100b405);
    assert.equal(gpio.GPIO_V2_GET_LINE, 0xc250b407);
    assert.equal(gpio.GPIO_V2_LINE_GET_VALUES, 0xc010b40e);
    assert.equal(gpio.GPIO_V2_LINE_SET_VALUES, 0xc010b40f);
    assert.equal(SPI_IOC_MESSAGE_1, 0x40206b00);
    assert.equal(TCGETS2, 0x802c542a);
    assert.equal(TCSETS2, 0x402c542b);
  });
});

describe('the request for a line', () => {
  it('asks for one active low output, in the name of this package', () => {
    const request = gpio.activeLowOutputRequest(17, 'node-red-wasi');
    assert.equal(request.length, 592);
    const nonZero = [...request.entries()].filter(([, byte]) => byte !== 0);
    const consumer = [...Buffer.from('node-red-wasi')].map((byte, at) => [256 + at, byte]);
    // Flags: ACTIVE_LOW is bit 1, OUTPUT is bit 3. No attribute, so the line starts inactive. One line.
    assert.deepEqual(nonZero, [[0, 17], ...consumer, [288, 0b1010], [560, 1]]);
  });

  it("has its consumer's name cut where the field ends, with its closing zero", () => {
    const request = gpio.activeLowOutputRequest(0, 'x'.repeat(100));
    assert.equal(request[256 + 30], 'x'.charCodeAt(0));
    assert.equal(request[256 + 31], 0);
  });
});

describe('a transfer of an I²C bus', () => {
  const write = Uint8Array.of(0xd0, 1);
  const read = new Uint8Array(3);

  it('is two messages with pointers of 8 bytes on 64 bits', () => {
    const { bytes, pointees } = i2c.combinedTransfer(machineOf(8), 0x77, write, read);
    // addr, flags, len, padding, pointer; the second message reads (flag 1).
    assert.equal(hex(pointees[0] ?? read), '77000000020000000010000000000000' + '77000100030000000020000000000000');
    assert.equal(hex(bytes), '0030000000000000' + '0200000000000000');
  });

  it('is two messages with pointers of 4 bytes on 32 bits', () => {
    const { bytes, pointees } = i2c.combinedTransfer(machineOf(4), 0x77, write, read);
    assert.equal(hex(pointees[0] ?? read), '770000000200000000100000' + '770001000300000000200000');
    assert.equal(hex(bytes), '00300000' + '02000000');
    assert.ok(pointees.includes(write) && pointees.includes(read));
  });

  it('is one message where a part is empty, and an empty write where both are', () => {
    const none = new Uint8Array(0);
    const table = (w: Uint8Array, r: Uint8Array) =>
      hex(i2c.combinedTransfer(machineOf(4), 0x10, w, r).pointees[0] ?? r);
    assert.equal(table(write, none), '100000000200000000100000');
    assert.equal(table(none, read), '100001000300000000100000');
    assert.equal(table(none, none), '100000000000000000000000');
  });
});

describe('a transfer as SMBus operation', () => {
  it('is laid out as i2c_smbus_ioctl_data on 32 and 64 bits', () => {
    const call = asSmbus(Uint8Array.of(0xd0), 1);
    assert.equal(hex(i2c.smbusTransfer(machineOf(4), call).bytes), '01d00000' + '02000000' + '00100000');
    assert.equal(hex(i2c.smbusTransfer(machineOf(8), call).bytes), '01d00000' + '02000000' + '0010000000000000');
  });

  it('is the operation that looks the same on the wire', () => {
    const told = (write: number[], readLength: number) => {
      const { read, command, size, data } = asSmbus(Uint8Array.from(write), readLength);
      return { read, command, size, data: [...data.subarray(0, 4)] };
    };
    assert.deepEqual(told([], 0), { read: false, command: 0, size: 0, data: [0, 0, 0, 0] });
    assert.deepEqual(told([5], 0), { read: false, command: 5, size: 1, data: [0, 0, 0, 0] });
    assert.deepEqual(told([5, 6], 0), { read: false, command: 5, size: 2, data: [6, 0, 0, 0] });
    assert.deepEqual(told([5, 6, 7], 0), { read: false, command: 5, size: 8, data: [2, 6, 7, 0] });
    assert.deepEqual(told([], 1), { read: true, command: 0, size: 1, data: [0, 0, 0, 0] });
    assert.deepEqual(told([5], 1), { read: true, command: 5, size: 2, data: [0, 0, 0, 0] });
    assert.deepEqual(told([5], 32), { read: true, command: 5, size: 8, data: [32, 0, 0, 0] });
  });

  it('is refused where SMBus has none, with what it could do', () => {
    for (const [written, readLength] of [
      [34, 0],
      [2, 1],
      [1, 33],
      [0, 2],
    ] as const) {
      assert.throws(() => asSmbus(new Uint8Array(written), readLength), {
        code: 'HARDWARE_IO',
        message: /SMBus only.*at most 32 bytes/,
      });
    }
  });

  it('gives what was read, and nothing where the adapter gave less than asked', () => {
    const block = asSmbus(Uint8Array.of(5), 3);
    block.data.set([3, 9, 8, 7]);
    assert.deepEqual(readBytes(block, 3), Uint8Array.of(9, 8, 7));
    block.data[0] = 2;
    assert.throws(() => readBytes(block, 3), { code: 'HARDWARE_IO', message: /2 bytes instead of 3/ });
  });
});

describe('a message of SPI', () => {
  it('is laid out as spi_ioc_transfer: two pointers of 8 bytes, length, speed, 8 bits a word', () => {
    assert.equal(
      hex(spiMessage(0x1122n, 0x3344n, 200, 2_400_000)),
      '2211000000000000' + '4433000000000000' + 'c8000000' + '009f2400' + '0000' + '08' + '0000000000',
    );
  });
});

describe("a serial port's settings", () => {
  it('are raw, 8 data bits, no parity, one stop bit, any speed', () => {
    const bytes = rawTermios(115_200);
    assert.equal(bytes.length, 44);
    // c_cflag: CS8 0x30, CREAD 0x80, CLOCAL 0x800, BOTHER 0x1000.
    const flags = '00000000' + '00000000' + 'b0180000' + '00000000';
    // c_line, then c_cc: VTIME (5) is 0, VMIN (6) is 1.
    const characters = ['00', '000000000000', '01', '00'.repeat(12)].join('');
    assert.equal(hex(bytes), `${flags}${characters}00c2010000c20100`);
  });
});
