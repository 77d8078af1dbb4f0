import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { promise } from '../support/promise';
import { onlyBundled } from './bundled';
import { TestRuntime } from './test-runtime';

const WORLD = `
  [simulation]
  dht22_temperature = 21.5
  dht22_humidity = 40
  cpu_temperature = 48
  bme680_temperature = 23
  bme680_humidity = 42
  bme680_pressure = 1013.25
  bme680_gas_resistance = 120
`;

describe('components built for the original host', () => {
  promise('demo:plugin 0.1.0: a sensor is polled and lights its LED', async (t) => {
    const host = await TestRuntime.open(t, `${onlyBundled('dht22')}${WORLD}`, { dht22: 'demo_0_1_0' });
    const outcome = await host.runtime.poll('dht22');
    assert.ok(outcome.kind === 'polled');
    const [reading] = outcome.readings;
    assert.equal(reading?.sensorId, 'dht22-gpio4');
    assert.deepEqual({ ...reading?.values }, { temperature: 21.5, humidity: 40 });
    assert.deepEqual({ ...reading?.units }, { temperature: '°C', humidity: '%' });
    assert.equal((await host.runtime.syncLeds()).leds[1], '#00ff00');
    assert.equal(host.plugin('dht22').origin, 'file', 'a file wins over the bundled one');
  });

  promise('demo:plugin 0.2.0: a BME680 is read by I²C in hexadecimal text', async (t) => {
    // Its world names a buzzer, which a BME680's tables do not imply.
    const grants = '[plugins.bme680.grants]\ni2c = ["0x77"]\nbuzzer = true\n';
    const host = await TestRuntime.open(t, `${onlyBundled('bme680')}${grants}${WORLD}`, { bme680: 'demo_0_2_0' });
    const values = await host.poll('bme680');
    assert.deepEqual(Object.keys(values), [
      'temperature',
      'humidity',
      'pressure',
      'gasResistance',
      'iaqScore',
      'iaqAccuracy',
    ]);
    assert.ok(Math.abs(Number(values['temperature']) - 23) < 0.5, String(values['temperature']));
    assert.equal((await host.runtime.syncLeds()).leds[2], '#00ff00');
  });

  promise('demo:plugin 0.2.0: one record instead of a list is one reading of the plugin', async (t) => {
    const host = await TestRuntime.open(t, `${onlyBundled('pi_monitor')}${WORLD}`, { 'pi-monitor': 'demo_0_2_0_pi' });
    const outcome = await host.runtime.poll('pi-monitor');
    assert.ok(outcome.kind === 'polled');
    assert.equal(outcome.readings[0]?.sensorId, 'pi_monitor');
    assert.equal(outcome.readings[0]?.values['cpuTemp'], 48);
  });

  promise('demo:plugin 0.2.0: a dashboard is given the flat form', async (t) => {
    const host = await TestRuntime.open(t, `${onlyBundled('dht22', 'pi_monitor', 'dashboard')}${WORLD}`, {
      dashboard: 'demo_0_2_0_dashboard',
    });
    await host.runtime.pollAll();
    // Its page is what it was given.
    const given = JSON.parse((await host.runtime.render('dashboard')) ?? '');
    assert.deepEqual([given.dht22.temp, given.dht22.humidity, given.bme680.iaq, given.pi.cpu_temp], [21.5, 40, 0, 48]);
  });

  promise('demo:plugin 0.1.0: a dashboard is given the two numbers it asks for', async (t) => {
    const host = await TestRuntime.open(t, `${onlyBundled('dht22', 'dashboard')}${WORLD}`, {
      dashboard: 'demo_0_1_0_dashboard',
    });
    assert.match((await host.runtime.render('dashboard')) ?? '', /<p>000\/10 °C, 000\/10 %/);
    await host.runtime.pollAll();
    assert.match((await host.runtime.render('dashboard')) ?? '', /<p>215\/10 °C, 400\/10 %/);
  });
});
