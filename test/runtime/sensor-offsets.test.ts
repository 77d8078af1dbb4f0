/** [sensors.*] temperature_offset and humidity_offset in a whole runtime: whoever sees a value sees the corrected one. */
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext } from 'node:test';
import { MINUTE_MS } from '../../src/readings/hours';
import { adu, RawClient } from '../modbus/raw-client';
import { Served } from '../modbus/served';
import { promise } from '../support/promise';
import { onlyBundled } from './bundled';
import { TestRuntime, userDirectory } from './test-runtime';

const TAKEN_OVER = /changed and was taken over/;
const STILL = `[cluster]
node_id = "pi4"
[simulation]
dht22_temperature = 31
dht22_humidity = 40
cpu_temperature = 48
bme680_temperature = 23
bme680_humidity = 42
bme680_pressure = 1013.25
bme680_gas_resistance = 120
`;
const ROOM = `${STILL}${onlyBundled('dht22')}`;
const BOARD = `${STILL}${onlyBundled('bme680')}`;
const WARM_BOARD = '[sensors.bme680]\ntemperature_offset = -3\n';
const DRY_ROOM = '[sensors.dht22]\ntemperature_offset = -1.5\nhumidity_offset = 2.5\n';

/** A runtime by file, and how its file is replaced. */
async function byFile(t: TestContext, toml: string) {
  const userDir = userDirectory(t);
  const path = join(userDir, 'wasi', 'host.toml');
  writeFileSync(path, toml);
  const host = await TestRuntime.open(t, '', {}, { userDir, configSource: 'file' });
  const write = async (changed: string) => {
    const before = host.logged('info', TAKEN_OVER).length;
    writeFileSync(`${path}.new`, changed);
    renameSync(`${path}.new`, path);
    await host.until(() => host.logged('info', TAKEN_OVER).length > before);
  };
  return { host, write };
}

/** The float32 that a Modbus client reads of a field. */
async function modbusValue(served: Served, of: string, name: string): Promise<number> {
  const entry = served.gateway.map().find(({ sensor, field }) => sensor === of && field === name);
  assert.ok(entry, `${of} has no registers for ${name}`);
  const range = Buffer.alloc(4);
  range.writeUInt16BE(entry.address, 0);
  range.writeUInt16BE(2, 2);
  const client = await RawClient.connect(served.line.port);
  client.send(adu(1, 1, `03${range.toString('hex')}`));
  await client.untilReceived(9);
  const value = await client.untilReceived(4);
  client.close();
  return value.readFloatBE(0);
}

describe('an offset of a sensor', () => {
  promise(
    'is in the message, the history, the trend and the registers, and nowhere is the value without it',
    async (t) => {
      const host = await TestRuntime.open(t, `${DRY_ROOM}${ROOM}`);
      const outcome = await host.runtime.poll('dht22');
      assert.ok(outcome.kind === 'polled');
      assert.deepEqual(
        outcome.readings.map(({ values }) => ({ ...values })),
        [{ temperature: 29.5, humidity: 42.5 }],
      );
      await host.poll('dht22');
      const [reading] = host.runtime.latestReadings();
      assert.ok(reading);
      assert.deepEqual({ ...reading.values }, { temperature: 29.5, humidity: 42.5 });
      const now = Math.floor(Date.now() / MINUTE_MS);
      for (const [field, value] of [
        ['temperature', 29.5],
        ['humidity', 42.5],
      ] as const) {
        const points = host.runtime.minuteHistory
          .fields({ sensor: 'dht22', field })
          .flatMap((each) => [...each.points(now - 5, now + 1)]);
        assert.deepEqual([...new Set(points.map(({ mean }) => mean))], [value]);
        const trend = host.runtime.trend(reading, field);
        assert.deepEqual([trend?.min, trend?.max], [value, value]);
      }
      const served = await Served.open();
      t.after(() => served.close());
      await served.gateway.close();
      served.latest = host.runtime.latestReadings();
      await served.open();
      assert.equal(await modbusValue(served, 'dht22', 'temperature'), 29.5);
      assert.equal(await modbusValue(served, 'dht22', 'humidity'), 42.5);
    },
  );

  promise("decides over the plugin's own threshold, in both directions", async (t) => {
    const alarm = async (offset: number) => {
      const host = await TestRuntime.open(t, `[sensors.dht22]\ntemperature_offset = ${offset}\n${ROOM}`);
      await host.poll('dht22');
      return (await host.runtime.syncLeds()).leds[1];
    };
    assert.equal(await alarm(0), '#ff0000', 'above 30 °C it is red');
    assert.equal(await alarm(-1.5), '#00ff00');
    assert.equal(await alarm(2), '#ff0000');
  });

  promise('of a BME680 changes its humidity with its temperature, and neither pressure nor gas', async (t) => {
    const plain = await (await TestRuntime.open(t, BOARD)).poll('bme680');
    const cooler = await (await TestRuntime.open(t, `${WARM_BOARD}${BOARD}`)).poll('bme680');
    assert.ok(Math.abs(Number(cooler['temperature']) - 20) < 0.05, String(cooler['temperature']));
    // 42 % at 23 °C is 8.6 g/m³, which is 49.9 % at 20 °C.
    assert.ok(Math.abs(Number(cooler['humidity']) - 49.9) < 0.3, String(cooler['humidity']));
    assert.ok(Math.abs(Number(cooler['pressure']) - Number(plain['pressure'])) < 0.1);
    assert.ok(Math.abs(Number(cooler['gasResistance']) - Number(plain['gasResistance'])) < 1);
  });

  promise('is taken over while the runtime runs, and neither plugins nor devices are started anew', async (t) => {
    const { host, write } = await byFile(t, ROOM);
    assert.equal((await host.poll('dht22'))['temperature'], 31);
    await write(`${DRY_ROOM}${ROOM}`);
    assert.deepEqual(await host.poll('dht22'), { temperature: 29.5, humidity: 42.5 });
    await write(ROOM);
    assert.deepEqual(await host.poll('dht22'), { temperature: 31, humidity: 40 });
    assert.deepEqual(host.logged('info', /started anew/), []);
  });

  promise('leaves what was measured in the log at debug, where host.toml shows sensor data', async (t) => {
    const raw = /DHT22 at GPIO4 measured 31 °C, 40 %/;
    const shown = '[logging]\nlevel = "debug"\nshow_sensor_data = true\n';
    const lines = async (toml: string) => {
      const host = await TestRuntime.open(t, toml);
      await host.poll('dht22');
      return host.log.filter(({ text }) => raw.test(text)).map(({ level, plugin, text }) => ({ level, plugin, text }));
    };
    assert.deepEqual(await lines(`${DRY_ROOM}${ROOM}${shown}`), [
      {
        level: 'debug',
        plugin: 'dht22',
        text: 'DHT22 at GPIO4 measured 31 °C, 40 %; with its offsets (temperature −1.5 °C, humidity +2.5 %): 29.5 °C, 42.5 %',
      },
    ]);
    assert.deepEqual(await lines(`${DRY_ROOM}${ROOM}${shown.replace('true', 'false')}`), []);
    assert.deepEqual(await lines(`${ROOM}${shown}`), [], 'without an offset the reading says it all');
  });

  promise('is told on the page, for the plugin that reads the sensor and no other', async (t) => {
    const host = await TestRuntime.open(t, `${DRY_ROOM}${STILL}${onlyBundled('dht22', 'bme680', 'dashboard')}`);
    await host.poll('dht22');
    await host.poll('bme680');
    const html = (await host.runtime.render('dashboard')) ?? '';
    const said = html.replaceAll('\u00a0', ' ').match(/Corrected[^<]*/g);
    assert.deepEqual(said, ['Corrected by the offsets of DHT22 at GPIO4: temperature −1.5 °C, humidity +2.5 %']);
  });
});
