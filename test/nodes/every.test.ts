import assert from 'node:assert/strict';
import { afterEach, describe, it, type TestContext } from 'node:test';
import { parseEvery } from '../../nodes/plugin-poll/every';
import { parseHostConfig } from '../../src/host-config/parse-host-config';
import type { PollOutcome } from '../../src/runtime-api/runtime-api';
import { FakeRuntime, Pending } from './fake-runtime';
import { Flow, OUT, RUNTIME, settled } from './flow';

/** The timers that were set since, in place of real ones: a test fires them. */
class Timers {
  readonly running = new Map<number, { readonly tick: () => void; readonly intervalMs: number }>();
  #next = 1;

  constructor(context: TestContext) {
    context.mock.method(globalThis, 'setInterval', (tick: () => void, intervalMs: number) => {
      this.running.set(this.#next, { tick, intervalMs });
      return this.#next++;
    });
    context.mock.method(globalThis, 'clearInterval', (id: number) => this.running.delete(id));
  }

  intervals(): number[] {
    return [...this.running.values()].map(({ intervalMs }) => intervalMs);
  }

  fire(): void {
    for (const { tick } of this.running.values()) tick();
  }
}

let flow: Flow | undefined;
afterEach(() => flow?.stop());

async function start(runtime: FakeRuntime, every: unknown): Promise<Flow> {
  const node = { id: 'poll', type: 'plugin-poll', runtime: 'runtime', plugin: 'dht22', every, wires: [['out']] };
  flow = await Flow.start([RUNTIME, node, OUT], async () => runtime);
  await flow.untilStatus('poll', 'green dot status.ready');
  await settled();
  return flow;
}

describe('the property every', () => {
  it('is empty, "host" or seconds, as a number or as text', () => {
    assert.deepEqual(parseEvery(''), { kind: 'message' });
    assert.deepEqual(parseEvery(undefined), { kind: 'message' });
    assert.deepEqual(parseEvery('host'), { kind: 'host' });
    assert.deepEqual(parseEvery(2), { kind: 'interval', intervalMs: 2_000 });
    assert.deepEqual(parseEvery('0.5'), { kind: 'interval', intervalMs: 500 });
  });

  it('is nothing else: no zero, no negative number, nothing longer than a timer can wait', () => {
    for (const value of [
      0,
      -1,
      '0',
      ' ',
      '1e3',
      '0x10',
      'often',
      Number.NaN,
      Number.POSITIVE_INFINITY,
      3_000_000,
      {},
      true,
    ]) {
      assert.throws(() => parseEvery(value), { code: 'CONFIG_INVALID' }, String(value));
    }
  });
});

describe('a plugin-poll node with an interval', () => {
  it('polls at each tick and no longer once it is closed', async (context) => {
    const timers = new Timers(context);
    const runtime = new FakeRuntime();
    const started = await start(runtime, '5');
    assert.deepEqual(timers.intervals(), [5_000]);
    timers.fire();
    await started.until(() => started.messages.length === 1);
    timers.fire();
    await started.until(() => started.messages.length === 2);
    await started.node('poll').close(false);
    assert.deepEqual(timers.intervals(), []);
  });

  it('of "host" polls as often as host.toml says', async (context) => {
    const timers = new Timers(context);
    await start(new FakeRuntime(), 'host');
    assert.deepEqual(timers.intervals(), [7_000]);
  });

  it('of "host" polls as often as the new host.toml says when that changed', async (context) => {
    const timers = new Timers(context);
    const runtime = new FakeRuntime();
    await start(runtime, 'host');
    runtime.config = parseHostConfig('[polling]\ninterval_seconds = 60\n', 'test', { hostName: 'test' });
    runtime.emit({ kind: 'configured' });
    assert.deepEqual(timers.intervals(), [60_000]);
  });

  it('of its own keeps it when host.toml changed', async (context) => {
    const timers = new Timers(context);
    const runtime = new FakeRuntime();
    await start(runtime, 5);
    const before = [...timers.running.keys()];
    runtime.emit({ kind: 'configured' });
    assert.deepEqual([...timers.running.keys()], before);
  });

  it('polls by message only when it is empty', async (context) => {
    const timers = new Timers(context);
    await start(new FakeRuntime(), '');
    assert.deepEqual(timers.intervals(), []);
  });

  it('leaves out a tick while the last poll is under way', async (context) => {
    const timers = new Timers(context);
    const runtime = new FakeRuntime();
    const poll = new Pending<PollOutcome>();
    runtime.onPoll = () => poll.promise;
    const started = await start(runtime, 5);
    timers.fire();
    await started.untilStatus('poll', 'blue dot status.polling');
    timers.fire();
    await settled();
    assert.equal(runtime.polls, 1);
    poll.resolve({ kind: 'disabled', plugin: 'dht22' });
    await started.untilEnds(1);
    timers.fire();
    await started.untilEnds(2);
    assert.equal(runtime.polls, 2);
  });
});
