/** The Raspberry Pi backend on real I²C buses: one that knows combined transfers and one that knows SMBus only. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, describe, it, type TestContext } from 'node:test';
import { BME680_VALUES, bme680Registers } from './bme680-registers';
import { bindDriver, iioDeviceOf, unbindDriver } from './i2c-devices';
import { I2cStub } from './i2c-stub';
import { i2cWire, WIRE_BUS } from './i2c-wire';
import { piOf } from './pi';
import { read } from './system-files';

afterEach(() => i2cWire.reset());

function chipOnWire(address: number): void {
  i2cWire.setChip(address, 'answers');
  for (const [first, bytes] of bme680Registers()) i2cWire.setRegisters(address, first, bytes);
}

function stubOf(t: TestContext, addresses: readonly number[]): I2cStub {
  const stub = new I2cStub(addresses);
  t.after(() => stub.unplug());
  for (const address of addresses) {
    for (const [first, bytes] of bme680Registers()) stub.setRegisters(address, first, bytes);
  }
  return stub;
}

describe('a transfer over bus 1', () => {
  it('writes, and reads after a repeated start, as one', async (t) => {
    const { hardware } = await piOf(t);
    i2cWire.setChip(0x42, 'answers');
    assert.deepEqual(await hardware.i2cTransfer(WIRE_BUS, 0x42, Uint8Array.of(0x10, 1, 2, 3), 0), new Uint8Array(0));
    assert.deepEqual(i2cWire.registers(0x42, 0x10, 3), Uint8Array.of(1, 2, 3));
    const before = i2cWire.transfers();
    assert.deepEqual(await hardware.i2cTransfer(WIRE_BUS, 0x42, Uint8Array.of(0x11), 2), Uint8Array.of(2, 3));
    assert.equal(i2cWire.transfers() - before, 2, 'a start and a repeated one');
    assert.deepEqual(await hardware.i2cTransfer(WIRE_BUS, 0x42, new Uint8Array(0), 0), new Uint8Array(0));
    assert.equal((await hardware.i2cTransfer(WIRE_BUS, 0x42, new Uint8Array(0), 4)).length, 4);
  });

  it('of the longest length arrives whole', async (t) => {
    const { hardware } = await piOf(t);
    i2cWire.setChip(0x42, 'answers');
    const bytes = Uint8Array.from({ length: 1_000 }, (_, at) => at);
    await hardware.i2cTransfer(WIRE_BUS, 0x42, Uint8Array.of(0, ...bytes), 0);
    const back = await hardware.i2cTransfer(WIRE_BUS, 0x42, Uint8Array.of(0), 1_000);
    assert.deepEqual(
      back,
      Uint8Array.from({ length: 1_000 }, (_, at) => bytes[744 + ((at - 744 + 256_000) % 256)] ?? 0),
    );
  });

  it('to an address where nothing answers says so and how to look', async (t) => {
    const { hardware } = await piOf(t);
    await assert.rejects(hardware.i2cTransfer(WIRE_BUS, 0x42, Uint8Array.of(0), 1), {
      code: 'HARDWARE_MISSING',
      message: /nothing answers at I²C address 0x42 of bus 1 \((ENXIO|EREMOTEIO)\).*i2cdetect -y 1/,
    });
  });

  it('to a chip that refuses its data is an I/O error', async (t) => {
    const { hardware } = await piOf(t);
    i2cWire.setChip(0x42, 'refuses data');
    await assert.rejects(hardware.i2cTransfer(WIRE_BUS, 0x42, Uint8Array.of(0, 1), 0), { code: 'HARDWARE_IO' });
  });

  it('of a stuck bus is reported as such, delays nobody else, and works once the bus is let go', async (t) => {
    const { hardware } = await piOf(t);
    i2cWire.setChip(0x42, 'holds the clock');
    const stuck = assert.rejects(hardware.i2cTransfer(WIRE_BUS, 0x42, Uint8Array.of(0), 1), {
      code: 'HARDWARE_IO',
      message: /0x42 of bus 1 gave no answer in time \(ETIMEDOUT\), the bus is stuck/,
    });
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    }, 1);
    await stuck;
    clearInterval(counting);
    assert.ok(turns > 0, 'a transfer that blocked the thread would end before its loop turns once');
    i2cWire.setChip(0x42, 'answers');
    assert.equal((await hardware.i2cTransfer(WIRE_BUS, 0x42, Uint8Array.of(0), 1)).length, 1);
  });

  it('is missing while the bus is unplugged, and works when it is back', async (t) => {
    const { hardware, said } = await piOf(t);
    i2cWire.setChip(0x42, 'answers');
    await hardware.i2cTransfer(WIRE_BUS, 0x42, Uint8Array.of(0), 1);
    i2cWire.unplug();
    const missing = {
      code: 'HARDWARE_MISSING',
      message: /I²C bus 1 is not there \(\/dev\/i2c-1, ENOENT\).*raspi-config/,
    };
    await assert.rejects(hardware.i2cTransfer(WIRE_BUS, 0x42, Uint8Array.of(0), 1), missing);
    await assert.rejects(hardware.i2cTransfer(WIRE_BUS, 0x42, Uint8Array.of(0), 1), missing);
    i2cWire.plug();
    i2cWire.setChip(0x42, 'answers');
    await hardware.i2cTransfer(WIRE_BUS, 0x42, Uint8Array.of(0), 1);
    assert.equal(said.filter((text) => missing.message.test(text)).length, 1, 'said once');
    assert.ok(said.includes('I²C address 0x42 of bus 1: works again'));
  });
});

describe('a BME680 of the Raspberry Pi backend', () => {
  it("agrees with the kernel's own driver on the same registers, over SMBus alone", async (t) => {
    const stub = stubOf(t, [0x76, 0x77]);
    bindDriver('bme680', stub.bus, 0x76);
    const kernels = iioDeviceOf(stub.bus, 0x76);
    assert.ok(kernels !== undefined);
    const theirs = {
      milliCelsius: Number(read(join(kernels, 'in_temp_input'))),
      kilopascal: Number(read(join(kernels, 'in_pressure_input'))),
      milliPercent: Number(read(join(kernels, 'in_humidityrelative_input'))) * 1_000,
      ohms: Number(read(join(kernels, 'in_resistance_input'))),
    };
    unbindDriver(stub.bus, 0x76);
    const { hardware } = await piOf(t);
    const ours = await hardware.readBme680(stub.bus, 0x76);
    assert.equal(Math.round(ours.temperature * 1_000), theirs.milliCelsius);
    // 1 Pa is the last place of both.
    const pascal = [ours.pressure * 100, theirs.kilopascal * 1_000].map(Math.round);
    assert.ok(Math.abs((pascal[0] ?? 0) - (pascal[1] ?? 0)) <= 1, `${pascal.join(' and ')} Pa`);
    assert.ok(
      Math.abs(ours.humidity * 1_000 - theirs.milliPercent) <= 1,
      `${ours.humidity} and ${theirs.milliPercent}`,
    );
    assert.ok(Math.abs(ours.gasResistance * 1_000 - theirs.ohms) <= 1, `${ours.gasResistance} kΩ and ${theirs.ohms} Ω`);
    assert.deepEqual(await hardware.readBme680(stub.bus, 0x77), ours, 'each address has a driver of its own');
  });

  it('says that a kernel driver holds its address, where it does', async (t) => {
    const stub = stubOf(t, [0x76]);
    bindDriver('bme680', stub.bus, 0x76);
    const { hardware } = await piOf(t);
    await assert.rejects(hardware.readBme680(stub.bus, 0x76), { code: 'HARDWARE_IO', message: /kernel driver holds/ });
    unbindDriver(stub.bus, 0x76);
    await hardware.readBme680(stub.bus, 0x76);
  });

  it('measures over bus 1, and is set up anew when it was gone and came back', async (t) => {
    chipOnWire(0x77);
    const { hardware, said } = await piOf(t);
    const first = await hardware.readBme680(WIRE_BUS, 0x77);
    assert.equal(Math.round(first.temperature * 1_000), BME680_VALUES.milliCelsius);
    assert.equal(Math.round(first.pressure * 100), BME680_VALUES.pascal);
    assert.equal(first.humidity, BME680_VALUES.humidityPercent);
    i2cWire.setChip(0x77, 'absent');
    await assert.rejects(hardware.readBme680(WIRE_BUS, 0x77), { code: 'HARDWARE_MISSING', message: /0x77 of bus 1/ });
    i2cWire.setChip(0x77, 'answers');
    // A chip that was without power: its settings are those after a reset.
    for (const [first, bytes] of bme680Registers()) i2cWire.setRegisters(0x77, first, bytes);
    i2cWire.setRegisters(0x77, 0x70, new Uint8Array(6));
    assert.deepEqual(await hardware.readBme680(WIRE_BUS, 0x77), first);
    assert.notDeepEqual(i2cWire.registers(0x77, 0x72, 1), Uint8Array.of(0), 'its settings were written again');
    assert.ok(said.includes('the BME680 at 0x77 of bus 1: works again'));
    await assert.rejects(hardware.readBme680(WIRE_BUS, 0x76), { code: 'HARDWARE_MISSING' });
  });
});
