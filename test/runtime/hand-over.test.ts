import assert from 'node:assert/strict';
import { describe, type TestContext } from 'node:test';
import { promise } from '../support/promise';
import { NONE_BUNDLED, TestRuntime } from './test-runtime';

async function reloaded(t: TestContext, from: string, to: string, settings: string): Promise<TestRuntime> {
  const toml = `${NONE_BUNDLED}[plugins.counter.settings]\n${settings}`;
  const host = await TestRuntime.open(t, toml, { counter: from });
  for (let count = 1; count <= 3; count += 1) assert.equal((await host.poll('counter'))['count'], count);
  await replaced(host, to);
  return host;
}

/** By nobody's poll. */
async function replaced(host: TestRuntime, guest: string): Promise<void> {
  const before = host.logged('info', TOOK_OVER).length;
  host.copyIn('counter', guest);
  await host.until(() => host.logged('info', TOOK_OVER).length > before);
}

const TOOK_OVER = /a new file took over/;

const FRESH = /the new file starts with fresh state, since handing over failed: /;

describe('a reload between two files that hand state over', () => {
  promise('goes on where the old one was', async (t) => {
    const host = await reloaded(t, 'counter_kept_v1', 'counter_kept_v2', '');
    assert.deepEqual(await host.poll('counter'), { count: 4, version: 2 });
    assert.deepEqual(host.logged('warn', /./), []);
  });

  promise('starts afresh when the new one cannot read what the old one saved, and says so', async (t) => {
    const host = await reloaded(t, 'counter_kept_v1', 'counter_kept_v2', 'save = "garbage"');
    assert.deepEqual(await host.poll('counter'), { count: 1, version: 2 });
    assert.match(host.logged('warn', FRESH).join(), /the saved count is no number/);
  });

  promise('starts afresh when the old one crashes while it saves, and counts that against nobody', async (t) => {
    const host = await reloaded(t, 'counter_kept_v1', 'counter_kept_v2', 'save = "trap"');
    assert.deepEqual(await host.poll('counter'), { count: 1, version: 2 });
    assert.equal(host.logged('warn', FRESH).length, 1);
    assert.equal(host.plugin('counter').failures, 0);
  });

  promise('starts afresh when the new one crashes while it restores', async (t) => {
    const host = await reloaded(t, 'counter_kept_v2', 'counter_kept_v1', 'restore = "trap"');
    assert.deepEqual(await host.poll('counter'), { count: 1, version: 1 });
    assert.equal(host.logged('warn', FRESH).length, 1);
  });

  promise('starts afresh where only one of them hands over', async (t) => {
    const host = await reloaded(t, 'counter_kept_v1', 'counter_v2', '');
    assert.deepEqual(await host.poll('counter'), { count: 1, version: 2 });
    await replaced(host, 'counter_kept_v1');
    assert.deepEqual(await host.poll('counter'), { count: 1, version: 1 });
    assert.deepEqual(host.logged('warn', /./), []);
  });
});
