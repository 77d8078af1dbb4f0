/** A cycle while host.toml becomes another one: whom it waits for may be another plugin by then. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WasiError } from '../../src/errors';
import type { PluginSurroundings } from '../../src/plugin-host/plugin';
import { PluginFiles } from '../../src/plugin-host/plugin-files';
import { Plugins } from '../../src/plugin-host/plugins';
import { Journal } from '../../src/runtime/journal';
import { Polling } from '../../src/runtime/polling';
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
