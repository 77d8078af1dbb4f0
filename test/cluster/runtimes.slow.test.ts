/** Whole runtimes at real members: what one polls the others have, and [cluster] may change while they run. */
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { RuntimeOptions } from '../../src/runtime-api/runtime-api';
import { NONE_BUNDLED, TestRuntime, userDirectory } from '../runtime/test-runtime';
import { until } from '../support/until';
import { freePort } from '../system/user-directory';
import { EtcdCluster, inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';

const LOGGING = '[logging]\nshow_sensor_data = false\n';
const FILES = { counter: 'counter_v1' };
const NOBODY_LEADS = { connected: false, leader: '', isLeader: false };

function toml(node: string, urls: readonly string[], more = ''): string {
  return (
    `${NONE_BUNDLED}${LOGGING}[plugins.counter]\n[cluster]\nenabled = true\nnode_id = "${node}"\n` +
    `endpoints = ${JSON.stringify(urls)}\n${more}`
  );
}

function open(test: TestContext, text: string, options: Partial<RuntimeOptions> = {}): Promise<TestRuntime> {
  return TestRuntime.open(test, text, FILES, options);
}

function counts(host: TestRuntime, node: string): unknown[] {
  return host.runtime
    .latestReadings()
    .filter((reading) => reading.node === node)
    .map(({ values }) => values['count']);
}

describe('runtimes of a cluster', { skip: noEtcd }, () => {
  it('show what the others poll, each once, and one of them may do what only one may', async (test) => {
    await inCluster({ voters: 1 }, async ({ urls }) => {
      const hub = await open(test, toml('hub', urls, 'role = "leader-preferred"\n'));
      const zero = await open(test, toml('zero', urls, 'role = "learner"\n'));
      const taken: string[] = [];
      hub.runtime.subscribe((event) => {
        if (event.kind === 'readings')
          taken.push(...event.readings.map(({ node, values }) => `${node} ${values['count']}`));
      });
      for (let poll = 0; poll < 3; poll++) await zero.poll('counter');
      await hub.poll('counter');
      await until(() => counts(hub, 'zero')[0] === 3);
      await until(() => counts(zero, 'hub')[0] === 1);
      assert.deepEqual(
        taken.filter((one) => one.startsWith('zero')),
        ['zero 1', 'zero 2', 'zero 3'],
      );
      assert.equal(hub.runtime.history('zero/counter/counter', 'count')[0]?.points.length, 3);
      await until(() => hub.runtime.cluster.standing().kind === 'leader');
      assert.equal(zero.runtime.cluster.standing().kind, 'follower');
      await until(() => zero.runtime.cluster.state?.leader === 'hub');
      await until(() => zero.runtime.cluster.state?.members.every(({ healthy }) => healthy) === true);
      assert.deepEqual(
        zero.runtime.cluster.state?.members.map(({ node, role }) => [node, role]),
        [
          ['hub', 'leader-preferred'],
          ['zero', 'learner'],
        ],
      );
      assert.deepEqual(zero.runtime.cluster.counts, { waiting: 0, dropped: 0, missed: 0 });
    });
  });

  it('join, and leave, when host.toml says so, without losing what is polled meanwhile', async (test) => {
    await inCluster({ voters: 1 }, async ({ urls }) => {
      const reader = await open(test, toml('reader', urls));
      const userDir = userDirectory(test);
      const path = join(userDir, 'wasi', 'host.toml');
      const write = (text: string) => {
        writeFileSync(`${path}.new`, text);
        renameSync(`${path}.new`, path);
      };
      const alone = toml('pi4', urls).replace('enabled = true', 'enabled = false');
      write(alone);
      const host = await open(test, '', { configSource: 'file', userDir });
      assert.equal(host.runtime.cluster.state, undefined);
      assert.equal(host.runtime.cluster.standing().kind, 'alone');
      await host.poll('counter');
      write(toml('pi4', urls));
      await until(() => host.runtime.cluster.state !== undefined);
      // The counter goes on: [cluster] is no plugin's concern.
      assert.equal((await host.poll('counter'))['count'], 2);
      await until(() => counts(reader, 'pi4')[0] === 2);
      write(alone);
      await until(() => host.runtime.cluster.state === undefined);
      assert.equal((await host.poll('counter'))['count'], 3);
      await until(() => reader.runtime.cluster.state?.members.find(({ node }) => node === 'pi4')?.healthy === false);
      assert.equal(counts(reader, 'pi4')[0], 2);
    });
  });

  it('work on alone without it, say so once, and hand over what waited when it comes', async (test) => {
    const cluster = await EtcdCluster.start({ voters: 1 });
    test.after(() => cluster.stop());
    const member = cluster.member('a');
    await member.kill();
    const host = await open(test, toml('pi4', cluster.urls));
    for (let poll = 1; poll <= 3; poll++) assert.equal((await host.poll('counter'))['count'], poll);
    await until(() => host.logged('warn', /works alone .*CLUSTER_UNAVAILABLE/).length > 0);
    assert.equal(host.runtime.cluster.counts.waiting, 3);
    assert.equal(host.runtime.cluster.standing().kind, 'follower');
    const { leader, isLeader, connected } = host.runtime.cluster.state ?? {};
    assert.deepEqual({ connected, leader, isLeader }, NOBODY_LEADS);
    // What waits outlives the runtime.
    await host.close();
    member.start();
    await member.answers();
    await open(test, toml('pi4', cluster.urls), { userDir: host.userDir });
    const reader = await open(test, toml('reader', cluster.urls));
    await until(() => reader.runtime.history('pi4/counter/counter', 'count')[0]?.points.length === 3);
    assert.equal(host.logged('warn', /works alone/).length, 1);
  });

  it('go on where [cluster] cannot be as it is, and say what to correct', async (test) => {
    const missing = join(userDirectory(test), 'ca.pem');
    const port = await freePort();
    const text = toml('pi4', [`https://127.0.0.1:${port}`], `tls = { ca = "${missing}" }\n`);
    const host = await open(test, text);
    await host.until(
      () => host.logged('error', /CONFIG_INVALID: \[cluster\] tls\.ca: .*ca\.pem cannot be read/).length > 0,
    );
    assert.equal((await host.poll('counter'))['count'], 1);
    assert.equal(host.runtime.cluster.standing().kind, 'follower');
    assert.deepEqual(
      host.runtime.cluster.state?.members.map(({ node, healthy }) => [node, healthy]),
      [['pi4', false]],
    );
  });

  it('take part once for each Node-RED: a second runtime says so, and works on alone', async (test) => {
    const text = toml('pi4', [`http://127.0.0.1:${await freePort()}`]);
    const first = await open(test, text);
    const second = await open(test, text, { userDir: first.userDir });
    await second.until(
      () => second.logged('error', /CONFIG_INVALID: another wasi-runtime of this Node-RED/).length > 0,
    );
    assert.equal((await second.poll('counter'))['count'], 1);
    await first.close();
    const third = await open(test, text, { userDir: first.userDir });
    await third.poll('counter');
    await until(() => third.runtime.cluster.counts.waiting === 1);
  });
});
