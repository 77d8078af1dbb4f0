import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { promise } from '../support/promise';
import { onlyBundled } from './bundled';
import { LEDS_OFF, NONE_BUNDLED, TestRuntime } from './test-runtime';

/** Steady air and a cool processor; `extra` comes last, so it may open further tables. */
function world(extra = ''): string {
  return `
    [cluster]
    node_id = "pi4"
    [simulation]
    dht22_temperature = 21.5
    dht22_humidity = 40
    cpu_temperature = 48
    bme680_temperature = 23
    bme680_humidity = 42
    bme680_pressure = 1013.25
    bme680_gas_resistance = 120
    ${extra}`;
}

/** All of them but the dashboard. */
const SENSORS = onlyBundled('dht22', 'bme680', 'pi_monitor');

describe('one cycle over every enabled sensor plugin', () => {
  promise('reads the bundled ones in the order of host.toml, into the store and the log', async (t) => {
    const host = await TestRuntime.open(
      t,
      world(
        '[logging]\nshow_sensor_data = true\n[plugins.pi_monitor]\n[plugins.bme680]\n[plugins.dht22]\n[plugins.dashboard]\nenabled = false\n',
      ),
    );
    const { readings, failures, polled } = await host.runtime.pollAll();
    assert.deepEqual(
      readings.map(({ plugin }) => plugin),
      ['pi_monitor', 'bme680', 'dht22'],
    );
    assert.deepEqual({ failures, polled }, { failures: [], polled: 3 });
    const [pi, bme680, dht22] = readings;
    assert.equal(pi?.values['cpuTemp'], 48);
    assert.equal(pi?.values['fanOn'], 0);
    assert.ok(Math.abs(Number(bme680?.values['pressure']) - 1013.25) < 1, String(bme680?.values['pressure']));
    assert.deepEqual(
      { ...dht22, timestamp: 0, values: { ...dht22?.values }, units: { ...dht22?.units } },
      {
        node: 'pi4',
        plugin: 'dht22',
        sensorId: 'dht22',
        timestamp: 0,
        values: { temperature: 21.5, humidity: 40 },
        units: { temperature: '°C', humidity: '%' },
      },
    );
    assert.deepEqual(
      host.runtime.latestReadings().map(({ plugin }) => plugin),
      ['bme680', 'dht22', 'pi_monitor'],
    );
    await host.runtime.pollAll();
    const [series] = host.runtime.history('pi4/dht22/dht22', 'temperature');
    assert.deepEqual(
      series?.points.map(({ value }) => value),
      [21.5, 21.5],
    );
    assert.equal(host.logged('info', /^temperature 21\.5 °C, humidity 40 %$/).length, 2);
  });

  promise('goes on after one that fails, and says which', async (t) => {
    const toml = world(`${NONE_BUNDLED}
      [plugins.missing]
      [plugins.faults]
      settings = { fault = "error" }
      [plugins.counter]
      [logging]
      show_sensor_data = false`);
    const host = await TestRuntime.open(t, toml, { faults: 'faults', counter: 'counter_v1' });
    const { readings, failures, polled } = await host.runtime.pollAll();
    assert.deepEqual(
      readings.map(({ plugin }) => plugin),
      ['counter'],
    );
    assert.equal(polled, 3);
    assert.deepEqual(
      failures.map(({ plugin, error }) => [plugin, error.code]),
      [
        ['missing', 'PLUGIN_NOT_FOUND'],
        ['faults', 'PLUGIN_ERROR'],
      ],
    );
    assert.deepEqual(host.logged('info', /count 1/), [], 'show_sensor_data = false');
  });

  promise('has nothing to do where all are disabled, and the strip is written all the same', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED);
    assert.deepEqual(await host.runtime.pollAll(), {
      readings: [],
      failures: [],
      polled: 0,
      answered: 0,
      updated: 0,
      shown: 0,
    });
    assert.deepEqual(await host.runtime.syncLeds(), { changed: true, leds: LEDS_OFF });
    assert.equal(await host.runtime.render('dashboard'), null);
  });
});

describe('the LED strip', () => {
  promise('is written once for a cycle, and only when something changed', async (t) => {
    const host = await TestRuntime.open(t, world(`[leds]\ncount = 4\n${SENSORS}`));
    const shown: (readonly string[])[] = [];
    host.runtime.subscribe((event) => {
      if (event.kind === 'leds') shown.push(event.leds);
    });
    await host.runtime.pollAll();
    assert.deepEqual(shown, [], 'polls write nothing');
    const leds = ['#00ff00', '#00ff00', '#000028', '#000000'];
    const syncs = await Promise.all([host.runtime.syncLeds(), host.runtime.syncLeds()]);
    assert.deepEqual(syncs, [
      { changed: true, leds },
      { changed: false, leds },
    ]);
    await host.runtime.pollAll();
    assert.deepEqual(await host.runtime.syncLeds(), { changed: false, leds });
    assert.deepEqual(shown, [leds]);
  });

  promise("takes no color outside a plugin's own LEDs, which is said once", async (t) => {
    const host = await TestRuntime.open(
      t,
      `${world(NONE_BUNDLED)}
      [plugins.old]
      led = 3
      [plugins.old.grants]
      gpio = [4]
      buzzer = true`,
      { old: 'demo_0_1_0' },
    );
    await host.poll('old');
    await host.poll('old');
    assert.deepEqual((await host.runtime.syncLeds()).leds, LEDS_OFF);
    const said = host.logged('warn', /./);
    assert.equal(said.length, 1, said.join('\n'));
    assert.match(said[0] ?? '', /set-led on LED 1 was dropped: it may change LED 3/);
  });

  promise('takes the colors of a poll whole or not at all', async (t) => {
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}[leds]\ncount = 2\n[plugins.lights]\nleds = [0, 1]`, {
      lights: 'lights',
    });
    await host.poll('lights');
    assert.deepEqual((await host.runtime.syncLeds()).leds, ['#010000', '#010000']);
    await assert.rejects(host.runtime.poll('lights'), { code: 'PLUGIN_ERROR' });
    assert.deepEqual(await host.runtime.syncLeds(), { changed: false, leds: ['#010000', '#010000'] });
    await host.poll('lights');
    assert.deepEqual((await host.runtime.syncLeds()).leds, ['#030000', '#030000']);
    await assert.rejects(host.runtime.poll('lights'), { code: 'PLUGIN_TRAPPED' });
    assert.deepEqual(await host.runtime.syncLeds(), { changed: false, leds: ['#030000', '#030000'] });
  });

  promise("shows a flow's override above the plugins' colours, until it is taken away", async (t) => {
    const host = await TestRuntime.open(t, world(`[leds]\ncount = 3\n${SENSORS}`));
    const red = ['#ff0000', '#000000', '#000000'];
    assert.deepEqual(await host.runtime.syncLeds(['#ff0000']), { changed: true, leds: red });
    await host.runtime.pollAll();
    assert.deepEqual(await host.runtime.syncLeds(), { changed: true, leds: ['#ff0000', '#00ff00', '#000028'] });
    const wrong = host.runtime.syncLeds([null, 'green']);
    await assert.rejects(wrong, { code: 'CONFIG_INVALID', message: /^msg\.leds\[1\] must be/ });
    assert.equal((await host.runtime.syncLeds()).changed, false, 'what is refused changes nothing');
    const syncs = await Promise.all([host.runtime.syncLeds([null, null, '#ffffff']), host.runtime.syncLeds(null)]);
    assert.deepEqual(syncs, [
      { changed: true, leds: ['#00ff00', '#00ff00', '#ffffff'] },
      { changed: true, leds: ['#00ff00', '#00ff00', '#000028'] },
    ]);
  });

  promise('shows a sensor that does not answer, and the poll fails', async (t) => {
    const host = await TestRuntime.open(t, world(`dht22_failure_rate = 1\n${onlyBundled('dht22')}`));
    await assert.rejects(host.runtime.poll('dht22'), { code: 'HARDWARE_IO', message: /^dht22: / });
    assert.equal((await host.runtime.syncLeds()).leds[1], '#281400');
    assert.equal(host.logged('warn', /dht22: read failed/).length, 1);
  });
});

describe('the dashboard', () => {
  promise('is rendered by its plugin from the newest readings, once for all who ask at a time', async (t) => {
    const host = await TestRuntime.open(t, world(onlyBundled('dht22', 'dashboard')));
    await host.runtime.pollAll();
    const before = host.plugin('dashboard').polls;
    const [page, same] = await Promise.all([host.runtime.render('dashboard'), host.runtime.render('dashboard')]);
    assert.match(page ?? '', /<!doctype html>/i);
    assert.match(page ?? '', /21\.5/);
    assert.match(page ?? '', /pi4/);
    assert.equal(same, page);
    assert.equal(host.plugin('dashboard').polls, before + 1);
  });

  promise('is rendered where every sensor is disabled', async (t) => {
    const host = await TestRuntime.open(t, onlyBundled('dashboard'));
    assert.match((await host.runtime.render('dashboard')) ?? '', /<!doctype html>/i);
  });
});
