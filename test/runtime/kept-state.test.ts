import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext } from 'node:test';
import { promise } from '../support/promise';
import { onlyBundled } from './bundled';
import { TestRuntime, userDirectory } from './test-runtime';

const GAS = (kohm: number) =>
  `[plugins.bme680.settings]\nburn_in_s = 0\n[simulation]\nbme680_humidity = 40\nbme680_gas_resistance = ${kohm}\n${onlyBundled('bme680')}`;

async function score(t: TestContext, userDir: string, kohm: number): Promise<number> {
  const host = await TestRuntime.open(t, GAS(kohm), {}, { userDir });
  const values = await host.poll('bme680');
  await host.close();
  return Number(values['iaqScore']);
}

describe('what a plugin keeps', () => {
  promise('is there after a restart, and gone with its file', async (t) => {
    const userDir = userDirectory(t);
    assert.ok((await score(t, userDir, 200)) >= 98, 'the air of the first reading is the clean one');
    const kept = join(userDir, 'wasi', 'state', 'bme680.json');
    assert.deepEqual(Object.keys(JSON.parse(readFileSync(kept, 'utf8'))), ['gas_baseline']);
    const worse = await score(t, userDir, 50);
    assert.ok(worse < 50, `a quarter of the resistance scores ${worse}`);
    rmSync(kept);
    assert.ok((await score(t, userDir, 50)) >= 98);
  });

  promise('costs no poll where it cannot be written, and that is said', async (t) => {
    const userDir = userDirectory(t);
    writeFileSync(join(userDir, 'wasi', 'state'), 'a file where a folder should be');
    const host = await TestRuntime.open(t, GAS(100), {}, { userDir });
    assert.ok('iaqScore' in (await host.poll('bme680')));
    await host.until(() => host.logged('warn', /what bme680 wants kept could not be written/).length === 1);
    const [notKept] = host.runtime.storage.view().notKept;
    assert.deepEqual([notKept?.what, notKept?.plugin, notKept?.reason], ['state', 'bme680', 'EEXIST']);
    assert.ok('iaqScore' in (await host.poll('bme680')));
    await host.close();
  });

  promise('is started afresh, and said, where its file is damaged', async (t) => {
    const userDir = userDirectory(t);
    mkdirSync(join(userDir, 'wasi', 'state'));
    writeFileSync(join(userDir, 'wasi', 'state', 'bme680.json'), '{"gas_baseline": "eyJ2');
    const host = await TestRuntime.open(t, GAS(100), {}, { userDir });
    assert.ok('iaqScore' in (await host.poll('bme680')));
    assert.equal(host.logged('warn', /bme680\.json is damaged: bme680 starts without kept state/).length, 1);
    await host.close();
  });
});
