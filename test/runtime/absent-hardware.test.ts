/** What a poll says of a sensor that is not there. Simulated hardware has its sensors where host.toml has them only. */
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { promise } from '../support/promise';
import { LEDS_OFF, NONE_BUNDLED, TestRuntime } from './test-runtime';

/** The bundled plugin asks for a sensor at GPIO 9; host.toml has it at GPIO 4. */
const WRONG_PIN = `${NONE_BUNDLED.replace('[plugins.dht22]\nenabled = false\n', '')}
[plugins.dht22]
enabled = true
led = 1
[plugins.dht22.grants]
gpio = [9]
buzzer = true
[plugins.dht22.settings]
gpio_pin = 9
`;

describe('a sensor that is not there', () => {
  promise('is no poll without values but HARDWARE_MISSING, in the words of the devices', async (t) => {
    const host = await TestRuntime.open(t, WRONG_PIN);
    await assert.rejects(host.runtime.poll('dht22'), {
      code: 'HARDWARE_MISSING',
      message: /dht22: no DHT22 at GPIO 9/,
    });
    assert.equal(host.plugin('dht22').lastError?.code, 'HARDWARE_MISSING');
    assert.equal(host.plugin('dht22').state, 'ready', 'its instance lives on');
    assert.notDeepEqual((await host.runtime.syncLeds()).leds, LEDS_OFF, 'and it may show that on its LED');
  });

  promise('fails its part of a cycle, and is no error in the log at each of them', async (t) => {
    const host = await TestRuntime.open(
      t,
      `${WRONG_PIN}[plugins.pi_monitor]\n`.replace('[plugins.pi_monitor]\nenabled = false\n', ''),
    );
    const { readings, failures, polled } = await host.runtime.pollAll();
    assert.equal(polled, 2);
    assert.deepEqual(
      failures.map(({ plugin, error }) => [plugin, error.code]),
      [['dht22', 'HARDWARE_MISSING']],
    );
    assert.equal(readings[0]?.plugin, 'pi_monitor');
    assert.deepEqual(host.logged('error', /HARDWARE_MISSING/), []);
  });
});
