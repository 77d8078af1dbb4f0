import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { promise } from '../support/promise';
import { fixture } from '../wasm/components';
import { NONE_BUNDLED, TestRuntime, userDirectory } from './test-runtime';

describe('a runtime', () => {
  promise('takes its configuration from wasi/host.toml of the user directory, a named file, or its text', async (t) => {
    const userDir = userDirectory(t);
    const named = (name: string) => `${NONE_BUNDLED}[cluster]\nnode_id = "${name}"\n`;
    writeFileSync(join(userDir, 'wasi', 'host.toml'), named('usual'));
    writeFileSync(join(userDir, 'other.toml'), named('other'));
    const options = { userDir, configSource: 'file' } as const;
    const usual = await TestRuntime.open(t, '', {}, options);
    assert.equal(usual.runtime.config.cluster.nodeId, 'usual');
    const other = await TestRuntime.open(t, '', {}, { ...options, configFile: 'other.toml' });
    assert.equal(other.runtime.config.cluster.nodeId, 'other');
    const inline = await TestRuntime.open(t, named('inline'), {}, { userDir });
    assert.equal(inline.runtime.config.cluster.nodeId, 'inline');
    await assert.rejects(TestRuntime.open(t, '', {}, { ...options, configFile: 'absent.toml' }), {
      code: 'CONFIG_INVALID',
      message: /absent\.toml/,
    });
    await assert.rejects(TestRuntime.open(t, '[polling]\ninterval_seconds = "often"'), {
      code: 'CONFIG_INVALID',
      message: /inline, line 2, polling\.interval_seconds/,
    });
  });

  promise('says what is odd in its configuration, from the level that is asked for', async (t) => {
    const odd = `${NONE_BUNDLED}[pollling]\n[logging]\n`;
    const said = await TestRuntime.open(t, odd);
    assert.equal(said.logged('warn', /polling/).length, 1);
    assert.equal(said.runtime.logLines().filter(({ text }) => /polling/.test(text)).length, 1);
    const quiet = await TestRuntime.open(t, `${odd}level = "error"`);
    assert.deepEqual([...quiet.log], []);
  });

  promise('takes plugins from the folder it is given', async (t) => {
    const userDir = userDirectory(t);
    mkdirSync(join(userDir, 'elsewhere'));
    copyFileSync(fixture('counter_v1'), join(userDir, 'elsewhere', 'counter.wasm'));
    const relative = await TestRuntime.open(t, NONE_BUNDLED, {}, { userDir, pluginDir: 'elsewhere' });
    assert.deepEqual(await relative.poll('counter'), { count: 1, version: 1 });
    const absolute = await TestRuntime.open(t, NONE_BUNDLED, {}, { userDir, pluginDir: join(userDir, 'new') });
    await assert.rejects(absolute.runtime.poll('counter'), { code: 'PLUGIN_NOT_FOUND', message: /new, or choose/ });
  });

  promise('goes on when a listener fails, and answers nobody after it was closed', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED, { counter: 'counter_v1' });
    host.runtime.subscribe(() => {
      throw new Error('a bug elsewhere');
    });
    assert.deepEqual(await host.poll('counter'), { count: 1, version: 1 });
    assert.ok(host.logged('error', /a listener of the runtime failed: Error: a bug elsewhere/).length > 0);
    await host.close();
    for (const ask of [
      () => host.runtime.poll('counter'),
      () => host.runtime.pollAll(),
      () => host.runtime.render('dashboard'),
      async () => host.runtime.syncLeds(),
    ])
      await assert.rejects(ask(), { code: 'RUNTIME_CLOSED' });
    assert.equal(host.plugin('counter').state, 'closed');
  });
});
