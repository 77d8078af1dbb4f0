/**
 * What was answered with "saved", "installed" or "served" is there after a power cut: on real file systems, each cut right
 * after the answer.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setupFiles, writeFiles } from '../../src/cluster-setup/setup-files';
import { HostTomlFile } from '../../src/host-config/host-toml-file';
import { AllocationFile } from '../../src/modbus/allocation-file';
import { StateFiles } from '../../src/plugin-host/state-files';
import { HistoryRun } from '../readings/history-run';
import { readingOf } from '../readings/reading-of';
import { SetClock } from '../readings/set-clock';
import { NONE_BUNDLED, TestRuntime } from '../runtime/test-runtime';
import { bodyOf } from '../runtime/uploading';
import { until } from '../support/until';
import { bytesOf, fixture } from '../wasm/components';
import { Card } from './card';

/** Skips the test where there is none. */
function withCard(name: string, work: (card: Card, t: TestContext) => Promise<void>): void {
  it(name, async (t) => {
    const card = Card.open(t);
    if ('reason' in card) return t.skip(card.reason);
    await work(card, t);
  });
}

const fail = (_level: string, text: string) => assert.fail(text);

describe('after a power cut', () => {
  withCard('a file that was written without a sync is not there: the card forgets as it should', async (card) => {
    writeFileSync(join(card.folder, 'file'), 'text');
    const after = card.cutPower();
    assert.throws(() => readFileSync(join(after.folder, 'file')), { code: 'ENOENT' });
  });

  withCard('a Modbus register that was served is the same sensor’s', async (card) => {
    const path = (on: Card) => join(on.folder, 'wasi', 'modbus', 'registers.json');
    const file = await AllocationFile.open(path(card), fail);
    for (const sensorId of ['a', 'b']) {
      file.place([readingOf({ sensorId })], 'pi4');
      await file.save();
      const after = await AllocationFile.open(path(card.cutPower()), fail);
      assert.deepEqual(after.saved, file.saved);
    }
    await file.close();
  });

  withCard('an upload that was answered "installed" is there, byte for byte, with its grants', async (card, t) => {
    mkdirSync(join(card.folder, 'wasi'));
    writeFileSync(join(card.folder, 'wasi', 'host.toml'), NONE_BUNDLED);
    const origin = { configSource: 'file', configFile: '', configText: '', userDir: card.folder } as const;
    const host = await TestRuntime.open(t, '', {}, origin);
    const bytes = bytesOf(fixture('i2c_reader'));
    const { uploads } = host.runtime.admin;
    const id = await uploads.receive('mine.wasm', bodyOf(bytes));
    await until(async () => (await uploads.view(id))?.state === 'inspected');
    await uploads.install(id, { enabled: true, lines: 'i2c = ["0x76"]' }, new HostTomlFile(origin));
    const after = card.cutPower();
    await host.close();
    assert.ok(readFileSync(join(after.folder, 'wasi', 'plugins', 'mine.wasm')).equals(bytes));
    assert.match(readFileSync(join(after.folder, 'wasi', 'host.toml'), 'utf8'), /i2c = \["0x76"\]/);
  });

  withCard('what a plugin keeps is what it was when it was last written', async (card) => {
    const files = (on: Card) => new StateFiles(join(on.folder, 'wasi', 'state'), (error) => assert.fail(error));
    const kept = files(card);
    kept.apply('mine', new Map([['a', new Uint8Array([7])]]));
    await kept.flush();
    assert.deepEqual(await files(card.cutPower()).read('mine'), new Map([['a', new Uint8Array([7])]]));
    await kept.close();
  });

  withCard('the history is what was written last', async (card) => {
    const clock = new SetClock('2026-11-24T15:10:00Z');
    const run = new HistoryRun(join(card.folder, 'history'), clock);
    await run.files.loaded;
    run.poll(1, 2, 3);
    await run.files.save();
    const after = await HistoryRun.loaded(join(card.cutPower().folder, 'history'), clock);
    assert.deepEqual([after.values(), after.said], [[1, 2, 3], []]);
    await after.files.close();
    await run.files.close();
  });

  withCard('the files that make a machine a member of a cluster are whole', async (card) => {
    const files = setupFiles('voter', new Map([['ETCD_NAME', 'pi4']]));
    await writeFiles(card.folder, files);
    const after = card.cutPower();
    for (const { path, text } of files) assert.equal(readFileSync(join(after.folder, path), 'utf8'), text);
  });
});
