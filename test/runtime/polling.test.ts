/** A cycle while host.toml becomes another one: whom it waits for may be another plugin by then. And what polls lose. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { WasiError } from '../../src/errors';
import type { PluginSurroundings } from '../../src/plugin-host/plugin';
import { PluginFiles } from '../../src/plugin-host/plugin-files';
import { Plugins } from '../../src/plugin-host/plugins';
import { Journal } from '../../src/runtime/journal';
import { Polling } from '../../src/runtime/polling';
import type { LogLine } from '../../src/runtime-api';
import type { GuestReturn } from '../../src/wasm/guest';
import { configOf, probe, returned, surroundings } from '../plugin-host/probes';
import { scratchFolder } from '../wasm/components';
import { NONE_BUNDLED } from './test-runtime';

describe('a cycle over plugins of which one is still being loaded', () => {
  it('polls its successor where host.toml gives it another table meanwhile', async (t) => {
    const config = configOf(`${NONE_BUNDLED}[plugins.one]\n`);
    let starts = 0;
    let began = (): void => undefined;
    const loading = new Promise<void>((resolve) => {
      began = resolve;
    });
    // The first start takes until it is given up.
    const start: PluginSurroundings['start'] = async (_config, _located, { signal }) => {
      starts += 1;
      if (starts > 1) return probe(async () => returned([{ temperature: 21 }]));
      began();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw new WasiError('RUNTIME_CLOSED', 'one was closed while it started');
    };
    const plugins = new Plugins(config, new PluginFiles(scratchFolder(t), new Map()), surroundings(start));
    t.after(() => plugins.close());
    let settled: Promise<unknown> = Promise.resolve();
    const polling = new Polling({
      plugins,
      journal: new Journal(config, () => undefined),
      config: () => config,
      ready: async () => void (await settled),
      take: () => undefined,
      lose: () => undefined,
      sensorData: () => assert.fail('there is no display'),
    });
    const cycle = polling.pollAll();
    await loading;
    settled = plugins.reconfigure(
      configOf(`${NONE_BUNDLED}[plugins.one.settings]\nlimit = 5\n`),
      false,
      async () => undefined,
    );
    const { readings, failures } = await cycle;
    assert.deepEqual([readings.map(({ plugin }) => plugin), failures], [['one'], []]);
  });
});

/** One plugin whose calls end as `answer` does, and what its polls lost and logged. */
function pollingOf(t: TestContext, answer: () => Promise<GuestReturn>) {
  const config = configOf(`${NONE_BUNDLED}[plugins.one]\n`);
  const around = surroundings(async () => probe(answer));
  const plugins = new Plugins(config, new PluginFiles(scratchFolder(t), new Map()), around);
  t.after(() => plugins.close());
  const lost: [string, number][] = [];
  const log: LogLine[] = [];
  const polling = new Polling({
    plugins,
    journal: new Journal(config, (line) => log.push(line)),
    config: () => config,
    ready: async () => undefined,
    take: () => undefined,
    lose: (plugin, read) => lost.push([plugin, read.length]),
    sensorData: () => assert.fail('there is no display'),
  });
  return { polling, lost, log };
}

function withFailure(value: unknown): GuestReturn {
  const failure = { code: 'HARDWARE_IO', message: 'no answer at GPIO 17', reads: true };
  return { value, effects: { onSuccess: undefined, always: { kept: new Map(), deviceFailures: [failure] } } };
}

describe('what a sensor read', () => {
  it('is still known after a poll that was refused because two others were under way', async (t) => {
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { polling, lost } = pollingOf(t, () => answered.then(() => returned([{ temperature: 21 }])));
    const polls = [polling.poll('one'), polling.poll('one')];
    await assert.rejects(polling.poll('one'), { code: 'POLL_BUSY' });
    assert.deepEqual(lost, []);
    answer();
    await Promise.all(polls);
    assert.deepEqual(lost, []);
  });

  it('is not known any more after a poll that failed', async (t) => {
    const { polling, lost } = pollingOf(t, async () => withFailure([]));
    await assert.rejects(polling.poll('one'), { code: 'HARDWARE_IO' });
    assert.deepEqual(lost, [['one', 0]]);
  });
});

describe('a cycle with a plugin that read some of its devices', () => {
  it('has what it read and what failed, and logs the failure', async (t) => {
    const { polling, lost, log } = pollingOf(t, async () => withFailure([{ temperature: 21 }]));
    const { readings, failures, polled, answered } = await polling.pollAll();
    assert.deepEqual([readings.length, polled, answered], [1, 1, 1]);
    assert.deepEqual(
      failures.map(({ plugin, error }) => [plugin, error.code]),
      [['one', 'HARDWARE_IO']],
    );
    assert.deepEqual(lost, [['one', 1]], 'only what it did not read is lost');
    assert.deepEqual(
      log.map(({ level, text }) => [level, text]),
      [['error', 'HARDWARE_IO: one: no answer at GPIO 17']],
    );
  });
});
