/** What a message may ask of the simulated world: a mistake changes nothing, and its error says what would have been right. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runInNewContext } from 'node:vm';
import { parseWorldChanges } from '../../src/host-config/simulation-changes';

const STILL = { amplitude: 0, periodS: 600, noise: 0 };

function refused(payload: unknown, message: RegExp): void {
  assert.throws(() => parseWorldChanges(payload), { code: 'CONFIG_INVALID', message });
}

describe('a message to the simulated world', () => {
  it('changes what it names, and nothing else', () => {
    assert.deepEqual(parseWorldChanges({ dht22_temperature: 31, dht22_failure_rate: 1 }), {
      simulation: { dht22Temperature: { mean: 31, ...STILL }, dht22FailureRate: 1 },
    });
  });

  it('may move a value as host.toml does', () => {
    const { simulation } = parseWorldChanges({ cpu_temperature: { mean: 60, amplitude: 5, period_s: 20, noise: 1 } });
    assert.deepEqual(simulation, { cpuTemperature: { mean: 60, amplitude: 5, periodS: 20, noise: 1 } });
  });

  it('switches the fan, and sounds the buzzer for a while, for a minute, or no more', () => {
    assert.deepEqual(parseWorldChanges({ fan: true, buzzer: 500 }), { simulation: {}, fan: true, buzzerMs: 500 });
    assert.equal(parseWorldChanges({ buzzer: true }).buzzerMs, 60_000);
    for (const off of [false, 0]) assert.equal(parseWorldChanges({ buzzer: off }).buzzerMs, 0);
  });

  it('that is no object of keys changes nothing', () => {
    for (const payload of [
      undefined,
      null,
      1_700_000_000_000,
      '{"seed": 2}',
      true,
      [31],
      Buffer.from('31'),
      new Date(),
    ])
      assert.deepEqual(parseWorldChanges(payload), { simulation: {} });
    assert.deepEqual(parseWorldChanges({}), { simulation: {} });
  });

  it('may come from a function node, whose objects are of another realm', () => {
    const payload: unknown = runInNewContext('({ dht22_temperature: 31 })');
    assert.equal(parseWorldChanges(payload).simulation.dht22Temperature?.mean, 31);
  });

  it('with an unknown key is refused, and told the nearest one', () => {
    refused(
      { dht22_temprature: 31 },
      /msg\.payload, dht22_temprature: unknown key; did you mean "dht22_temperature"\?/,
    );
    refused({ wind: 3 }, /wind: unknown key; known here are dht22_temperature, .*, fan, buzzer/);
    refused({ dht22_humidity: { mean: 40, ampltude: 3 } }, /dht22_humidity\.ampltude: unknown key; .*"amplitude"/);
  });

  it('out of what can be measured is refused, and told the range', () => {
    refused({ dht22_temperature: 81 }, /dht22_temperature: expected a number from -40 to 80, found 81\./);
    refused({ dht22_humidity: { mean: 101 } }, /dht22_humidity\.mean: expected a number from 0 to 100, found 101\./);
    refused({ buzzer: 60_001 }, /buzzer: expected a whole number from 0 to 60000, found 60001/);
    refused({ bme680_pressure: Number.NaN }, /expected a number from 300 to 1100, found NaN/);
  });

  it('of a wrong type is refused', () => {
    refused(
      { dht22_temperature: '31' },
      /expected a number or a table of mean, amplitude, period_s and noise, found "31"/,
    );
    refused({ fan: 'on' }, /fan: expected true or false, found "on"/);
    refused({ buzzer: 'loud' }, /buzzer: expected true, false or a whole number of ms from 0 to 60000, found "loud"/);
  });

  it('is told of all its mistakes at once, and that nothing was changed', () => {
    refused({ fan: 1, seed: -1 }, /seed: .*; fan: .*\. Nothing was changed; correct the message and send it again\./);
  });

  it('of very many keys is refused before any is looked at', () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`key${at}`, at]));
    refused(many, /expected at most 32 keys, found 100000/);
  });
});
