/** Both buses as tests of drivers use them, and the kernel's bme680 driver as a measure of what their chips hold. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { BME680_VALUES, bme680Registers } from './bme680-registers';
import { smbusReadByte } from './i2c-device';
import { bindDriver, iioDeviceOf, unbindDriver } from './i2c-devices';
import { I2cStub } from './i2c-stub';
import { i2cWire, WIRE_BUS } from './i2c-wire';
import { read } from './system-files';

const CHIP_ID = 0xd0;

function assertMeasured(bus: number, address: number): void {
  const device = iioDeviceOf(bus, address);
  assert.ok(device, "the kernel's driver did not take the chip; dmesg says why");
  assert.equal(Number(read(join(device, 'in_temp_input'))), BME680_VALUES.milliCelsius);
  // The driver gives kPa, and its arithmetic another last digit than Bosch's.
  const pascal = Number(read(join(device, 'in_pressure_input'))) * 1_000;
  assert.ok(Math.abs(pascal - BME680_VALUES.pascal) < 2, `${pascal} Pa`);
  assert.equal(Number(read(join(device, 'in_humidityrelative_input'))), BME680_VALUES.humidityPercent);
}

describe('i2c-stub', () => {
  it('answers at the addresses it was given and at no other', (t) => {
    const stub = new I2cStub([0x76, 0x77]);
    t.after(() => stub.unplug());
    stub.setRegisters(0x76, CHIP_ID, [0x61]);
    assert.equal(smbusReadByte(stub.bus, 0x76, CHIP_ID), 0x61);
    assert.equal(smbusReadByte(stub.bus, 0x77, CHIP_ID), 0);
    assert.throws(() => smbusReadByte(stub.bus, 0x40, CHIP_ID), { code: 'ENODEV' });
  });

  it("is read by the kernel's bme680 driver", (t) => {
    const stub = new I2cStub([0x76]);
    t.after(() => stub.unplug());
    for (const [first, bytes] of bme680Registers()) stub.setRegisters(0x76, first, bytes);
    bindDriver('bme680', stub.bus, 0x76);
    assertMeasured(stub.bus, 0x76);
    unbindDriver(stub.bus, 0x76);
    assert.equal(iioDeviceOf(stub.bus, 0x76), undefined);
  });

  it('is gone once unplugged', () => {
    const stub = new I2cStub([0x76]);
    stub.unplug();
    assert.equal(existsSync(`/dev/i2c-${stub.bus}`), false);
  });
});

describe('bus 1', () => {
  afterEach(() => i2cWire.reset());

  it('reads and writes the registers of a chip over its wires', () => {
    i2cWire.setChip(0x76, 'answers');
    i2cWire.setRegisters(0x76, 0, [0x00, 0xff, 0xa5, 0x5a]);
    const before = i2cWire.transfers();
    assert.deepEqual(
      [0, 1, 2, 3].map((register) => smbusReadByte(WIRE_BUS, 0x76, register)),
      [0x00, 0xff, 0xa5, 0x5a],
    );
    assert.equal(i2cWire.transfers() - before, 8, 'a START and a repeated one for each');
  });

  it("is read and written by the kernel's bme680 driver", (t) => {
    i2cWire.setChip(0x77, 'answers');
    for (const [first, bytes] of bme680Registers()) i2cWire.setRegisters(0x77, first, bytes);
    bindDriver('bme680', WIRE_BUS, 0x77);
    t.after(() => unbindDriver(WIRE_BUS, 0x77));
    assertMeasured(WIRE_BUS, 0x77);
    assert.deepEqual(i2cWire.registers(0x77, 0xe0, 1), Uint8Array.of(0xb6), 'the reset that the driver began with');
  });

  it('says ENXIO where no chip answers', () => {
    assert.throws(() => smbusReadByte(WIRE_BUS, 0x76, CHIP_ID), { code: 'ENXIO' });
  });

  it('says EIO where a chip refuses what is written to it', () => {
    i2cWire.setChip(0x76, 'refuses data');
    assert.throws(() => smbusReadByte(WIRE_BUS, 0x76, CHIP_ID), { code: 'EIO' });
  });

  it('says ETIMEDOUT where a chip holds the clock, and works once it lets go', () => {
    i2cWire.setChip(0x76, 'holds the clock');
    assert.throws(() => smbusReadByte(WIRE_BUS, 0x76, CHIP_ID), { code: 'ETIMEDOUT' });
    i2cWire.setChip(0x76, 'answers');
    assert.equal(smbusReadByte(WIRE_BUS, 0x76, CHIP_ID), 0);
  });

  it('gives up where the clock is held, and works once it is let go', () => {
    i2cWire.setChip(0x76, 'answers');
    i2cWire.hold('scl', true);
    assert.throws(() => smbusReadByte(WIRE_BUS, 0x76, CHIP_ID), { code: 'ENXIO' });
    i2cWire.hold('scl', false);
    assert.equal(smbusReadByte(WIRE_BUS, 0x76, CHIP_ID), 0);
  });

  it('reads nothing but zeros where the data wire is held', () => {
    i2cWire.setChip(0x76, 'answers');
    i2cWire.setRegisters(0x76, CHIP_ID, [0x61]);
    i2cWire.hold('sda', true);
    assert.equal(smbusReadByte(WIRE_BUS, 0x76, CHIP_ID), 0);
    i2cWire.hold('sda', false);
    assert.equal(smbusReadByte(WIRE_BUS, 0x76, CHIP_ID), 0x61);
  });

  it('is gone once unplugged, and comes back', () => {
    i2cWire.unplug();
    assert.equal(existsSync('/dev/i2c-1'), false);
    i2cWire.plug();
    assert.equal(existsSync('/dev/i2c-1'), true);
  });
});
