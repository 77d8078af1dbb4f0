import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it, type TestContext } from 'node:test';
import { type RuntimeSource, SharedRuntime } from '../../nodes/shared-runtime';
import { WasiError } from '../../src/errors';
import { HostTomlFile } from '../../src/host-config/host-toml-file';
import type { RuntimeApi, RuntimeOptions } from '../../src/runtime-api';
import { until } from '../support/until';
import { FakeRuntime, failing, Pending } from './fake-runtime';
import { Flow, RUNTIME, settled } from './flow';

/** `fingerprint`: of a host.toml that a test changes. */
function sourceOf(open: () => Promise<RuntimeApi>, fingerprint = () => 'the same'): RuntimeSource {
  const origin = { configSource: 'inline', configFile: '', configText: '', userDir: '/nowhere' } as const;
  return { open, hostToml: new HostTomlFile(origin), fingerprint: async () => fingerprint() };
}

/** The one timer that a runtime has which failed to open: fired by the test instead of every two seconds. */
class Checks {
  #due: (() => void) | undefined;

  constructor(context: TestContext) {
    context.mock.method(globalThis, 'setTimeout', (check: () => void) => {
      this.#due = check;
      return this;
    });
    context.mock.method(globalThis, 'clearTimeout', () => {
      this.#due = undefined;
    });
  }

  get isDue(): boolean {
    return this.#due !== undefined;
  }

  async pass(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      await settled();
      const due = this.#due;
      this.#due = undefined;
      due?.();
    }
    await settled();
  }
}

describe('a shared runtime', () => {
  it('that is closed while it opens closes what was opened', async () => {
    const opening = new Pending<RuntimeApi>();
    const runtime = new SharedRuntime(sourceOf(() => opening.promise));
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
    const runtime = new SharedRuntime(sourceOf(async () => api));
    await Promise.all([runtime.close(), runtime.close()]);
    assert.equal(api.closes, 1);
  });

  it('lets only so many wait while it opens', async () => {
    const opening = new Pending<RuntimeApi>();
    const runtime = new SharedRuntime(sourceOf(() => opening.promise));
    const waiting = Array.from({ length: 100 }, () => runtime.whenOpen());
    await assert.rejects(runtime.whenOpen(), { code: 'POLL_BUSY' });
    const api = new FakeRuntime();
    opening.resolve(api);
    for (const opened of await Promise.all(waiting)) assert.equal(opened, api);
  });

  it('that failed to open tells everyone why, also later', async () => {
    const runtime = new SharedRuntime(sourceOf(failing('CONFIG_INVALID')));
    await assert.rejects(runtime.whenOpen(), { code: 'CONFIG_INVALID' });
    await assert.rejects(runtime.whenOpen(), { code: 'CONFIG_INVALID' });
    await runtime.close();
  });

  it('that failed to open is opened again once host.toml changes, and reports each failure once', async (t) => {
    const checks = new Checks(t);
    let content = 'wrong';
    const phases: string[] = [];
    const api = new FakeRuntime();
    const open = async () => {
      if (content === 'right') return api;
      throw new WasiError('CONFIG_INVALID', content);
    };
    const runtime = new SharedRuntime(sourceOf(open, () => content));
    runtime.register({ phaseChanged: () => phases.push(runtime.phase.kind), runtimeEvent: () => undefined });
    await checks.pass(40);
    assert.deepEqual(phases, ['failed'], 'the same failure is reported once');
    content = 'wrong in another way';
    await checks.pass(1);
    assert.deepEqual(phases, ['failed', 'failed']);
    content = 'right';
    await checks.pass(1);
    assert.deepEqual(phases, ['failed', 'failed', 'open']);
    assert.equal(await runtime.whenOpen(), api);
    await runtime.close();
    assert.equal(api.closes, 1);
  });

  it('that failed for another reason than host.toml is opened again after half a minute, or when it is asked to', async (t) => {
    const checks = new Checks(t);
    let attempts = 0;
    const open = async () => {
      attempts += 1;
      throw new WasiError('PLUGIN_ERROR', 'the disk is full');
    };
    const runtime = new SharedRuntime(sourceOf(open));
    await checks.pass(14);
    assert.equal(attempts, 1);
    await checks.pass(1);
    assert.equal(attempts, 2);
    runtime.retry();
    await settled();
    assert.equal(attempts, 3);
    await runtime.close();
    assert.equal(checks.isDue, false, 'no timer keeps the process alive');
    await checks.pass(20);
    assert.equal(attempts, 3, 'a closed one is left alone');
  });

  it('that is being opened again is not opened a second time meanwhile', async (t) => {
    const checks = new Checks(t);
    const again = new Pending<RuntimeApi>();
    let attempts = 0;
    const open = () => {
      attempts += 1;
      return attempts === 1 ? failing('CONFIG_INVALID')() : again.promise;
    };
    const runtime = new SharedRuntime(sourceOf(open));
    await checks.pass(15);
    runtime.retry();
    runtime.retry();
    assert.equal(attempts, 2);
    const api = new FakeRuntime();
    again.resolve(api);
    await settled();
    assert.equal(await runtime.whenOpen(), api);
    await runtime.close();
    assert.equal(api.closes, 1);
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

  it('that could not open because of its host.toml opens within seconds once the file is changed', async (t) => {
    const userDir = await mkdtemp(join(tmpdir(), 'wasi-user-'));
    t.after(() => rm(userDir, { recursive: true, force: true }));
    const path = join(userDir, 'host.toml');
    await writeFile(path, 'wrong');
    const open = async () => {
      const text = await readFile(path, 'utf8');
      if (text === 'right') return new FakeRuntime();
      throw new WasiError('CONFIG_INVALID', text);
    };
    flow = await Flow.start([{ ...RUNTIME, configFile: 'host.toml' }, poll('a')], open, { userDir });
    await flow.untilStatus('a', 'red ring errors.CONFIG_INVALID');
    await writeFile(path, 'right');
    // Well before it would be tried for any other reason.
    await until(() => flow?.statuses('a').at(-1) === 'green dot status.ready', 'the runtime opens', 20_000);
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
