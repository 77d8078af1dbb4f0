/** What a plugin tells its listeners: nobody should have to ask twice why it is in trouble. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WasiError } from '../../src/errors';
import { parseHostConfig } from '../../src/host-config/parse-host-config';
import { pluginConfig } from '../../src/host-config/plugin-tables';
import { Plugin, type PluginCall, type PluginSurroundings } from '../../src/plugin-host/plugin';
import type { RunningGuest } from '../../src/plugin-host/running-guest';

const POLL: PluginCall = { kind: 'sensor', args: () => [], isNothing: () => false };

function surroundings(start: () => Promise<RunningGuest>, heard: string[]): PluginSurroundings {
  return {
    locate: async () => ({
      origin: 'file',
      source: { kind: 'file', path: 'probe.wasm' },
      key: '1',
      sizeBytes: 1,
      modifiedAt: 0,
      guards: undefined,
    }),
    start,
    onLeds: () => undefined,
    onKept: () => undefined,
    onState: ({ state, counts }) => heard.push(`${state} ${counts.lastError?.code ?? 'well'}`),
    log: () => undefined,
    now: () => 0,
    monotonic: () => 0,
  };
}

/** Starts well and is lost in its first call. */
function fragileGuest(): RunningGuest {
  return {
    role: { kind: 'sensor', instance: 'edge:plugin/sensor-logic@1.0.0', func: 'poll', dialect: 'edge' },
    located: {
      origin: 'file',
      source: { kind: 'file', path: 'probe.wasm' },
      key: '1',
      sizeBytes: 1,
      modifiedAt: 0,
      guards: undefined,
    },
    digest: '',
    handOver: undefined,
    shape: { imports: [], exports: [] },
    memoryBytes: 0,
    alive: true,
    callWhile: () => Promise.reject(new WasiError('PLUGIN_DEADLINE', 'probe did not answer')),
    call: () => Promise.reject(new WasiError('PLUGIN_DEADLINE', 'probe did not answer')),
    close: async () => undefined,
  };
}

describe('what a listener hears of a plugin', () => {
  const config = pluginConfig(parseHostConfig('', 'host.toml', { hostName: 'pi' }), 'probe');

  it('a plugin that cannot start says why in the same breath', async () => {
    const heard: string[] = [];
    const denied = () => Promise.reject(new WasiError('CAPABILITY_DENIED', 'probe imports i2c'));
    const plugin = new Plugin(config, surroundings(denied, heard));
    await plugin.refresh();
    await plugin.close();
    assert.equal(heard[0], 'backing-off CAPABILITY_DENIED');
  });

  it('a plugin whose guest is lost says why in the same breath', async () => {
    const heard: string[] = [];
    const plugin = new Plugin(
      config,
      surroundings(async () => fragileGuest(), heard),
    );
    await assert.rejects(
      plugin.call(POLL, (value) => value),
      { code: 'PLUGIN_DEADLINE' },
    );
    await plugin.close();
    assert.deepEqual(heard.slice(0, 3), ['ready well', 'polling well', 'loading PLUGIN_DEADLINE']);
  });
});
