import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WasiError } from '../../../src/errors/wasi-error';
import { Bme680Driver } from '../../../src/hardware/bme680/driver';
import { SimulatedBme680 } from '../../../src/hardware/simulated/bme680-chip';
import { JumpingClock, ManualClock } from '../../support/manual-clock';

const ROOM = { temperature: 23, humidity: 42, pressure: 1_013.25, gasResistance: 120 };
const CTRL_MEAS = 0x74;

type Transfer = (write: Uint8Array, readLength: number) => Uint8Array;

function driverOver(transfer: Transfer, clock = new JumpingClock()) {
  return new Bme680Driver(
    { transfer: async (_address, write, readLength) => transfer(write, readLength) },
    0x77,
    clock,
  );
}

function assertNear(measured: typeof ROOM, world: typeof ROOM): void {
  const off = `${JSON.stringify(measured)} is not ${JSON.stringify(world)}`;
  assert.ok(Math.abs(measured.temperature - world.temperature) < 0.1, off);
  assert.ok(Math.abs(measured.humidity - world.humidity) < 0.5, off);
  assert.ok(Math.abs(measured.pressure - world.pressure) < 0.5, off);
  assert.ok(Math.abs(measured.gasResistance - world.gasResistance) < 0.05 * world.gasResistance, off);
}

describe('a BME680 on the bus', () => {
  it('is measured in its own units, from the first measurement on', async () => {
    const clock = new JumpingClock();
    const chip = new SimulatedBme680(
      () => ROOM,
      () => clock.now(),
    );
    assertNear(await driverOver((w, n) => chip.transfer(w, n), clock).measure(), ROOM);
  });

  for (const world of [
    { temperature: -30, humidity: 10, pressure: 320, gasResistance: 0.5 },
    { temperature: 0, humidity: 90, pressure: 700, gasResistance: 3.3 },
    { temperature: 40, humidity: 20, pressure: 950, gasResistance: 750 },
    { temperature: 80, humidity: 5, pressure: 1_090, gasResistance: 5_000 },
  ]) {
    it(`is measured at ${world.temperature} °C, ${world.humidity} %, ${world.pressure} hPa and ${world.gasResistance} kΩ`, async () => {
      const clock = new JumpingClock();
      const chip = new SimulatedBme680(
        () => world,
        () => clock.now(),
      );
      assertNear(await driverOver((w, n) => chip.transfer(w, n), clock).measure(), world);
    });
  }

  it('follows a change of the room through its filter within some measurements', async () => {
    const clock = new JumpingClock();
    let world = ROOM;
    const chip = new SimulatedBme680(
      () => world,
      () => clock.now(),
    );
    const driver = driverOver((w, n) => chip.transfer(w, n), clock);
    await driver.measure();
    world = { temperature: 31, humidity: 55, pressure: 990, gasResistance: 60 };
    const first = await driver.measure();
    assert.ok(first.temperature > 24 && first.temperature < 26, `a quarter of the way, not ${first.temperature}`);
    for (let i = 0; i < 20; i += 1) await driver.measure();
    assertNear(await driver.measure(), world);
  });

  it('heats to 320 °C for 150 ms and oversamples x8, x4, x2 with filter 3', async () => {
    const clock = new JumpingClock();
    const chip = new SimulatedBme680(
      () => ROOM,
      () => clock.now(),
    );
    await driverOver((w, n) => chip.transfer(w, n), clock).measure();
    const register = (at: number) => chip.transfer(Uint8Array.of(at), 1)[0];
    assert.equal(register(0x72), 0b010);
    assert.equal(register(CTRL_MEAS), 0b100_011_00);
    assert.equal(register(0x75), 0b010 << 2);
    assert.equal(register(0x64), 0x65, '37 ms times 4');
    assert.equal(register(0x71), 0x10);
  });

  it('is measured once for callers who come at the same time', async () => {
    const clock = new ManualClock();
    const chip = new SimulatedBme680(
      () => ROOM,
      () => clock.now(),
    );
    let measurements = 0;
    const driver = new Bme680Driver(
      {
        transfer: async (_address, write, readLength) => {
          if (write[0] === CTRL_MEAS && readLength === 0) measurements += 1;
          return chip.transfer(write, readLength);
        },
      },
      0x77,
      clock,
    );
    const all = Promise.all([driver.measure(), driver.measure(), driver.measure()]);
    await clock.advance(1_000);
    const [a, b, c] = await all;
    assert.equal(a, b);
    assert.equal(b, c);
    assert.equal(measurements, 1);
  });

  it('is set up again after it lost its settings to a brown-out', async () => {
    const clock = new JumpingClock();
    const chip = new SimulatedBme680(
      () => ROOM,
      () => clock.now(),
    );
    const driver = driverOver((w, n) => chip.transfer(w, n), clock);
    await driver.measure();
    chip.transfer(Uint8Array.of(0xe0, 0xb6), 0);
    assertNear(await driver.measure(), ROOM);
  });

  it('is set up again after an error, and works when the cause is gone', async () => {
    const clock = new JumpingClock();
    const chip = new SimulatedBme680(
      () => ROOM,
      () => clock.now(),
    );
    let unplugged = false;
    let resets = 0;
    const driver = driverOver((w, n) => {
      if (w[0] === 0xe0) resets += 1;
      if (unplugged) throw new WasiError('HARDWARE_MISSING', 'nothing answers');
      return chip.transfer(w, n);
    }, clock);
    await driver.measure();
    unplugged = true;
    await assert.rejects(driver.measure(), { code: 'HARDWARE_MISSING' });
    unplugged = false;
    assertNear(await driver.measure(), ROOM);
    assert.equal(resets, 2);
  });

  it('is HARDWARE_MISSING when another chip answers at its address', async () => {
    const bme280 = driverOver((_write, n) => new Uint8Array(n).fill(0x60));
    await assert.rejects(bme280.measure(), {
      code: 'HARDWARE_MISSING',
      message: /0x77 is no BME680: chip id 0x60 instead of 0x61/,
    });
  });

  it('is HARDWARE_IO when it never finishes', async () => {
    const clock = new JumpingClock();
    const chip = new SimulatedBme680(
      () => ROOM,
      () => 0,
    );
    await assert.rejects(driverOver((w, n) => chip.transfer(w, n), clock).measure(), {
      code: 'HARDWARE_IO',
      message: /did not finish/,
    });
  });

  it('is HARDWARE_IO when it reports what it cannot measure', async () => {
    const clock = new JumpingClock();
    const chip = new SimulatedBme680(
      () => ROOM,
      () => clock.now(),
    );
    const garbled = driverOver((write, n) => {
      const bytes = chip.transfer(write, n);
      if (write[0] === 0x1d) bytes.fill(0xff, 5, 8);
      return bytes;
    }, clock);
    await assert.rejects(garbled.measure(), { code: 'HARDWARE_IO', message: /cannot measure/ });
  });

  it('is HARDWARE_IO when its heater did not get hot', async () => {
    const clock = new JumpingClock();
    const chip = new SimulatedBme680(
      () => ROOM,
      () => clock.now(),
    );
    const cold = driverOver((write, n) => {
      const bytes = chip.transfer(write, n);
      if (write[0] === 0x1d) bytes[14] = (bytes[14] ?? 0) & ~0x10;
      return bytes;
    }, clock);
    await assert.rejects(cold.measure(), { code: 'HARDWARE_IO', message: /heat/ });
  });
});
