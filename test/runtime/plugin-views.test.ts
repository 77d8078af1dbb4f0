import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe } from 'node:test';
import type { PluginView } from '../../src/runtime-api/admin-api';
import { sha256 } from '../../src/wasm/sha256';
import { promise } from '../support/promise';
import { fixture, fromText } from '../wasm/components';
import { NONE_BUNDLED, TestRuntime } from './test-runtime';

async function viewOf(host: TestRuntime, name: string): Promise<PluginView> {
  const views = await host.runtime.admin.pluginViews();
  return views.find((view) => view.name === name) ?? assert.fail(`no view of ${name}`);
}

const OWN_IMPORTS = /^edge:plugin\/|^demo:plugin\//;

function access({ imports }: PluginView): Record<string, string> {
  return Object.fromEntries(
    imports.filter(({ name }) => OWN_IMPORTS.test(name)).map(({ name, access }) => [name, access]),
  );
}

describe('the editor is shown of a plugin', () => {
  promise('that runs: its file, what it is and what it was granted', async (t) => {
    const toml = `${NONE_BUNDLED}[plugins.mine.settings]\naddress = "0x77"\n[plugins.mine.grants]\ni2c = ["0x77"]\n[plugins.mine.limits]\ndeadline_ms = 61000\nload_deadline_ms = 62000\nmemory_mb = 64\n`;
    const host = await TestRuntime.open(t, toml, { mine: 'i2c_reader' });
    await host.poll('mine');
    const view = await viewOf(host, 'mine');
    assert.deepEqual(
      view.imports.filter(({ access }) => access === 'granted'),
      [{ name: 'edge:plugin/i2c@1.0.0', access: 'granted', granted: 'i2c = ["0x77"]' }],
    );
    assert.ok(view.imports.some(({ name, access }) => name.startsWith('wasi:') && access === 'free'));
    assert.ok(view.exports.includes('edge:plugin/sensor-logic@1.0.0'));
    assert.deepEqual(
      {
        lines: view.lines,
        role: view.role,
        origin: view.origin,
        pinned: view.pinned,
        listed: view.listed,
        file: view.file,
      },
      { lines: '', role: 'sensor', origin: 'file', pinned: false, listed: true, file: host.file('mine') },
    );
    assert.equal(view.sha256, sha256(readFileSync(fixture('i2c_reader'))));
    assert.equal(view.sizeBytes, statSync(fixture('i2c_reader')).size);
    assert.deepEqual(view.limits, { deadlineMs: 61_000, loadDeadlineMs: 62_000, memoryMb: 64 });
  });

  promise('that was refused: what it asks for and the lines that grant it', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED, { mine: 'i2c_reader' });
    await assert.rejects(host.runtime.poll('mine'), { code: 'CAPABILITY_DENIED' });
    const view = await viewOf(host, 'mine');
    assert.equal(view.state, 'backing-off');
    assert.equal(view.lastError?.code, 'CAPABILITY_DENIED');
    assert.equal(access(view)['edge:plugin/i2c@1.0.0'], 'missing');
    assert.equal(view.lines, '[plugins.mine.grants]\ni2c = ["0x76"]');
    assert.equal(view.sha256, sha256(readFileSync(fixture('i2c_reader'))));
  });

  promise('that no host.toml names: its file, although nobody asked for it, and none of it ran', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED, { 'my-own': 'i2c_reader' });
    const view = await viewOf(host, 'my_own');
    assert.deepEqual([view.listed, view.state, view.role, view.polls], [false, 'disabled', 'sensor', 0]);
    assert.equal(view.file, host.file('my-own'));
    assert.equal(host.runtime.plugin('my_own'), undefined);
  });

  promise('that is no component: why, and not more', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED);
    writeFileSync(host.file('broken'), 'no component');
    const view = await viewOf(host, 'broken');
    assert.deepEqual([view.imports, view.exports, view.lines, view.sha256], [[], [], '', undefined]);
    assert.equal(view.lastError?.code, 'PLUGIN_INVALID');
  });

  promise('that is disabled: what it would ask for, bundled or not', async (t) => {
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.mine]\nenabled = false`, { mine: 'counter_v1' });
    const mine = await viewOf(host, 'mine');
    assert.deepEqual([mine.state, mine.origin, mine.role], ['disabled', 'file', 'sensor']);
    const bme680 = await viewOf(host, 'bme680');
    assert.deepEqual(
      [bme680.origin, bme680.role, bme680.file, bme680.sizeBytes],
      ['bundled', 'sensor', undefined, undefined],
    );
    assert.match(bme680.sha256 ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual(
      bme680.imports.filter(({ access }) => access === 'granted').map(({ granted }) => granted),
      ['state_store = true'],
    );
  });

  promise('whose file is pinned to another: that, and nothing that is in it', async (t) => {
    const pin = `sha256 = "${'0'.repeat(64)}"`;
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.mine]\n${pin}`, { mine: 'i2c_reader' });
    await assert.rejects(host.runtime.poll('mine'), { code: 'PLUGIN_INVALID' });
    const view = await viewOf(host, 'mine');
    assert.deepEqual([view.pinned, view.imports, view.exports], [true, [], []]);
    assert.equal(view.sha256, sha256(readFileSync(fixture('i2c_reader'))));
  });

  promise('that imports as many names as it may: all of them; one more is refused', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED);
    const importing = (count: number) =>
      fromText(
        `(component ${Array.from({ length: count }, (_, i) => `(import "wasi:x/i${i}@0.2.0" (instance))`).join('')})`,
      );
    writeFileSync(host.file('wide'), await importing(256));
    const view = await viewOf(host, 'wide');
    assert.equal(view.imports.length, 256, view.lastError?.message);
    assert.ok(view.imports.every(({ access }) => access === 'unknown'));
    assert.equal(view.lines, '');
    writeFileSync(host.file('wider'), await importing(257));
    const { imports, lastError } = await viewOf(host, 'wider');
    assert.deepEqual([imports, lastError?.code], [[], 'PLUGIN_INVALID']);
    assert.match(lastError?.message ?? '', /more than 256 imports/);
  });

  promise('how long its calls take and how much memory it has', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED, { counter: 'counter_kept_v1' });
    assert.equal(host.runtime.plugin('counter'), undefined);
    await host.poll('counter');
    await host.poll('counter');
    const { latency, memoryBytes = 0 } = host.plugin('counter');
    assert.ok(latency && latency.lastMs > 0 && latency.medianMs <= latency.longestMs);
    assert.equal(memoryBytes % 65_536, 0);
    // A Python guest's snapshot alone is 11 MB.
    assert.ok(memoryBytes > 8 * 2 ** 20 && memoryBytes <= 128 * 2 ** 20, String(memoryBytes));
  });
});
