import assert from 'node:assert/strict';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { NotWritten } from '../../src/host-config/not-written';
import { ConfigInvalid } from '../../src/host-config/problems';
import { promise } from '../support/promise';
import { until } from '../support/until';
import { bytesOf, fixture, neverPrepared } from '../wasm/components';
import { NONE_BUNDLED } from './test-runtime';
import { bodyOf, UploadHost } from './uploading';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

const AT_0X76 = `${NONE_BUNDLED}[sensors.bme680]\ni2c_address = "0x76"\n[plugins.mine.settings]\naddress = "0x76"\n`;

describe('an uploaded component becomes a plugin', () => {
  promise('under what was granted with it, and is polled', async (t) => {
    const desk = await UploadHost.open(t, AT_0X76);
    const id = await desk.ready('mine.wasm', 'i2c_reader');
    const { host } = desk;
    const installed = await desk.install(id, true, 'i2c = ["0x76"]');
    assert.deepEqual(installed, { installed: host.file('mine'), written: join(host.userDir, 'wasi', 'host.toml') });
    assert.deepEqual(await host.poll('mine'), { register: 0x61 });
    assert.match(desk.toml, /\[plugins\.mine\.grants\]\ni2c = \["0x76"\]\n/);
    assert.equal(statSync(host.file('mine')).mode & 0o777, 0o644);
    assert.deepEqual([desk.kept, desk.plugins], [[], ['mine.wasm']]);
    assert.equal(await desk.uploads.view(id), undefined);
  });

  promise('that is off, and nothing of it ever ran', async (t) => {
    const desk = await UploadHost.open(t, NONE_BUNDLED);
    await desk.install(await desk.ready('mine.wasm', 'counter_v1'), false);
    assert.deepEqual(await desk.host.runtime.poll('mine'), { kind: 'disabled', plugin: 'mine' });
    assert.equal(desk.host.plugin('mine').memoryBytes, undefined);
  });

  promise('in the place of the one that ran under its name, whichever way that is spelt', async (t) => {
    const desk = await UploadHost.open(t, `${NONE_BUNDLED}[plugins.my-own]\nled = 3 # mine\n`, {
      'my-own': 'counter_v1',
    });
    assert.equal((await desk.host.poll('my_own'))['version'], 1);
    const id = await desk.ready('my_own.wasm', 'counter_v2');
    const view = await desk.uploads.view(id);
    assert.ok(view?.state === 'inspected' && view.replaces === 'file');
    chmodSync(desk.host.file('my-own'), 0o640);
    assert.equal((await desk.install(id, true)).installed, desk.host.file('my-own'));
    await until(async () => (await desk.host.poll('my_own'))['version'] === 2);
    assert.deepEqual(desk.plugins, ['my-own.wasm']);
    assert.match(desk.toml, /\[plugins\.my-own\]\nenabled = true\nled = 3 # mine\n$/);
    assert.equal(statSync(desk.host.file('my-own')).mode & 0o777, 0o640);
  });

  promise(
    'in the place of the one that ran, which is not called any more where other grants were wished',
    async (t) => {
      const desk = await UploadHost.open(t, `${NONE_BUNDLED}[plugins.mine]\n`, { mine: 'counter_v1' });
      assert.equal((await desk.host.poll('mine'))['version'], 1);
      const id = await desk.uploads.receive('mine.wasm', bodyOf(neverPrepared(bytesOf(fixture('counter_v2')))));
      await desk.looked(id);
      await desk.install(id, true, 'buzzer = true');
      // One poll may have begun before the file was in its place.
      await desk.host.poll('mine');
      assert.equal((await desk.host.poll('mine'))['version'], 2);
    },
  );

  promise('in the place of a bundled one', async (t) => {
    const desk = await UploadHost.open(t, NONE_BUNDLED);
    const id = await desk.ready('dht22.wasm', 'counter_v1');
    const view = await desk.uploads.view(id);
    assert.ok(view?.state === 'inspected' && view.replaces === 'bundled');
    await desk.install(id, true, '');
    assert.equal((await desk.host.poll('dht22'))['version'], 1);
  });

  promise('with the lines to paste, where the configuration is text of the node and gives it no more', async (t) => {
    const desk = await UploadHost.open(t, undefined);
    const installed = await desk.install(await desk.ready('mine.wasm', 'counter_v1'), true, 'fan = true');
    const lines = '[plugins.mine]\nenabled = true\n\n[plugins.mine.grants]\nfan = true';
    assert.deepEqual(installed, { installed: desk.host.file('mine'), lines });
    assert.equal((await desk.host.poll('mine'))['version'], 1);
  });
});

describe('an uploaded component stays what it is', () => {
  for (const [what, inline, enabled, lines] of [
    ['it would run although it was to be off', NONE_BUNDLED, false, undefined],
    ['it would have more than it was to have', '[plugins.mine.grants]\nfan = true\nbuzzer = true', true, 'fan = true'],
  ] as const) {
    promise(`where host.toml cannot be written and ${what}`, async (t) => {
      const desk = await UploadHost.open(t, undefined, {}, inline);
      const id = await desk.ready('mine.wasm', 'counter_v1');
      await assert.rejects(
        desk.install(id, enabled, lines),
        (error) => error instanceof NotWritten && /Nothing was installed/.test(error.message) && error.lines !== '',
      );
      assert.deepEqual(desk.plugins, []);
      assert.equal((await desk.uploads.view(id))?.state, 'inspected', 'it can be installed later');
    });
  }

  promise('where its grants are wrong', async (t) => {
    const desk = await UploadHost.open(t, NONE_BUNDLED);
    const id = await desk.ready('mine.wasm', 'counter_v1');
    for (const lines of ['i2c = [', 'i2c = [3]', '[leds]\ncount = 0'])
      await assert.rejects(desk.install(id, true, lines), ConfigInvalid);
    assert.deepEqual([desk.plugins, desk.toml], [[], NONE_BUNDLED]);
  });

  promise('where host.toml allows another component alone', async (t) => {
    const toml = `[plugins.mine]\nsha256 = "${'0'.repeat(64)}"\n`;
    const desk = await UploadHost.open(t, toml);
    const id = await desk.ready('mine.wasm', 'counter_v1');
    await assert.rejects(desk.install(id, true), {
      code: 'CONFIG_INVALID',
      message: /change that line to "[0-9a-f]{64}"/,
    });
    assert.deepEqual([desk.plugins, desk.toml], [[], toml]);
  });

  promise('where the plugin folder may not be written, and host.toml is left alone', async (t) => {
    const desk = await UploadHost.open(t, NONE_BUNDLED);
    const id = await desk.ready('mine.wasm', 'counter_v1');
    const dir = join(desk.host.userDir, 'wasi', 'plugins');
    chmodSync(dir, 0o555);
    chmodSync(desk.host.userDir, 0o755);
    chmodSync(join(desk.host.userDir, 'wasi', 'uploads'), 0o755);
    if (isRoot) process.seteuid?.(NOBODY);
    try {
      await assert.rejects(desk.install(id, true), {
        code: 'CONFIG_INVALID',
        message: /EACCES/,
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(dir, 0o755);
    }
    assert.deepEqual([desk.plugins, desk.toml], [[], NONE_BUNDLED]);
  });

  promise('until host.toml is in force, which a call under way can hold up', async (t) => {
    const slow = '[plugins.faults.settings]\nfault = "sleep"\n[plugins.faults.limits]\ndeadline_ms = 6000\n';
    const desk = await UploadHost.open(t, `${NONE_BUNDLED}${slow}`, { faults: 'faults' });
    const id = await desk.ready('mine.wasm', 'counter_v1');
    await desk.host.until(() => desk.host.plugin('faults').state === 'ready');
    const poll = desk.host.runtime.poll('faults').catch(() => undefined);
    await desk.host.until(() => desk.host.plugin('faults').state === 'polling');
    await assert.rejects(desk.install(id, false), { code: 'POLL_BUSY', message: /not in force yet/ });
    assert.deepEqual(desk.plugins, ['faults.wasm']);
    await poll;
    await desk.install(id, false);
    assert.deepEqual(await desk.host.runtime.poll('mine'), { kind: 'disabled', plugin: 'mine' });
  });

  promise('where it is installed twice at once, or is none', async (t) => {
    const desk = await UploadHost.open(t, NONE_BUNDLED);
    const id = await desk.ready('mine.wasm', 'counter_v1');
    const installs = await Promise.allSettled([desk.install(id, true), desk.install(id, true)]);
    assert.deepEqual(installs.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    await assert.rejects(desk.install('nothing', true), { code: 'PLUGIN_NOT_FOUND' });
    writeFileSync(join(desk.host.userDir, 'x'), '');
  });
});
