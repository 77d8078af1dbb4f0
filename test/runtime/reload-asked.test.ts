import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { promise } from '../support/promise';
import { NONE_BUNDLED, TestRuntime } from './test-runtime';

async function reloaded(host: TestRuntime, name: string): Promise<void> {
  const seen = host.logged('info', /a fresh instance took over/).length;
  await host.runtime.admin.reload(name);
  await host.until(() => host.logged('info', /a fresh instance took over/).length > seen);
}

describe('a plugin that is to be loaded again', () => {
  promise('begins anew, although its file is the same', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED, { counter: 'counter_v1' });
    await host.poll('counter');
    assert.equal((await host.poll('counter'))['count'], 2);
    await reloaded(host, 'counter');
    assert.deepEqual(await host.poll('counter'), { count: 1, version: 1 });
  });

  promise('begins without what the old one had in memory, also where it could hand that over', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED, { counter: 'counter_kept_v1' });
    await host.poll('counter');
    await reloaded(host, 'counter');
    assert.equal((await host.poll('counter'))['count'], 1);
  });

  promise('leaves its back-off at once', async (t) => {
    const toml = `${NONE_BUNDLED}[plugins.faults.settings]\nfault = "trap"\nfault_at = 1\n`;
    const host = await TestRuntime.open(t, toml, { faults: 'faults' });
    for (let loss = 0; loss < 3; loss += 1) await host.runtime.poll('faults').catch(() => undefined);
    await host.until(() => host.plugin('faults').state === 'backing-off');
    await host.runtime.admin.reload('faults');
    await host.until(() => host.plugin('faults').state === 'ready');
    await assert.rejects(host.runtime.poll('faults'), { code: 'PLUGIN_TRAPPED' });
  });

  promise('while it is polled is replaced after that poll, which is answered', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED, { counter: 'counter_v1' });
    await host.poll('counter');
    const asked: Promise<void>[] = [];
    const stop = host.runtime.subscribe((event) => {
      if (event.kind !== 'plugin' || event.summary.state !== 'polling') return;
      stop();
      for (let times = 0; times < 3; times += 1) asked.push(host.runtime.admin.reload('counter'));
    });
    assert.equal((await host.poll('counter'))['count'], 2);
    assert.equal(asked.length, 3);
    await Promise.all(asked);
    await host.until(() => host.logged('info', /a fresh instance took over/).length > 0);
    assert.deepEqual(await host.poll('counter'), { count: 1, version: 1 });
    assert.equal(host.logged('info', /a fresh instance took over/).length, 1, 'three requests are one');
  });

  promise('is refused by name where there is none, it is disabled, or the runtime was closed', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED);
    const { admin } = host.runtime;
    await assert.rejects(admin.reload('nobody'), { code: 'PLUGIN_NOT_FOUND' });
    await assert.rejects(admin.reload('dht22'), {
      code: 'CONFIG_INVALID',
      message: /enabled = true below \[plugins\.dht22\]/,
    });
    await host.close();
    await assert.rejects(admin.reload('dht22'), { code: 'RUNTIME_CLOSED' });
  });
});
