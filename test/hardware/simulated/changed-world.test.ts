/** A world that is changed while sensors measure it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Signal, SimulationSettings, WorldChanges } from '../../../src/hardware/hardware';
import { SimulatedHardware } from '../../../src/hardware/simulated/simulated-hardware';
import { JumpingClock, ManualClock } from '../../support/manual-clock';
import { settingsWith, steady } from '../settings';

function changing(simulation: Partial<SimulationSettings>, other: Omit<WorldChanges, 'simulation'> = {}): WorldChanges {
  return { simulation, ...other };
}

const NOTHING = changing({});

describe('a simulated world that is changed', () => {
  it('tells everything that it holds, and each sensor measures it', async () => {
    const clock = new JumpingClock();
    const hardware = new SimulatedHardware(settingsWith(), clock);
    assert.equal((await hardware.readDht22(4)).temperature, 22);
    const world = await hardware.simulate(
      changing({ dht22Temperature: steady(31.5), cpuTemperature: steady(80), bme680Humidity: steady(70) }),
    );
    assert.deepEqual(world, {
      values: {
        dht22Temperature: 31.5,
        dht22Humidity: 45,
        cpuTemperature: 80,
        bme680Temperature: 23,
        bme680Humidity: 70,
        bme680Pressure: 1013.25,
        bme680GasResistance: 120,
        dht22FailureRate: 0,
        seed: 1,
      },
      buzzerOn: false,
      fanOn: false,
    });
    await clock.wait(3_000);
    assert.deepEqual(await hardware.readDht22(4), { temperature: 31.5, humidity: 45 });
    assert.equal(await hardware.cpuTemperature(), 80);
    const { humidity } = await hardware.readBme680(1, 0x77);
    assert.ok(Math.abs(humidity - 70) < 0.5, `${humidity} %`);
  });

  it('tells the value of this moment where a signal moves', async () => {
    const clock = new ManualClock();
    const hardware = new SimulatedHardware(settingsWith(), clock);
    const wave: Signal = { mean: 20, amplitude: 4, periodS: 40, noise: 0 };
    const at = async () => (await hardware.simulate(changing({ dht22Temperature: wave }))).values.dht22Temperature;
    const told = [await at()];
    for (let quarter = 1; quarter < 4; quarter += 1) {
      await clock.advance(10_000);
      told.push(await at());
    }
    const expected = told.map(
      (_, quarter) => 20 + 4 * Math.sin((2 * Math.PI * (clock.now() / 1_000 - 30 + quarter * 10)) / 40),
    );
    for (const [quarter, value] of told.entries()) assert.ok(Math.abs(value - (expected[quarter] ?? 0)) <= 0.001);
    assert.ok(new Set(told).size > 1);
  });

  it('has a DHT22 that breaks and is mended', async () => {
    const clock = new JumpingClock();
    const hardware = new SimulatedHardware(settingsWith(), clock);
    await hardware.simulate(changing({ dht22FailureRate: 1 }));
    await assert.rejects(hardware.readDht22(4), { code: 'HARDWARE_IO', message: /checksum/ });
    await hardware.simulate(changing({ dht22FailureRate: 0 }));
    await clock.wait(3_000);
    assert.equal((await hardware.readDht22(4)).temperature, 22);
  });

  it('tells what plugins made of fan and buzzer, and lets a message try them', async () => {
    const clock = new ManualClock();
    const hardware = new SimulatedHardware(settingsWith(), clock);
    await hardware.setFan(true);
    await hardware.beep(1, 100, 0);
    const made = await hardware.simulate(NOTHING);
    assert.deepEqual([made.fanOn, made.buzzerOn], [true, true]);
    await clock.advance(100);
    const tried = await hardware.simulate(changing({}, { fan: false, buzzerMs: 500 }));
    assert.deepEqual([tried.fanOn, tried.buzzerOn], [false, true]);
    await clock.advance(500);
    assert.equal((await hardware.simulate(NOTHING)).buzzerOn, false);
    await hardware.simulate(changing({}, { buzzerMs: 60_000 }));
    assert.equal((await hardware.simulate(changing({}, { buzzerMs: 0 }))).buzzerOn, false);
    assert.equal(clock.sleeping, 0);
  });
});
