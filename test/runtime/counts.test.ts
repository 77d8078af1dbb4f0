/** What a runtime counts for /metrics, of real guests and devices. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WasiError } from '../../src/errors/wasi-error';
import { LedStrip } from '../../src/runtime/led-strip';
import type { PluginTotals } from '../../src/runtime-api/counters';
import { call, quitter, sensor } from '../hostile/wat';
import { promise } from '../support/promise';
import { onlyBundled } from './bundled';
import { NONE_BUNDLED, TestRuntime } from './test-runtime';

const SET_FAN = call('fan', 'edge:plugin/fan-controller@1.0.0', 'set-fan', '(param "on" bool)', '(param i32)');

function totals(host: TestRuntime, name: string): PluginTotals {
  const found = host.runtime.counts().plugins.find(({ plugin }) => plugin === name);
  assert.ok(found);
  return found;
}

function starts(host: TestRuntime, name: string): { readonly restarts: number; readonly reloads: number } {
  const { restarts, reloads } = totals(host, name);
  return { restarts, reloads };
}

describe('the counts of a runtime', () => {
  promise('tell restarts from reloads, and the first start is neither', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED, { counter: 'counter_v1' });
    await host.poll('counter');
    assert.deepEqual(starts(host, 'counter'), { restarts: 0, reloads: 0 });
    await host.runtime.admin.reload('counter');
    await host.until(() => host.logged('info', /a fresh instance took over/).length > 0);
    assert.deepEqual(starts(host, 'counter'), { restarts: 1, reloads: 0 });
    host.copyIn('counter', 'counter_v2');
    await host.until(() => host.logged('info', /a new file took over/).length > 0);
    assert.deepEqual(starts(host, 'counter'), { restarts: 1, reloads: 1 });
    // The same bytes once more are no other plugin.
    host.copyIn('counter', 'counter_v2');
    await host.poll('counter');
    assert.deepEqual(starts(host, 'counter'), { restarts: 1, reloads: 1 });
  });

  promise('have the instance that follows one that trapped, and the calls of both', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED);
    host.renameIn('mine', await quitter());
    await assert.rejects(host.runtime.poll('mine'), { code: 'PLUGIN_TRAPPED' });
    await host.until(() => host.plugin('mine').state === 'ready');
    const { calls, callMs, restarts, reloads } = totals(host, 'mine');
    assert.deepEqual({ calls, restarts, reloads }, { calls: 1, restarts: 1, reloads: 0 });
    assert.ok(callMs > 0);
  });

  promise('have the calls of devices, their failures by code, and no plugin’s but its own', async (t) => {
    const host = await TestRuntime.open(
      t,
      `${onlyBundled('dht22', 'pi_monitor')}[simulation]\ndht22_failure_rate = 1\n`,
    );
    await assert.rejects(host.runtime.poll('dht22'), { code: 'HARDWARE_IO' });
    await host.runtime.poll('pi_monitor');
    const [read] = totals(host, 'dht22').deviceCalls;
    assert.equal(read?.call, 'read_dht22');
    assert.deepEqual(read?.failuresByCode, { HARDWARE_IO: read?.calls });
    const monitor = totals(host, 'pi_monitor').deviceCalls;
    assert.ok(monitor.some(({ call, calls }) => call === 'cpu_temperature' && calls > 0));
    for (const { failuresByCode } of monitor) assert.deepEqual(failuresByCode, {});
    assert.deepEqual(totals(host, 'dashboard').deviceCalls, []);
  });

  promise('have the calls of a guest that is stopped in the middle of its call', async (t) => {
    const limits = '[plugins.mine.limits]\ndeadline_ms = 300\n[plugins.mine.grants]\nfan = true\n';
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}${limits}`);
    const poll = '(call $fan (i32.const 1)) (call $fan (i32.const 0)) (loop $l (br $l)) (i32.const 1)';
    host.renameIn('mine', await sensor({ calls: [SET_FAN], poll }));
    await assert.rejects(host.runtime.poll('mine'), { code: 'PLUGIN_DEADLINE' });
    assert.deepEqual(totals(host, 'mine').deviceCalls, [{ call: 'set_fan', calls: 2, failuresByCode: {} }]);
  });

  promise('have the writes of the LED strip, which are fewer than the messages to it', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED);
    for (let message = 0; message < 3; message += 1) await host.runtime.syncLeds();
    await host.runtime.syncLeds(['#010203']);
    assert.deepEqual(host.runtime.counts().leds, { writes: 2, failuresByCode: {} });
  });

  promise('have a gateway for as long as it is there', async (t) => {
    const host = await TestRuntime.open(t, NONE_BUNDLED);
    const gateway = { isServing: true, clients: 1, requests: 2, exceptionsByCode: { 2: 1 } };
    const remove = host.runtime.addGateway(() => ({ transport: 'tcp', address: '127.0.0.1:1502', ...gateway }));
    assert.deepEqual(host.runtime.counts().gateways, [{ transport: 'tcp', address: '127.0.0.1:1502', ...gateway }]);
    remove();
    assert.deepEqual(host.runtime.counts().gateways, []);
  });
});

describe('the LED strip', () => {
  it('counts writes that fail by their code, and not as writes', async () => {
    let fails = true;
    const strip = new LedStrip(2, async () => {
      if (fails) throw new WasiError('HARDWARE_PERMISSION', 'not yours');
    });
    await assert.rejects(strip.sync(undefined), { code: 'HARDWARE_PERMISSION' });
    await assert.rejects(strip.sync(undefined), { code: 'HARDWARE_PERMISSION' });
    fails = false;
    await strip.sync(undefined);
    assert.deepEqual(strip.totals(), { writes: 1, failuresByCode: { HARDWARE_PERMISSION: 2 } });
  });
});
