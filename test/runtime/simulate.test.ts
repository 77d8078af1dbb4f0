/** The simulated world of a whole runtime, changed by messages: how long a change holds, and whom it reaches. */
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext } from 'node:test';
import { promise } from '../support/promise';
import { NONE_BUNDLED, TestRuntime, userDirectory } from './test-runtime';

const TAKEN_OVER = /changed and was taken over/;
/** Nothing of it moves. */
const STILL = `[simulation]
dht22_temperature = 21.5
dht22_humidity = 40
cpu_temperature = 48
bme680_temperature = 23
bme680_humidity = 42
bme680_pressure = 1013.25
bme680_gas_resistance = 120
`;
const ROOM = STILL.replace('21.5', '19');

/** A runtime by file, and how its file is replaced. */
async function byFile(t: TestContext, toml: string) {
  const userDir = userDirectory(t);
  const path = join(userDir, 'wasi', 'host.toml');
  writeFileSync(path, `${NONE_BUNDLED}${toml}`);
  const host = await TestRuntime.open(t, '', {}, { userDir, configSource: 'file' });
  const write = async (changed: string) => {
    const before = host.logged('info', TAKEN_OVER).length;
    writeFileSync(`${path}.new`, `${NONE_BUNDLED}${changed}`);
    renameSync(`${path}.new`, path);
    await host.until(() => host.logged('info', TAKEN_OVER).length > before);
  };
  return { host, write };
}

describe('the simulated world of a runtime', () => {
  promise('is told, changed by a message, and measured by plugins', async (t) => {
    const host = await TestRuntime.open(t, STILL);
    const before = await host.runtime.simulate();
    assert.equal(before['dht22_temperature'], 21.5);
    assert.equal(before['fan'], false);
    const after = await host.runtime.simulate({ dht22_temperature: 33, fan: true });
    assert.deepEqual(after, { ...before, dht22_temperature: 33, fan: true });
    assert.equal((await host.poll('dht22'))['temperature'], 33);
  });

  promise('stays as it was where any part of a message is wrong', async (t) => {
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}${STILL}`);
    const before = await host.runtime.simulate();
    const wrong = { dht22_temperature: 33, fan: true, wind: 3 };
    await assert.rejects(host.runtime.simulate(wrong), { code: 'CONFIG_INVALID', message: /wind: unknown key/ });
    assert.deepEqual(await host.runtime.simulate(), before);
  });

  promise(
    'keeps what a message changed when something else of host.toml changes, devices opened anew or not',
    async (t) => {
      const { host, write } = await byFile(t, STILL);
      await host.runtime.simulate({ dht22_temperature: 33 });
      await write(`${STILL}[logging]\nlevel = "debug"\n`);
      assert.equal((await host.runtime.simulate())['dht22_temperature'], 33);
      await write(`${STILL}[leds]\nbrightness = 9\n`);
      assert.match(host.logged('info', TAKEN_OVER).at(-1) ?? '', /started anew: the devices/);
      assert.equal((await host.runtime.simulate())['dht22_temperature'], 33);
    },
  );

  promise('is what host.toml says again once its [simulation] changes', async (t) => {
    const { host, write } = await byFile(t, STILL);
    await host.runtime.simulate({ dht22_temperature: 33, dht22_humidity: 80 });
    await write(ROOM);
    const world = await host.runtime.simulate();
    assert.deepEqual([world['dht22_temperature'], world['dht22_humidity']], [19, 40]);
  });

  promise('is not there where devices are real, whatever is asked', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED, {}, { hardware: 'raspberry-pi' });
    for (const payload of [undefined, { dht22_temperature: 33 }, { wind: 3 }])
      await assert.rejects(host.runtime.simulate(payload), { code: 'HARDWARE_MISSING', message: /no simulated world/ });
  });

  promise('is closed with the runtime', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED);
    await host.close();
    await assert.rejects(host.runtime.simulate(), { code: 'RUNTIME_CLOSED' });
  });
});
