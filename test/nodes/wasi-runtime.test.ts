import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, describe, it } from 'node:test';
import { SharedRuntime } from '../../nodes/shared-runtime';
import type { RuntimeApi, RuntimeOptions } from '../../src/runtime-api';
import { FakeRuntime, failing, Pending } from './fake-runtime';
import { Flow, RUNTIME } from './flow';

describe('a shared runtime', () => {
  it('that is closed while it opens closes what was opened', async () => {
    const opening = new Pending<RuntimeApi>();
    const runtime = new SharedRuntime(() => opening.promise);
    const waiting = runtime.whenOpen();
    const closed = runtime.close();
    const api = new FakeRuntime();
    opening.resolve(api);
    await closed;
    assert.equal(api.closes, 1);
    await assert.rejects(waiting, { code: 'RUNTIME_CLOSED' });
    await assert.rejects(runtime.whenOpen(), { code: 'RUNTIME_CLOSED' });
  });

  it('is closed once, however often that is asked', async () => {
    const api = new FakeRuntime();
    const runtime = new SharedRuntime(async () => api);
    await Promise.all([runtime.close(), runtime.close()]);
    assert.equal(api.closes, 1);
  });

  it('lets only so many wait while it opens', async () => {
    const opening = new Pending<RuntimeApi>();
    const runtime = new SharedRuntime(() => opening.promise);
    const waiting = Array.from({ length: 100 }, () => runtime.whenOpen());
    await assert.rejects(runtime.whenOpen(), { code: 'POLL_BUSY' });
    const api = new FakeRuntime();
    opening.resolve(api);
    for (const opened of await Promise.all(waiting)) assert.equal(opened, api);
  });

  it('that failed to open tells everyone why, also later', async () => {
    const runtime = new SharedRuntime(failing('CONFIG_INVALID'));
    await assert.rejects(runtime.whenOpen(), { code: 'CONFIG_INVALID' });
    await assert.rejects(runtime.whenOpen(), { code: 'CONFIG_INVALID' });
    await runtime.close();
  });
});

describe('a wasi-runtime node', () => {
  const poll = (id: string) => ({ id, type: 'plugin-poll', runtime: 'runtime', plugin: 'dht22', wires: [] });
  let flow: Flow | undefined;
  afterEach(() => flow?.stop());

  it('opens one runtime for all nodes that refer to it', async () => {
    flow = await Flow.start([RUNTIME, poll('a'), poll('b')], async () => new FakeRuntime());
    flow.send('a');
    flow.send('b');
    await flow.untilEnds(2);
    assert.equal(flow.opened, 1);
  });

  it('opens with the password of its credentials, which is no part of the flow', async () => {
    const passwords: unknown[] = [];
    const open = async ({ clusterPassword }: RuntimeOptions) => {
      passwords.push(clusterPassword);
      return new FakeRuntime();
    };
    flow = await Flow.start([RUNTIME, poll('a')], open, {}, { runtime: { clusterPassword: 'secret' } });
    flow.send('a');
    await flow.untilEnds(1);
    assert.deepEqual(passwords, ['secret']);
  });

  it('stays open when only a node that uses it is closed', async () => {
    const runtime = new FakeRuntime();
    flow = await Flow.start([RUNTIME, poll('a')], async () => runtime);
    await flow.node('a').close(true);
    assert.equal(runtime.closes, 0);
  });

  it('is closed before its close is done, so that a deploy opens the next one after it', async () => {
    const runtime = new FakeRuntime();
    flow = await Flow.start([RUNTIME], async () => runtime);
    await flow.node('runtime').close(false);
    assert.equal(runtime.closes, 1);
  });

  it('tells the editor which plugins there are, before it is deployed those of the defaults', async () => {
    flow = await Flow.start([RUNTIME, poll('a')], async () => new FakeRuntime());
    await flow.untilStatus('a', 'green dot status.ready');
    const server = createServer(flow.RED.httpAdmin).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const address = server.address();
      assert.ok(typeof address === 'object' && address !== null);
      const names = async (id: string): Promise<unknown> => {
        const answer = await fetch(`http://127.0.0.1:${address.port}/edge-wasi/runtimes/${id}/plugins`);
        const plugins: { readonly name: string }[] = await answer.json();
        return plugins.map(({ name }) => name);
      };
      assert.deepEqual(await names('runtime'), ['dht22', 'dashboard']);
      assert.deepEqual(await names('_ADD_'), ['dht22', 'bme680', 'pi_monitor', 'dashboard']);
      assert.deepEqual(await names('a'), ['dht22', 'bme680', 'pi_monitor', 'dashboard']);
    } finally {
      server.close();
    }
  });
});
