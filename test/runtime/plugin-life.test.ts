import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { promise } from '../support/promise';
import { NONE_BUNDLED, TestRuntime } from './test-runtime';

describe('a plugin', () => {
  promise('is loading at first, then ready, and each poll goes on from the one before', async (t) => {
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.counter]\n`, { counter: 'counter_v1' });
    assert.equal(host.plugin('counter').state, 'loading');
    await host.until(() => host.plugin('counter').state === 'ready');
    assert.deepEqual(await host.poll('counter'), { count: 1, version: 1 });
    assert.deepEqual(await host.poll('counter'), { count: 2, version: 1 });
    const { polls, failures, role, origin } = host.plugin('counter');
    assert.deepEqual({ polls, failures, role, origin }, { polls: 2, failures: 0, role: 'sensor', origin: 'file' });
  });

  promise('that is polled before it is loaded answers when it is', async (t) => {
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.counter]\n`, { counter: 'counter_v1' });
    assert.deepEqual(await host.poll('counter'), { count: 1, version: 1 });
  });

  promise('that is disabled yields nothing, fails nothing and is not loaded', async (t) => {
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.counter]\nenabled = false`, {
      counter: 'counter_v1',
    });
    assert.deepEqual(await host.runtime.poll('counter'), { kind: 'disabled', plugin: 'counter' });
    const { state, role, polls } = host.plugin('counter');
    assert.deepEqual({ state, role, polls }, { state: 'disabled', role: 'unknown', polls: 0 });
  });

  promise('needs no table in host.toml: a file in the folder is enough', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED, { 'my-counter': 'counter_v1' });
    assert.deepEqual(await host.poll('my_counter'), { count: 1, version: 1 });
    assert.deepEqual(await host.poll('my-counter'), { count: 2, version: 1 });
    assert.equal(host.runtime.plugins().length, 5);
  });

  promise('that is nowhere fails with PLUGIN_NOT_FOUND, and works once its file is there', async (t) => {
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.counter]\n`);
    await assert.rejects(host.runtime.poll('counter'), { code: 'PLUGIN_NOT_FOUND', message: /counter\.wasm/ });
    assert.equal(host.plugin('counter').origin, 'missing');
    await assert.rejects(host.runtime.poll('other'), { code: 'PLUGIN_NOT_FOUND', message: /other\.wasm/ });
    host.copyIn('counter', 'counter_v1');
    assert.deepEqual(await host.poll('counter'), { count: 1, version: 1 });
    host.copyIn('other', 'counter_v2');
    assert.deepEqual(await host.poll('other'), { count: 1, version: 2 });
  });

  promise('of another kind than the node wants is refused by name', async (t) => {
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.counter]\n`, { counter: 'counter_v1' });
    await assert.rejects(host.runtime.render('counter'), {
      code: 'PLUGIN_INVALID',
      message: /counter is a sensor, not a dashboard/,
    });
    assert.deepEqual(await host.poll('counter'), { count: 1, version: 1 });
  });
});

describe('polls that come faster than a plugin answers', () => {
  promise('wait one at a time, further ones end with POLL_BUSY, and nothing is lost', async (t) => {
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.counter]\n`, { counter: 'counter_v1' });
    await host.poll('counter');
    const polls = await Promise.allSettled([1, 2, 3, 4].map(() => host.poll('counter')));
    const outcomes = polls.map((poll) => (poll.status === 'fulfilled' ? poll.value['count'] : poll.reason.code));
    assert.deepEqual(outcomes, [2, 3, 'POLL_BUSY', 'POLL_BUSY']);
    assert.deepEqual(await host.poll('counter'), { count: 4, version: 1 });
    assert.equal(host.plugin('counter').state, 'ready');
  });
});
