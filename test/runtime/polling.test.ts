/** A cycle while host.toml becomes another one: whom it waits for may be another plugin by then. And what polls lose. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { DeviceFailure } from '../../src/capabilities/guest-imports-data';
import { WasiError } from '../../src/errors/wasi-error';
import type { PluginSurroundings } from '../../src/plugin-host/plugin';
import { PluginFiles } from '../../src/plugin-host/plugin-files';
import { Plugins } from '../../src/plugin-host/plugins';
import type { HostedReturn } from '../../src/plugin-host/running-guest';
import type { Reading } from '../../src/readings/reading';
import { weightOf } from '../../src/readings/reading-size';
import { Journal } from '../../src/runtime/journal';
import { Polling } from '../../src/runtime/polling';
import type { LogLine } from '../../src/runtime-api/runtime-api';
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
      complete: () => undefined,
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
function pollingOf(
  t: TestContext,
  answer: () => Promise<HostedReturn>,
  onTake: (readings: readonly Reading[]) => void = () => undefined,
) {
  const config = configOf(`${NONE_BUNDLED}[plugins.one]\n`);
  const around = surroundings(async () => probe(answer));
  const plugins = new Plugins(config, new PluginFiles(scratchFolder(t), new Map()), around);
  t.after(() => plugins.close());
  const lost: [string, number][] = [];
  const taken: (readonly Reading[])[] = [];
  const order: string[] = [];
  const log: LogLine[] = [];
  const polling = new Polling({
    plugins,
    journal: new Journal(config, (line) => log.push(line)),
    config: () => config,
    ready: async () => undefined,
    take: (readings) => {
      taken.push(readings);
      order.push('taken');
      onTake(readings);
    },
    lose: (plugin, read) => {
      lost.push([plugin, read.length]);
      order.push('lost');
    },
    complete: () => order.push('complete'),
    sensorData: () => assert.fail('there is no display'),
  });
  return { polling, plugins, lost, taken, order, log };
}

function withFailure(value: unknown): HostedReturn {
  const failure: DeviceFailure = { code: 'HARDWARE_IO', message: 'no answer at GPIO 17', reads: true };
  return { value, effects: { leds: [], kept: new Map(), deviceFailures: [failure] } };
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

describe('a poll that brings as much as it may', () => {
  const MOST = Array.from({ length: 256 }, (_, sensor) => ({
    sensorId: `${sensor}`,
    metrics: Array.from({ length: 4 }, (_, field) => ({ name: `f${field}`, value: sensor, unit: '' })),
  }));
  const WIDE = Array.from({ length: 16 }, (_, sensor) => ({
    sensorId: `${sensor}`,
    metrics: Array.from({ length: 64 }, (_, field) => ({ name: `f${field}`, value: sensor, unit: '' })),
  }));

  for (const [what, value] of [
    ['many sensors', MOST],
    ['many fields', WIDE],
  ] as const) {
    it(`is handed on in pieces of at most 64 values, in order, and is whole for who polled: ${what}`, async (t) => {
      const { polling, taken, order } = pollingOf(t, async () => returned(value));
      const outcome = await polling.poll('one');
      for (const piece of taken) assert.ok(piece.reduce((sum, reading) => sum + weightOf(reading), 0) <= 64);
      assert.equal(taken.length, 16);
      assert.ok(outcome.kind === 'polled');
      assert.deepEqual(taken.flat(), outcome.readings);
      assert.deepEqual(order.slice(-2), ['taken', 'complete']);
    });
  }

  it('is handed on before anything of the next poll of it', async (t) => {
    let polls = 0;
    const { polling, taken } = pollingOf(t, async () => {
      polls += 1;
      return returned(WIDE.map((record) => ({ ...record, timestampMs: polls })));
    });
    await Promise.all([polling.poll('one'), polling.poll('one')]);
    assert.deepEqual(
      taken.flat().map(({ timestamp }) => timestamp),
      [...WIDE.map(() => 1), ...WIDE.map(() => 2)],
    );
  });

  it('is not followed by a drop of sensors where a device failed: what could not be read is lost, not forgotten', async (t) => {
    const { polling, order } = pollingOf(t, async () => withFailure([{ temperature: 21 }]));
    await polling.poll('one');
    assert.deepEqual(order, ['taken', 'lost']);
  });

  it('is over before the runtime is idle', async (t) => {
    let idle: Promise<number> | undefined;
    const { polling, taken } = pollingOf(
      t,
      async () => returned(MOST),
      () => {
        idle ??= polling.idle().then(() => taken.length);
      },
    );
    await polling.poll('one');
    assert.equal(await idle, 16, 'asked for at the first piece');
  });
});
