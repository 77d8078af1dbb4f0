/** Display plugins: when they are called, what with, and what comes of a failure. */
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { healthAnswer } from '../../src/dashboard/api';
import type { WasiError } from '../../src/errors/wasi-error';
import { promise } from '../support/promise';
import { until } from '../support/until';
import { NONE_BUNDLED, TestRuntime } from './test-runtime';

/** The display comes first, so that an update after the sensors is not one by the order of host.toml. */
const DISPLAY_FIRST = `
  [cluster]
  node_id = "pi4"
  [simulation]
  dht22_temperature = 21.5
  dht22_humidity = 40
  cpu_temperature = 48
  [plugins.panel]
  [plugins.pi_monitor]
  enabled = PI_MONITOR
  [plugins.bme680]
  enabled = false
  [plugins.dashboard]
  enabled = false
`;
const DISPLAY_AND_ROOM = DISPLAY_FIRST.replace('PI_MONITOR', 'false');
const DISPLAY_AND_MACHINE = `${DISPLAY_FIRST.replace('PI_MONITOR', 'true')}[plugins.dht22]\nenabled = false\n`;
const PANEL = { panel: 'display' };

/** The beginning of what the fixture was given: the text of the error of its second update. */
function given(error: WasiError | undefined): string {
  assert.ok(error);
  assert.equal(error.code, 'PLUGIN_ERROR');
  return error.message;
}

async function failureOf(promised: Promise<unknown>): Promise<WasiError> {
  return promised.then(
    () => assert.fail('it did not fail'),
    (error) => error,
  );
}

describe('a display plugin', () => {
  promise('is updated instead of polled, with the newest readings', async (t) => {
    const { runtime } = await TestRuntime.open(t, DISPLAY_AND_ROOM, PANEL);
    await runtime.poll('dht22');
    const heard: string[] = [];
    runtime.subscribe(({ kind }) => heard.push(kind));
    assert.deepEqual(await runtime.poll('panel'), { kind: 'shown', plugin: 'panel' });
    assert.deepEqual(new Set(heard), new Set(['plugin']), 'nothing was read');
    const room =
      /"nodes":\{"pi4":\{"dht22":\{"dht22":\{"values":\{"temperature":21\.5,"humidity":40\},"units":\{"temperature":"°C","humidity":"%"\},"timestamp":\d+,"ageSeconds":\d+\}\}\}\}/;
    assert.match(given(await failureOf(runtime.poll('panel'))), room);
  });

  promise('is updated where nothing was read yet', async (t) => {
    const { runtime } = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.panel]`, PANEL);
    assert.deepEqual(await runtime.poll('panel'), { kind: 'shown', plugin: 'panel' });
    assert.match(given(await failureOf(runtime.poll('panel'))), /"nodes":\{\},/);
  });

  promise('is told since when a sensor that failed is unknown', async (t) => {
    const { runtime } = await TestRuntime.open(t, DISPLAY_AND_ROOM, PANEL);
    await runtime.pollAll();
    await runtime.simulate({ dht22_failure_rate: 1 });
    // For two seconds a DHT22 answers with what it measured before.
    const fails = () =>
      runtime.poll('dht22').then(
        () => false,
        () => true,
      );
    await until(fails, 'the sensor fails');
    const { failures } = await runtime.pollAll();
    assert.deepEqual(
      failures.map(({ plugin, error }) => [plugin, error.code]),
      [
        ['dht22', 'HARDWARE_IO'],
        ['panel', 'PLUGIN_ERROR'],
      ],
    );
    assert.match(given(failures[1]?.error), /"values":\{"temperature":21\.5,.*"unknownSince":\d{13}[,}]/);
  });

  promise('that is disabled is not called', async (t) => {
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.panel]\nenabled = false`, PANEL);
    assert.deepEqual(await host.runtime.poll('panel'), { kind: 'disabled', plugin: 'panel' });
    const outcome = await host.runtime.pollAll();
    assert.deepEqual(outcome, { readings: [], failures: [], polled: 0, answered: 0, updated: 0, shown: 0 });
    assert.equal(host.plugin('panel').polls, 0);
  });

  promise('that fails is counted, unhealthy, and healthy again once it shows something', async (t) => {
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.panel]`, PANEL);
    await host.runtime.poll('panel');
    assert.equal(healthAnswer(host.runtime.plugins()).status, 200);
    const error = await failureOf(host.runtime.poll('panel'));
    const { failures, failuresByCode, failing, lastError } = host.plugin('panel');
    assert.deepEqual([failures, failuresByCode], [1, { PLUGIN_ERROR: 1 }]);
    assert.deepEqual([failing?.code, failing?.message], ['PLUGIN_ERROR', error.message]);
    assert.equal(lastError?.message, error.message);
    assert.equal(healthAnswer(host.runtime.plugins()).status, 503);
    assert.deepEqual(await host.runtime.poll('panel'), { kind: 'shown', plugin: 'panel' });
    assert.equal(host.plugin('panel').failing, undefined);
    assert.equal(healthAnswer(host.runtime.plugins()).status, 200);
  });

  promise('that traps is started anew', async (t) => {
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.panel]`, PANEL);
    const codes: string[] = [];
    for (let update = 1; update <= 5; update += 1)
      await host.runtime.poll('panel').then(
        ({ kind }) => codes.push(kind),
        (error: WasiError) => codes.push(error.code),
      );
    assert.deepEqual(codes, ['shown', 'PLUGIN_ERROR', 'shown', 'PLUGIN_TRAPPED', 'shown']);
  });

  promise('has the deadline of any call, and one update waits while one runs', async (t) => {
    const limits = '[plugins.panel.limits]\ndeadline_ms = 1000\nload_deadline_ms = 300000\n';
    const { runtime } = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.panel]\n${limits}`, {
      panel: 'display_spin',
    });
    const updates = await Promise.all([1, 2, 3].map(async () => (await failureOf(runtime.poll('panel'))).code));
    assert.deepEqual(updates.slice(0, 2).sort(), ['PLUGIN_DEADLINE', 'PLUGIN_DEADLINE']);
    assert.equal(updates[2], 'POLL_BUSY');
  });
});

describe('a whole cycle', () => {
  promise('updates displays after the sensors, wherever host.toml names them', async (t) => {
    const host = await TestRuntime.open(t, DISPLAY_AND_MACHINE, PANEL);
    const first = await host.runtime.pollAll();
    assert.deepEqual(
      { ...first, readings: first.readings.map(({ plugin }) => plugin) },
      { readings: ['pi_monitor'], failures: [], polled: 1, answered: 1, updated: 1, shown: 1 },
    );
    await host.runtime.simulate({ cpu_temperature: 60 });
    const { failures, updated, shown, answered } = await host.runtime.pollAll();
    assert.deepEqual({ updated, shown, answered }, { updated: 1, shown: 0, answered: 1 });
    const [failure] = failures;
    assert.deepEqual([failures.length, failure?.plugin], [1, 'panel']);
    assert.match(given(failure?.error), /"values":\{"cpuTemp":60,/, 'what this very cycle read');
    assert.equal(host.logged('error', /^PLUGIN_ERROR: panel: /).length, 1);
  });

  promise('goes on with the next display after one that fails', async (t) => {
    const toml = `${NONE_BUNDLED}
      [plugins.dark]
      [plugins.dark.limits]
      deadline_ms = 500
      load_deadline_ms = 300000
      [plugins.panel]`;
    const { runtime } = await TestRuntime.open(t, toml, { dark: 'display_spin', panel: 'display' });
    const { failures, polled, updated, shown } = await runtime.pollAll();
    assert.deepEqual(
      failures.map(({ plugin, error }) => [plugin, error.code]),
      [['dark', 'PLUGIN_DEADLINE']],
    );
    assert.deepEqual({ polled, updated, shown }, { polled: 0, updated: 2, shown: 1 });
  });
});
