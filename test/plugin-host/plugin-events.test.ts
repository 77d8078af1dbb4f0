/** What a plugin tells its listeners: nobody should have to ask twice why it is in trouble. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WasiError } from '../../src/errors/wasi-error';
import { pluginConfig } from '../../src/host-config/plugin-tables';
import { Plugin, type PluginSurroundings } from '../../src/plugin-host/plugin';
import { configOf, POLL, probe, surroundings } from './probes';

function listened(start: PluginSurroundings['start'], heard: string[]): PluginSurroundings {
  return surroundings(start, {
    onState: ({ state, counts }) => heard.push(`${state} ${counts.lastError?.code ?? 'well'}`),
  });
}

describe('what a listener hears of a plugin', () => {
  const config = pluginConfig(configOf(''), 'probe');

  it('a plugin that cannot start says why in the same breath', async () => {
    const heard: string[] = [];
    const denied = () => Promise.reject(new WasiError('CAPABILITY_DENIED', 'probe imports i2c'));
    const plugin = new Plugin(config, listened(denied, heard));
    await plugin.refresh();
    await plugin.close();
    assert.equal(heard[0], 'backing-off CAPABILITY_DENIED');
  });

  it('a plugin whose guest is lost says why in the same breath', async () => {
    const heard: string[] = [];
    const lost = () => Promise.reject(new WasiError('PLUGIN_DEADLINE', 'probe did not answer'));
    const plugin = new Plugin(
      config,
      listened(async () => probe(lost), heard),
    );
    await assert.rejects(
      plugin.call(POLL, (value) => value),
      { code: 'PLUGIN_DEADLINE' },
    );
    await plugin.close();
    assert.deepEqual(heard.slice(0, 3), ['ready well', 'polling well', 'loading PLUGIN_DEADLINE']);
  });
});
