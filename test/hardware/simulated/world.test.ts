import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SimulationSettings } from '../../../src/hardware/hardware';
import { World } from '../../../src/hardware/simulated/world';
import { settingsWith } from '../settings';

const START_MS = 1_700_000_000_000;

function worldOf(simulation: Partial<SimulationSettings>): World {
  return new World(settingsWith(simulation).simulation);
}

const noisy = { mean: 20, amplitude: 0, periodS: 600, noise: 1 };

describe('the simulated world', () => {
  it('keeps a steady signal steady', () => {
    const world = worldOf({});
    assert.equal(world.valueAt('dht22Temperature', START_MS), 22);
    assert.equal(world.valueAt('dht22Temperature', START_MS + 123_456), 22);
  });

  it('swings by the amplitude once in a period', () => {
    const world = worldOf({ dht22Temperature: { mean: 20, amplitude: 3, periodS: 600, noise: 0 } });
    const at = (seconds: number) => world.valueAt('dht22Temperature', seconds * 1_000);
    assert.ok(Math.abs(at(6_000) - 20) < 1e-9);
    assert.ok(Math.abs(at(6_150) - 23) < 1e-9);
    assert.ok(Math.abs(at(6_450) - 17) < 1e-9);
  });

  it('says the same for the same instant and seed, in whatever order it is asked', () => {
    const one = worldOf({ dht22Temperature: noisy });
    const other = worldOf({ dht22Temperature: noisy });
    const later = other.valueAt('dht22Temperature', START_MS + 60_000);
    assert.equal(one.valueAt('dht22Temperature', START_MS), other.valueAt('dht22Temperature', START_MS));
    assert.equal(one.valueAt('dht22Temperature', START_MS + 60_000), later);
  });

  it('tells another story with another seed, and for another signal', () => {
    const world = worldOf({ dht22Temperature: noisy, bme680Temperature: noisy });
    const value = world.valueAt('dht22Temperature', START_MS);
    assert.notEqual(worldOf({ dht22Temperature: noisy, seed: 2 }).valueAt('dht22Temperature', START_MS), value);
    assert.notEqual(world.valueAt('bme680Temperature', START_MS), value);
  });

  it('scatters as N(0, 1) times the noise around the mean', () => {
    const world = worldOf({ dht22Temperature: noisy });
    const values = Array.from({ length: 20_000 }, (_, i) => world.valueAt('dht22Temperature', START_MS + i * 97_000));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    assert.ok(Math.abs(mean - 20) < 0.05, `mean ${mean}`);
    assert.ok(Math.abs(deviation - 1) < 0.05, `deviation ${deviation}`);
  });

  it('does not jump from one second to the next', () => {
    const world = worldOf({ dht22Temperature: noisy });
    const at = (second: number) => world.valueAt('dht22Temperature', START_MS + second * 1_000);
    for (let second = 0; second < 5_000; second += 1) {
      assert.ok(Math.abs(at(second + 1) - at(second)) < 0.4, `at second ${second}`);
    }
  });
});
