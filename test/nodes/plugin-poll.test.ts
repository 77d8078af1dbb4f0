import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { hooks } from '@node-red/util';
import type { NodeMessage } from 'node-red';
import { WasiError } from '../../src/errors/wasi-error';
import type { CycleOutcome, PollOutcome, RuntimeApi } from '../../src/runtime-api/runtime-api';
import { pluginOf } from '../dashboard/plugin-of';
import { readingOf } from '../readings/reading-of';
import { FakeRuntime, failing, Pending, TRIED_AGAIN } from './fake-runtime';
import { Flow, OUT, RUNTIME, settled } from './flow';

const NODE = { id: 'poll', type: 'plugin-poll', runtime: 'runtime', plugin: 'dht22', every: '', emit: 'readings' };

let flow: Flow;
afterEach(() => flow.stop());

async function start(runtime: RuntimeApi | Promise<RuntimeApi>, properties: object = {}): Promise<void> {
  const node = { ...NODE, ...properties, wires: [['out']] };
  flow = await Flow.start([RUNTIME, node, OUT], async () => runtime);
}

function only(messages: readonly NodeMessage[]): NodeMessage {
  const [message] = messages;
  assert.equal(messages.length, 1);
  assert.ok(message);
  return message;
}

describe('a message to plugin-poll', () => {
  it('polls the plugin once and leaves as its reading', async () => {
    const runtime = new FakeRuntime();
    await start(runtime);
    flow.send('poll');
    await flow.until(() => flow.messages.length > 0);
    const { payload, topic, plugin, node, sensorId, timestamp } = only(flow.messages);
    assert.deepEqual(payload, { temperature: 21.5, humidity: 40 });
    assert.equal(topic, 'pi4/dht22/room');
    assert.deepEqual(
      { plugin, node, sensorId, timestamp },
      { plugin: 'dht22', node: 'pi4', sensorId: 'room', timestamp: 1_000 },
    );
    assert.equal(runtime.polls, 1);
    assert.deepEqual(
      flow.ends.filter((end) => end.node === 'poll'),
      [{ node: 'poll', error: undefined }],
    );
  });

  it('keeps its request and response, so that http response answers it', async () => {
    await start(new FakeRuntime());
    const [req, res] = [{ url: '/x' }, { send: () => undefined }];
    flow.send('poll', { req, res, mine: 1 });
    await flow.until(() => flow.messages.length > 0);
    const message = only(flow.messages);
    assert.equal(message['req'], req);
    assert.equal(message['res'], res);
    assert.equal(message['mine'], 1);
  });

  it('leaves as one message per number when asked to', async () => {
    await start(new FakeRuntime(), { emit: 'values' });
    flow.send('poll');
    await flow.until(() => flow.messages.length === 2);
    assert.deepEqual(
      flow.messages.map(({ topic, payload }) => [topic, payload]),
      [
        ['pi4/dht22/room/temperature', 21.5],
        ['pi4/dht22/room/humidity', 40],
      ],
    );
  });

  for (const [every, expireAfter] of [
    ['', undefined],
    ['host', 30],
    ['60', 180],
  ] as const) {
    it(`says in its discovery when a value counts as lost: every "${every}"`, async () => {
      await start(new FakeRuntime(), { emit: 'values', every });
      flow.send('poll');
      await flow.until(() => flow.messages.length === 2);
      const discovery = flow.messages[1]?.['discovery'];
      assert.ok(typeof discovery === 'object' && discovery !== null && 'payload' in discovery);
      const { state_topic, expire_after } = JSON.parse(String(discovery.payload));
      assert.deepEqual([state_topic, expire_after], ['pi4/dht22/room/humidity', expireAfter]);
    });
  }

  it('says when a value counts as lost by how often a flow polls, once that can be told', async () => {
    const runtime = new FakeRuntime();
    await start(runtime, { emit: 'values' });
    const expireAfter = async (usual: number) => {
      runtime.usual = usual;
      flow.messages.length = 0;
      flow.send('poll');
      await flow.until(() => flow.messages.length === 2);
      return JSON.stringify(flow.messages[1]?.['discovery']).match(/expire_after\\":(\d+)/)?.[1];
    };
    assert.equal(await expireAfter(10_020), '60');
    assert.equal(await expireAfter(9_950), '60');
    assert.equal(await expireAfter(300_000), '1800');
  });

  it('to a disabled plugin sends nothing, is no error and shows grey', async () => {
    const runtime = new FakeRuntime();
    runtime.onPoll = async (plugin) => ({ kind: 'disabled', plugin });
    runtime.summaries = [pluginOf({ state: 'disabled' })];
    await start(runtime);
    flow.send('poll');
    await flow.untilEnds(1);
    await settled();
    assert.deepEqual(flow.ends, [{ node: 'poll', error: undefined }]);
    assert.deepEqual(flow.messages, []);
    assert.equal(flow.statuses('poll').at(-1), 'grey ring status.disabled');
  });

  it('that fails ends once, with the code, and shows red', async () => {
    const runtime = new FakeRuntime();
    runtime.onPoll = failing('PLUGIN_DEADLINE', 'dht22 took too long');
    await start(runtime);
    flow.send('poll');
    await flow.untilEnds(1);
    await settled();
    assert.deepEqual(
      flow.ends.map(({ error }) => [error?.code, error?.message]),
      [['PLUGIN_DEADLINE', 'dht22 took too long']],
    );
    assert.deepEqual(flow.messages, []);
    assert.equal(flow.statuses('poll').at(-1), 'red ring errors.PLUGIN_DEADLINE');
  });

  it('ends with a code of the contract whatever was thrown', async () => {
    const runtime = new FakeRuntime();
    runtime.onPoll = async () => {
      throw new TypeError('not ours');
    };
    await start(runtime);
    flow.send('poll');
    await flow.untilEnds(1);
    assert.equal(flow.ends[0]?.error?.code, 'PLUGIN_ERROR');
    assert.ok(flow.ends[0]?.error instanceof WasiError);
  });

  it('shows missing hardware as grey', async () => {
    const runtime = new FakeRuntime();
    runtime.onPoll = failing('HARDWARE_MISSING');
    await start(runtime);
    flow.send('poll');
    await flow.untilEnds(1);
    assert.equal(flow.statuses('poll').at(-1), 'grey ring errors.HARDWARE_MISSING');
  });

  it('whose result comes after the node was closed is dropped', async () => {
    const runtime = new FakeRuntime();
    const poll = new Pending<PollOutcome>();
    runtime.onPoll = () => poll.promise;
    await start(runtime);
    flow.send('poll');
    await flow.untilStatus('poll', 'blue dot status.polling');
    await flow.node('poll').close(true);
    const before = flow.statuses('poll').length;
    poll.resolve({ kind: 'polled', plugin: 'dht22', readings: [readingOf()], failures: [] });
    await flow.untilEnds(1);
    await settled();
    assert.deepEqual(flow.messages, []);
    assert.equal(flow.statuses('poll').length, before);
    assert.deepEqual(
      flow.ends.map(({ error }) => error?.code),
      ['RUNTIME_CLOSED'],
    );
  });
});

describe('a poll that brings as many values as it may', () => {
  const READINGS = Array.from({ length: 16 }, (_, sensor) =>
    readingOf({
      sensorId: `${sensor}`,
      values: Object.fromEntries(Array.from({ length: 64 }, (_, field) => [`f${field}`, field])),
    }),
  );

  class Loud extends FakeRuntime {
    override async poll(): Promise<PollOutcome> {
      return { kind: 'polled', plugin: 'dht22', readings: READINGS, failures: [] };
    }
  }

  it('leaves as all its messages in order, numbered, each with properties of its own, and no input among another', async () => {
    await start(new Loud(), { emit: 'values' });
    const asked = [1, 2].map((input) => ({ input, mine: { by: [input] } }));
    for (const message of asked) flow.send('poll', message);
    await flow.until(() => flow.messages.length === 2_048);
    assert.deepEqual(
      flow.messages.map(({ input }) => input),
      [...READINGS.flatMap(() => Array(64).fill(1)), ...READINGS.flatMap(() => Array(64).fill(2))],
    );
    for (const [at, message] of flow.messages.slice(0, 1_024).entries()) {
      const { index, count } = Object(message['parts']);
      assert.deepEqual([index, count], [at, 1_024]);
    }
    const own = new Set(flow.messages.map(({ mine }) => mine));
    assert.equal(own.size, 2_048, 'a node that changes one of them changes no other');
    assert.deepEqual(
      flow.ends.filter(({ node }) => node === 'poll').map(({ error }) => error),
      [undefined, undefined],
    );
  });

  it('is never handed to Node-RED in more than 16 messages at once', async () => {
    await start(new Loud(), { emit: 'values' });
    const sizes: number[] = [];
    hooks.add('onSend.sizes', ({ length }: readonly unknown[]) => void sizes.push(length));
    try {
      flow.send('poll');
      await flow.until(() => flow.messages.length === 1_024);
    } finally {
      hooks.remove('onSend.sizes');
    }
    assert.deepEqual(sizes, Array(64).fill(16));
  });

  it('is refused while the messages of two inputs before it are not all sent', async () => {
    await start(new Loud(), { emit: 'values' });
    flow.send('poll', { input: 1 });
    flow.send('poll', { input: 2 });
    flow.node(OUT.id).once('input', () => flow.send('poll', { input: 3 }));
    await flow.until(() => flow.ends.filter(({ node }) => node === 'poll').length === 3);
    const codes = flow.ends.filter(({ node }) => node === 'poll').map(({ error }) => error && Object(error).code);
    assert.deepEqual(codes, ['POLL_BUSY', undefined, undefined]);
  });
});

describe('the status of plugin-poll', () => {
  it('goes from loading to polling to the newest value', async () => {
    await start(new FakeRuntime());
    await flow.untilStatus('poll', 'green dot status.ready');
    flow.send('poll');
    await flow.untilEnds(1);
    assert.deepEqual(flow.statuses('poll'), [
      'yellow ring status.loading',
      'green dot status.ready',
      'blue dot status.polling',
      'green dot 21.5 °C 40 %',
    ]);
  });

  it('says that the hardware is simulated', async () => {
    const runtime = new FakeRuntime();
    runtime.hardware = { kind: 'simulated', because: 'no Raspberry Pi' };
    await start(runtime);
    flow.send('poll');
    await flow.untilEnds(1);
    assert.deepEqual(flow.statuses('poll').slice(-2), [
      'blue dot status.polling (sim)',
      'green dot 21.5 °C 40 % (sim)',
    ]);
  });

  it('follows the plugin while it is reloaded', async () => {
    const runtime = new FakeRuntime();
    await start(runtime);
    flow.send('poll');
    await flow.untilEnds(1);
    runtime.emit({ kind: 'plugin', summary: pluginOf({ state: 'reloading' }) });
    assert.equal(flow.statuses('poll').at(-1), 'yellow ring status.reloading');
    runtime.emit({ kind: 'plugin', summary: pluginOf({ state: 'ready' }) });
    assert.equal(flow.statuses('poll').at(-1), 'green dot 21.5 °C 40 %');
  });

  it('says what came of the last poll where host.toml took the plugin away', async () => {
    const runtime = new FakeRuntime();
    await start(runtime);
    await flow.untilStatus('poll', 'green dot status.ready');
    runtime.emit({ kind: 'plugin', summary: pluginOf({ state: 'closed' }) });
    runtime.summaries = [];
    runtime.emit({ kind: 'configured' });
    runtime.onPoll = failing('PLUGIN_NOT_FOUND');
    flow.send('poll');
    await flow.untilEnds(1);
    assert.equal(flow.statuses('poll').at(-1), 'red ring errors.PLUGIN_NOT_FOUND');
  });

  it('heeds no other plugin', async () => {
    const runtime = new FakeRuntime();
    await start(runtime, { plugin: 'pi-monitor' });
    await flow.untilStatus('poll', 'green dot status.ready');
    runtime.emit({ kind: 'plugin', summary: pluginOf({ state: 'reloading' }) });
    assert.equal(flow.statuses('poll').at(-1), 'green dot status.ready');
    runtime.emit({ kind: 'plugin', summary: pluginOf({ name: 'pi_monitor', state: 'reloading' }) });
    assert.equal(flow.statuses('poll').at(-1), 'yellow ring status.reloading');
  });
});

describe('a poll that read some of its devices', () => {
  it('sends what was read, names what failed, and its node is red', async () => {
    const runtime = new FakeRuntime();
    const error = new WasiError('HARDWARE_IO', 'dht22: no answer at GPIO 17');
    const failures = [{ plugin: 'dht22', error }];
    runtime.onPoll = async (plugin) => ({ kind: 'polled', plugin, readings: [readingOf()], failures });
    await start(runtime);
    flow.send('poll');
    await flow.until(() => flow.messages.length > 0);
    assert.deepEqual(only(flow.messages)['errors'], [
      { plugin: 'dht22', code: 'HARDWARE_IO', message: 'dht22: no answer at GPIO 17' },
    ]);
    assert.equal(flow.ends.find((end) => end.node === 'poll')?.error, undefined);
    assert.equal(flow.statuses('poll').at(-1), 'red ring errors.HARDWARE_IO');
  });
});

describe('a message to a display plugin', () => {
  it('leaves as it came once the display is updated', async () => {
    const runtime = new FakeRuntime();
    runtime.onPoll = async (plugin) => ({ kind: 'shown', plugin });
    const payload = [{ sensorId: 'room' }];
    for (const emit of ['readings', 'values', 'batch']) {
      await start(runtime, { plugin: 'panel', emit });
      flow.send('poll', { payload, topic: 'pi4/*', errors: [], mine: 1 });
      await flow.until(() => flow.messages.length > 0);
      const { _msgid, ...message } = only(flow.messages);
      assert.deepEqual(message, { payload, topic: 'pi4/*', errors: [], mine: 1 });
      assert.equal(flow.statuses('poll').at(-1), 'green dot status.shown');
      if (emit !== 'batch') await flow.stop();
    }
  });

  it('that fails ends once, with the code, and shows red', async () => {
    const runtime = new FakeRuntime();
    runtime.onPoll = failing('HARDWARE_IO', 'panel: the display does not answer');
    await start(runtime, { plugin: 'panel' });
    flow.send('poll', { payload: 1 });
    await flow.untilEnds(1);
    await settled();
    assert.deepEqual(
      flow.ends.map(({ error }) => error?.code),
      ['HARDWARE_IO'],
    );
    assert.deepEqual(flow.messages, []);
    assert.equal(flow.statuses('poll').at(-1), 'red ring errors.HARDWARE_IO');
  });
});

const NONE: CycleOutcome = { readings: [], failures: [], polled: 0, answered: 0, updated: 0, shown: 0 };

describe('a whole cycle', () => {
  const dark = { plugin: 'panel', error: new WasiError('HARDWARE_MISSING', 'panel: nothing answers') };
  const failure = { plugin: 'bme680', error: new WasiError('HARDWARE_IO', 'bme680 gave no answer') };

  it('sends what it read and names what failed', async () => {
    const runtime = new FakeRuntime();
    runtime.onCycle = async () => ({ ...NONE, readings: [readingOf()], failures: [failure], polled: 2, answered: 1 });
    await start(runtime, { plugin: '*' });
    flow.send('poll');
    await flow.until(() => flow.messages.length > 0);
    assert.deepEqual(only(flow.messages)['errors'], [
      { plugin: 'bme680', code: 'HARDWARE_IO', message: 'bme680 gave no answer' },
    ]);
    assert.equal(flow.ends.find((end) => end.node === 'poll')?.error, undefined);
    assert.equal(flow.statuses('poll').at(-1), 'red ring status.cycle');
  });

  it('counts a plugin once, however many of its devices failed', async (t) => {
    const runtime = new FakeRuntime();
    const failures = [failure, failure, { ...failure, plugin: 'dht22' }];
    runtime.onCycle = async () => ({ ...NONE, readings: [readingOf()], failures, polled: 5, answered: 4 });
    await start(runtime, { plugin: '*' });
    const counts: unknown[] = [];
    t.mock.method(flow.RED, '_', (key: string, words: unknown) => {
      if (key.endsWith('status.cycle')) counts.push(words);
      return key;
    });
    flow.send('poll');
    await flow.until(() => flow.messages.length > 0);
    assert.deepEqual(counts, [{ ok: '3', polled: '5' }]);
  });

  it('in which nothing failed is green', async () => {
    await start(new FakeRuntime(), { plugin: '*' });
    flow.send('poll');
    await flow.until(() => flow.messages.length > 0);
    assert.equal(flow.statuses('poll').at(-1), 'green dot status.cycle');
  });

  it('is an error only if all failed', async () => {
    const runtime = new FakeRuntime();
    const failures = [failure, { ...failure, plugin: 'dht22' }];
    runtime.onCycle = async () => ({ ...NONE, failures, polled: 2 });
    await start(runtime, { plugin: '*' });
    flow.send('poll');
    await flow.untilEnds(1);
    await settled();
    assert.equal(flow.ends[0]?.error?.code, 'HARDWARE_IO');
    assert.match(flow.ends[0]?.error?.message ?? '', /^every plugin of the cycle failed: .*bme680.*dht22/);
    assert.deepEqual(flow.messages, []);
  });

  it('counts its displays', async () => {
    const runtime = new FakeRuntime();
    runtime.onCycle = async () => ({
      ...NONE,
      readings: [readingOf()],
      failures: [dark],
      polled: 1,
      answered: 1,
      updated: 2,
      shown: 1,
    });
    await start(runtime, { plugin: '*' });
    flow.send('poll');
    await flow.until(() => flow.messages.length > 0);
    assert.deepEqual(only(flow.messages)['errors'], [
      { plugin: 'panel', code: 'HARDWARE_MISSING', message: 'panel: nothing answers' },
    ]);
    assert.equal(flow.statuses('poll').at(-1), 'red ring status.cycle');
  });

  it('in which every sensor failed is an error, though a display shows that', async () => {
    const runtime = new FakeRuntime();
    const failures = [failure, { ...failure, plugin: 'dht22' }];
    runtime.onCycle = async () => ({ ...NONE, failures, polled: 2, updated: 1, shown: 1 });
    await start(runtime, { plugin: '*' });
    flow.send('poll');
    await flow.untilEnds(1);
    await settled();
    assert.equal(flow.ends[0]?.error?.code, 'HARDWARE_IO');
    assert.match(flow.ends[0]?.error?.message ?? '', /^every sensor plugin of the cycle failed: /);
    assert.deepEqual(flow.messages, []);
  });

  it('of displays alone passes the message on, unless all of them failed', async () => {
    const runtime = new FakeRuntime();
    runtime.onCycle = async () => ({ ...NONE, updated: 1, shown: 1 });
    await start(runtime, { plugin: '*' });
    flow.send('poll', { payload: 'as it came', topic: 'mine' });
    await flow.until(() => flow.messages.length > 0);
    const { payload, topic, errors } = only(flow.messages);
    assert.deepEqual({ payload, topic, errors }, { payload: 'as it came', topic: 'mine', errors: [] });
    assert.equal(flow.statuses('poll').at(-1), 'green dot status.cycle');
    runtime.onCycle = async () => ({ ...NONE, failures: [dark], updated: 1 });
    flow.send('poll');
    await flow.until(() => flow.ends.some(({ error }) => error?.code === 'HARDWARE_MISSING'));
    assert.equal(flow.messages.length, 1);
  });
});

describe('a plugin-poll node that cannot work', () => {
  it('without a runtime says so and ends each input with it', async () => {
    await start(new FakeRuntime(), { runtime: 'nowhere' });
    flow.send('poll');
    await flow.untilEnds(1);
    assert.equal(flow.ends[0]?.error?.code, 'CONFIG_INVALID');
    assert.deepEqual(flow.statuses('poll'), ['red ring errors.CONFIG_INVALID']);
  });

  it('with a wrong interval names the property and what it should be', async () => {
    await start(new FakeRuntime(), { every: 'often' });
    flow.send('poll');
    await flow.untilEnds(1);
    assert.match(flow.ends[0]?.error?.message ?? '', /"every".*seconds.*"often"/);
  });

  it('ends each input with what the runtime failed to open with, and logs that once', async () => {
    flow = await Flow.start([RUNTIME, { ...NODE, wires: [] }], failing('CONFIG_INVALID', 'host.toml:3 is wrong'));
    flow.send('poll');
    flow.send('poll');
    await flow.untilEnds(2);
    assert.deepEqual(
      flow.ends.map(({ error }) => error?.message),
      [`host.toml:3 is wrong${TRIED_AGAIN}`, `host.toml:3 is wrong${TRIED_AGAIN}`],
    );
    assert.equal(flow.statuses('poll').at(-1), 'red ring errors.CONFIG_INVALID');
    const byRuntime = flow.logged.filter((line) => line.startsWith('wasi-runtime '));
    assert.deepEqual(byRuntime, [`wasi-runtime host.toml:3 is wrong${TRIED_AGAIN}`]);
  });
});

describe('a message that arrives while the runtime opens', () => {
  it('waits for it', async () => {
    const opening = new Pending<RuntimeApi>();
    await start(opening.promise);
    flow.send('poll');
    await settled();
    assert.deepEqual(flow.statuses('poll'), ['yellow ring status.loading']);
    opening.resolve(new FakeRuntime());
    await flow.until(() => flow.messages.length > 0);
    assert.equal(flow.statuses('poll').at(-1), 'green dot 21.5 °C 40 %');
  });
});
