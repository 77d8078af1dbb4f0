import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it, type TestContext } from 'node:test';
import { type RuntimeSource, SharedRuntime } from '../../nodes/shared-runtime';
import { WasiError } from '../../src/errors/wasi-error';
import { HostTomlFile } from '../../src/host-config/host-toml-file';
import type { RuntimeApi, RuntimeOptions } from '../../src/runtime-api/runtime-api';
import { until } from '../support/until';
import { FakeRuntime, failing, Pending } from './fake-runtime';
import { Flow, RUNTIME, settled } from './flow';

/** `fingerprint`: of a host.toml that a test changes. */
function sourceOf(open: () => Promise<RuntimeApi>, fingerprint = () => 'the same'): RuntimeSource {
  const origin = { configSource: 'inline', configFile: '', configText: '', userDir: '/nowhere' } as const;
  return {
    open,
    hostToml: new HostTomlFile(origin),
    fingerprint: async () => fingerprint(),
    pluginDir: '/nowhere/plugins',
    warn: (text) => assert.fail(text),
  };
}

const DEAF = { phaseChanged: () => undefined, runtimeEvent: () => undefined };

/** As a node that uses it does. */
function used(source: RuntimeSource): SharedRuntime {
  const runtime = new SharedRuntime(source);
  runtime.use({ ...DEAF });
  return runtime;
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
    const runtime = used(sourceOf(() => opening.promise));
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
    const runtime = used(sourceOf(async () => api));
    await Promise.all([runtime.close(), runtime.close()]);
    assert.equal(api.closes, 1);
  });

  it('lets only so many wait while it opens', async () => {
    const opening = new Pending<RuntimeApi>();
    const runtime = used(sourceOf(() => opening.promise));
    const waiting = Array.from({ length: 100 }, () => runtime.whenOpen());
    await assert.rejects(runtime.whenOpen(), { code: 'POLL_BUSY' });
    const api = new FakeRuntime();
    opening.resolve(api);
    for (const opened of await Promise.all(waiting)) assert.equal(opened, api);
  });

  it('that failed to open tells everyone why, also later', async () => {
    const runtime = used(sourceOf(failing('CONFIG_INVALID')));
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
    runtime.use({ ...DEAF, phaseChanged: () => phases.push(runtime.phase.kind) });
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
    const runtime = used(sourceOf(open));
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
    const runtime = used(sourceOf(open));
    await checks.pass(15);
    runtime.retry();
    runtime.retry();
    await settled();
    assert.equal(attempts, 2);
    const api = new FakeRuntime();
    again.resolve(api);
    await settled();
    assert.equal(await runtime.whenOpen(), api);
    await runtime.close();
    assert.equal(api.closes, 1);
  });
});

/** The one timer that a runtime has which nobody uses any more: fired by the test instead of after 20 s. */
class Rest {
  due: (() => void) | undefined;

  constructor(context: TestContext) {
    context.mock.method(globalThis, 'setTimeout', (then: () => void) => {
      this.due = then;
      return this;
    });
    context.mock.method(globalThis, 'clearTimeout', () => {
      this.due = undefined;
    });
  }

  async pass(): Promise<void> {
    this.due?.();
    this.due = undefined;
    await settled();
  }
}

describe('a shared runtime that nobody uses', () => {
  it('opens nothing, also for who only listens', async () => {
    const phases: string[] = [];
    const runtime = new SharedRuntime(sourceOf(() => assert.fail('it was opened')));
    runtime.register({ ...DEAF, phaseChanged: () => phases.push(runtime.phase.kind) });
    await settled();
    assert.equal(runtime.phase.kind, 'idle');
    await assert.rejects(runtime.whenOpen(), { code: 'RUNTIME_CLOSED' });
    await runtime.close();
    assert.deepEqual(phases, ['closed']);
  });

  it('any more is closed after a while, and opens again for the next user', async (t) => {
    const rest = new Rest(t);
    const opened: FakeRuntime[] = [];
    const runtime = new SharedRuntime(sourceOf(async () => opened[opened.push(new FakeRuntime()) - 1] as FakeRuntime));
    const [first, second] = [runtime.use({ ...DEAF }), runtime.use({ ...DEAF })];
    await runtime.whenOpen();
    first();
    first();
    assert.equal(rest.due, undefined, 'another one still uses it');
    second();
    await rest.pass();
    assert.equal(runtime.phase.kind, 'idle');
    assert.equal(opened[0]?.closes, 1);
    const heard: string[] = [];
    runtime.use({ ...DEAF, runtimeEvent: ({ kind }) => heard.push(kind) });
    assert.equal(await runtime.whenOpen(), opened[1]);
    opened[0]?.emit({ kind: 'configured' });
    assert.deepEqual(heard, [], 'what was closed says nothing any more');
    opened[1]?.emit({ kind: 'configured' });
    assert.deepEqual(heard, ['configured']);
  });

  it('for a moment, as in a deployment, stays open with the state of its guests', async (t) => {
    const rest = new Rest(t);
    const api = new FakeRuntime();
    const runtime = new SharedRuntime(sourceOf(async () => api));
    const release = runtime.use({ ...DEAF });
    await runtime.whenOpen();
    release();
    runtime.use({ ...DEAF });
    assert.equal(rest.due, undefined);
    assert.equal(await runtime.whenOpen(), api);
    assert.equal(api.closes, 0);
  });

  it('is not opened before what was open is closed: devices have one owner', async (t) => {
    const rest = new Rest(t);
    const closing = new Pending<void>();
    const [before, after] = [new FakeRuntime(), new FakeRuntime()];
    before.close = () => closing.promise;
    let opens = 0;
    const runtime = new SharedRuntime(sourceOf(async () => (opens++ === 0 ? before : after)));
    runtime.use({ ...DEAF })();
    await settled();
    await rest.pass();
    runtime.use({ ...DEAF });
    await settled();
    assert.equal(runtime.phase.kind, 'opening');
    assert.equal(opens, 1);
    closing.resolve();
    assert.equal(await runtime.whenOpen(), after);
  });

  it('while it opens is closed once it is open', async (t) => {
    const rest = new Rest(t);
    const opening = new Pending<RuntimeApi>();
    const api = new FakeRuntime();
    const runtime = new SharedRuntime(sourceOf(() => opening.promise));
    runtime.use({ ...DEAF })();
    await rest.pass();
    opening.resolve(api);
    await settled();
    assert.equal(api.closes, 1);
    assert.equal(runtime.phase.kind, 'idle');
  });

  it('and could not be opened is not tried again, until somebody uses it', async (t) => {
    const rest = new Rest(t);
    let attempts = 0;
    const open = async () => {
      attempts += 1;
      throw new WasiError('PLUGIN_ERROR', 'the disk is full');
    };
    const runtime = new SharedRuntime(sourceOf(open));
    runtime.use({ ...DEAF })();
    const unused = rest.due;
    await settled();
    unused?.();
    await settled();
    assert.equal(rest.due, undefined, 'no check is left');
    runtime.retry();
    await settled();
    assert.equal(attempts, 1);
    runtime.use({ ...DEAF });
    await settled();
    assert.equal(attempts, 2);
    assert.equal(runtime.phase.kind, 'failed');
    await runtime.close();
  });

  it('is closed with its node, without a wait', async (t) => {
    const rest = new Rest(t);
    const api = new FakeRuntime();
    const runtime = new SharedRuntime(sourceOf(async () => api));
    const release = runtime.use({ ...DEAF });
    await runtime.whenOpen();
    await runtime.close();
    release();
    assert.equal(api.closes, 1);
    assert.equal(rest.due, undefined);
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
    flow = await Flow.start([RUNTIME, poll('a')], async () => runtime);
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
