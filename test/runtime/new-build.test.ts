/** Files that nobody has prepared, which takes seconds: whoever is not meant by them does not notice. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { RuntimeEvent } from '../../src/runtime-api/runtime-api';
import { promise } from '../support/promise';
import { bytesOf, fixture, neverPrepared } from '../wasm/components';
import { NONE_BUNDLED, TestRuntime, userDirectory } from './test-runtime';

const COUNTER = `${NONE_BUNDLED}[plugins.counter]\n`;
const newBuild = (guest: string) => neverPrepared(bytesOf(fixture(guest)));
const TOOK_OVER = /a new file took over/;

const POLL_EVERY_MS = 2;
/** A second poll arrives while the first is under way, as from two nodes. */
const AT_ONCE = 2;

describe('a new build of a plugin that runs', () => {
  promise('is prepared while the old one answers every poll, and none finds it busy', async (t) => {
    const host = await TestRuntime.open(t, COUNTER, { counter: 'counter_v1' });
    await host.poll('counter');
    host.renameIn('counter', newBuild('counter_v2'));
    const states: string[] = [];
    const stop = host.runtime.subscribe((event: RuntimeEvent) => {
      if (event.kind === 'plugin') states.push(event.summary.state);
    });
    const answers: string[] = [];
    while (answers.at(-1) !== 'new') {
      const polls = await Promise.all(Array.from({ length: AT_ONCE }, () => host.poll('counter')));
      for (const { version } of polls) answers.push(version === 2 ? 'new' : 'old');
      // Polls without any pause would keep both processors from what prepares the build.
      await delay(POLL_EVERY_MS);
    }
    stop();
    // Each poll of the old one during the preparation goes back to it; hundreds do.
    const during = states.filter((state) => state === 'reloading').length;
    assert.ok(during > 10, `${during} times between polls while it was prepared`);
    assert.deepEqual([...answers].sort().reverse(), answers, 'the old one answered after the new one');
    const { failures, polls } = host.plugin('counter');
    assert.deepEqual({ failures, polls }, { failures: 0, polls: answers.length + 1 });
    await host.until(() => host.logged('info', TOOK_OVER).length === 1);
  });

  promise('takes the state over that the old one has when it ends, not that of when the file came', async (t) => {
    const host = await TestRuntime.open(t, COUNTER, { counter: 'counter_kept_v1' });
    await host.poll('counter');
    host.renameIn('counter', newBuild('counter_kept_v2'));
    let count = 1;
    for (let version = 1; version !== 2; ) {
      const answer = await host.poll('counter');
      count += 1;
      assert.equal(answer['count'], count);
      version = Number(answer['version']);
      await delay(POLL_EVERY_MS);
    }
    assert.deepEqual(host.logged('warn', /./), []);
  });

  promise('does not keep another plugin that trapped waiting for its new instance', async (t) => {
    const toml = `${COUNTER}[plugins.faults.settings]\nfault = "trap"\nfault_at = 2\n`;
    const host = await TestRuntime.open(t, toml, { counter: 'counter_v1', faults: 'faults' });
    await Promise.all([host.poll('counter'), host.poll('faults')]);
    host.renameIn('counter', newBuild('counter_v2'));
    await host.until(() => host.plugin('counter').state === 'reloading');
    await assert.rejects(host.runtime.poll('faults'), { code: 'PLUGIN_TRAPPED' });
    await host.poll('faults');
    assert.equal(host.plugin('counter').state, 'reloading');
    await host.until(() => host.logged('info', TOOK_OVER).length === 1);
  });

  promise('is given up when the runtime is closed meanwhile', async (t) => {
    const host = await TestRuntime.open(t, COUNTER, { counter: 'counter_v1' });
    await host.poll('counter');
    host.renameIn('counter', newBuild('counter_v2'));
    await host.until(() => host.plugin('counter').state === 'reloading');
    await host.close();
    assert.equal(host.plugin('counter').state, 'closed');
    assert.deepEqual(host.logged('info', TOOK_OVER), []);
    assert.deepEqual(host.logged('warn', /./), []);
  });
});

describe('a file that was never prepared, at the start', () => {
  promise('is waited for by no other plugin, whichever comes first', async (t) => {
    const userDir = userDirectory(t);
    for (const name of ['a', 'b'])
      writeFileSync(join(userDir, 'wasi', 'plugins', `${name}.wasm`), newBuild('counter_v2'));
    const toml = NONE_BUNDLED.replace('[plugins.dht22]\nenabled = false', '[plugins.dht22]\nenabled = true');
    const files = { counter: 'counter_v1' };
    const host = await TestRuntime.open(t, `[plugins.a]\n[plugins.b]\n${toml}[plugins.counter]\n`, files, { userDir });
    await Promise.all([host.poll('counter'), host.runtime.poll('dht22')]);
    const states = ['a', 'b'].map((name) => host.plugin(name).state);
    assert.ok(!states.includes('ready'), states.join());
    assert.deepEqual((await host.poll('a'))['version'], 2);
    assert.deepEqual((await host.poll('b'))['version'], 2);
  });
});
