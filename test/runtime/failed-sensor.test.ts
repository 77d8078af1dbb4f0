/** A sensor that fails is seen to fail by everybody who looks at the runtime, and no value of it counts as known. */
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { healthAnswer } from '../../src/dashboard/api';
import { readingsAnswer } from '../dashboard/whole';
import { call, sensor } from '../hostile/wat';
import { promise } from '../support/promise';
import { eventually, until } from '../support/until';
import { onlyBundled } from './bundled';
import { NONE_BUNDLED, TestRuntime } from './test-runtime';

const ROOM_AND_PAGE = onlyBundled('dht22', 'dashboard');

const READ_DHT22 = call(
  'read',
  'edge:plugin/gpio-provider@1.0.0',
  'read-dht22',
  '(param "pin" u8) (result (result (tuple f32 f32) (error string)))',
  '(param i32 i32)',
);
const readPin = (pin: number) => `(call $read (i32.const ${pin}) (i32.const 128))`;

function healthOf({ runtime }: TestRuntime): { status: number; failing: readonly string[] } {
  const { status, body } = healthAnswer(runtime.plugins());
  return { status, failing: JSON.parse(String(body)).failing };
}

function unknownOf({ runtime }: TestRuntime): readonly (readonly [string, boolean])[] {
  const { body } = readingsAnswer(runtime.latestReadings(), Date.now(), (reading) => runtime.unknownSince(reading));
  const rows: readonly { sensorId: string; unknownSince?: number }[] = JSON.parse(String(body));
  return rows.map(({ sensorId, unknownSince }) => [sensorId, unknownSince !== undefined]);
}

/** A sensor may be read every 2.5 s: until then a poll brings what was read before. */
function untilFailed(host: TestRuntime, plugin: string): Promise<unknown> {
  return until(() =>
    host.runtime.poll(plugin).then(
      () => false,
      (error: unknown) => error,
    ),
  );
}

describe('a sensor that fails', () => {
  promise('is a failed poll: for its caller, health, counts, page and readings, until it is read again', async (t) => {
    const host = await TestRuntime.open(t, `${ROOM_AND_PAGE}[simulation]\ndht22_temperature = 31\n`);
    const lost: number[] = [];
    host.runtime.subscribe((event) => event.kind === 'unknown' && lost.push(event.readings.length));
    await host.poll('dht22');
    assert.equal((await host.runtime.syncLeds()).leds[1], '#ff0000');
    assert.ok((await host.runtime.render('dashboard'))?.includes('LED 1 is red'));
    assert.deepEqual([healthOf(host), unknownOf(host)], [{ status: 200, failing: [] }, [['dht22', false]]]);

    await host.runtime.simulate({ dht22_failure_rate: 1 });
    const before = Date.now();
    await untilFailed(host, 'dht22');
    await assert.rejects(host.runtime.poll('dht22'), { code: 'HARDWARE_IO', message: /^dht22: / });
    const { failures, failuresByCode, failing } = host.plugin('dht22');
    assert.deepEqual({ failures, failuresByCode }, { failures: 2, failuresByCode: { HARDWARE_IO: 2 } });
    assert.ok(failing && failing.code === 'HARDWARE_IO' && failing.since >= before);
    assert.deepEqual([healthOf(host), unknownOf(host)], [{ status: 503, failing: ['dht22'] }, [['dht22', true]]]);
    assert.deepEqual(lost, [1], 'it is reported once, not at each failed poll');
    const page = (await host.runtime.render('dashboard')) ?? '';
    assert.ok(page.includes('its readings and alarms are unknown for'));
    assert.ok(page.includes('unknown, last read'), 'the row of the sensor says it, too');
    assert.ok(!/LED 1 is red|sensors? fresh/.test(page), 'the alarm or the sensor is shown as if it were known');
    assert.equal((await host.runtime.syncLeds()).leds[1], '#281400', 'its LED is amber, neither green nor red');

    await host.runtime.simulate({ dht22_failure_rate: 0 });
    await eventually(() => host.poll('dht22'));
    assert.deepEqual([healthOf(host), unknownOf(host)], [{ status: 200, failing: [] }, [['dht22', false]]]);
    assert.equal(host.plugin('dht22').failing, undefined);
  });

  promise('beside one that works: the poll brings the reading and the failure', async (t) => {
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.two.grants]\ngpio = [4, 9]\n`);
    host.renameIn('two', await sensor({ calls: [READ_DHT22], poll: `${readPin(4)} ${readPin(9)} (i32.const 7)` }));
    const outcome = await host.runtime.poll('two');
    assert.ok(outcome.kind === 'polled');
    assert.equal(outcome.readings.length, 1);
    assert.deepEqual(
      outcome.failures.map(({ plugin, error }) => [plugin, error.code]),
      [['two', 'HARDWARE_MISSING']],
    );
    assert.deepEqual(healthOf(host), { status: 503, failing: ['two'] });
    assert.equal(host.plugin('two').polls, 1);
  });
});
