/** A plugin folder, or a file in it, that cannot be read: said as what it is, and over as soon as it can be read again. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe } from 'node:test';
import { healthAnswer } from '../../src/dashboard/api';
import { promise } from '../support/promise';
import { until } from '../support/until';
import { NONE_BUNDLED, TestRuntime, userDirectory } from './test-runtime';

const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;

/** As somebody whom rights concern: root may read everything. */
async function withoutRights(path: string, work: () => Promise<void>): Promise<void> {
  chmodSync(path, 0o000);
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(path, 0o755);
  }
}

function folderOf(host: TestRuntime): string {
  // The user's folder is for its owner alone.
  chmodSync(host.userDir, 0o755);
  chmodSync(join(host.userDir, 'wasi'), 0o755);
  return dirname(host.file('any'));
}

describe('a plugin folder that cannot be read', () => {
  promise('leaves a plugin that runs as it is, and says so once', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED, { counter: 'counter_v1' });
    await host.poll('counter');
    await withoutRights(folderOf(host), async () => {
      assert.equal((await host.poll('counter'))['version'], 1, 'the running one goes on');
      // It answers while the folder is looked into beside it.
      await host.until(
        () => host.logged('warn', /the running one goes on.*PLUGIN_STORAGE: counter: .*EACCES/).length === 1,
      );
      await host.poll('counter');
      assert.equal(host.logged('warn', /PLUGIN_STORAGE/).length, 1, 'said once');
    });
    host.copyIn('counter', 'counter_v2');
    await host.until(() => host.logged('info', /a new file took over/).length > 0);
    assert.equal((await host.poll('counter'))['version'], 2);
  });

  promise('is the reason why a plugin that never ran does not run', async (t) => {
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.counter]\n`);
    await assert.rejects(host.runtime.poll('counter'), { code: 'PLUGIN_NOT_FOUND' });
    const dir = folderOf(host);
    // A file in the folder's place: of that no rights are needed to make it unreadable, and each look finds it anew.
    rmdirSync(dir);
    writeFileSync(dir, '');
    await assert.rejects(host.runtime.poll('other'), {
      code: 'PLUGIN_STORAGE',
      message: /ENOTDIR.*Move that file away/,
    });
    renameSync(dir, `${dir}.old`);
    mkdirSync(dir);
    host.copyIn('counter', 'counter_v1');
    assert.equal((await host.poll('counter'))['version'], 1);
  });

  promise('says its reason in health and in the log from the start, and is over with the next poll', async (t) => {
    const userDir = userDirectory(t);
    const dir = join(userDir, 'elsewhere');
    mkdirSync(dir);
    chmodSync(userDir, 0o755);
    let host: TestRuntime | undefined;
    chmodSync(dir, 0o000);
    // Only what the runtime does with the folder is to fail: its own folder is everybody's meanwhile.
    chmodSync(join(userDir, 'wasi'), 0o777);
    await withoutRights(dir, async () => {
      host = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.counter]\n`, {}, { userDir, pluginDir: dir });
      await assert.rejects(host.runtime.poll('counter'), {
        code: 'PLUGIN_STORAGE',
        message: /^counter: .*elsewhere cannot be read \(EACCES\)/,
      });
      assert.equal(host.plugin('counter').origin, 'unknown');
      assert.equal(host.plugin('counter').lastError?.code, 'PLUGIN_STORAGE');
      assert.equal(host.logged('error', /PLUGIN_STORAGE: counter: .*EACCES/).length, 1);
      const health = healthAnswer(host.runtime.plugins());
      assert.deepEqual([health.status, JSON.parse(health.body).failing], [503, ['counter']]);
    });
    assert.ok(host);
    await assert.rejects(host.runtime.poll('counter'), { code: 'PLUGIN_NOT_FOUND' });
    assert.equal(host.plugin('counter').origin, 'missing');
  });
});

describe('a file of the plugin folder that cannot be read', () => {
  promise('is no invalid plugin, and runs once it may be read', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED);
    folderOf(host);
    host.copyIn('counter', 'counter_v1');
    await withoutRights(host.file('counter'), async () => {
      await assert.rejects(host.runtime.poll('counter'), {
        code: 'PLUGIN_STORAGE',
        message: /^counter: .*counter\.wasm cannot be read \(EACCES\): the user of Node-RED may not/,
      });
    });
    // It rests for a second before it is tried again.
    await until(() =>
      host.poll('counter').then(
        ({ version }) => version === 1,
        () => false,
      ),
    );
  });
});

describe('a plugin folder that cannot be made', () => {
  promise('keeps the runtime from opening, with what to do', async (t) => {
    const userDir = userDirectory(t);
    writeFileSync(join(userDir, 'file'), '');
    const open = TestRuntime.open(t, NONE_BUNDLED, {}, { userDir, pluginDir: join(userDir, 'file', 'plugins') });
    await assert.rejects(open, {
      code: 'PLUGIN_STORAGE',
      message: /file\/plugins cannot be made \(ENOTDIR\): it is a file/,
    });
  });
});
