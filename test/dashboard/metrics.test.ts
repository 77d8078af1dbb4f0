import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { metricsAnswer } from '../../src/dashboard/metrics';
import { readingOf } from '../readings/reading-of';
import { pluginOf } from './plugin-of';

describe('/metrics', () => {
  it('is OpenMetrics text, to the letter', () => {
    const answer = metricsAnswer(
      [readingOf({ timestamp: 1_700_000_000_500 })],
      [pluginOf({ state: 'backing-off', polls: 7, failures: 2, refusedCalls: 5 })],
    );
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['Content-Type'], 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    assert.equal(
      answer.body,
      `# TYPE wasi_reading gauge
# HELP wasi_reading Newest value of each field of each sensor.
wasi_reading{node="pi4",plugin="dht22",sensor="room",field="temperature",unit="°C"} 21.5
wasi_reading{node="pi4",plugin="dht22",sensor="room",field="humidity",unit="%"} 40
# TYPE wasi_reading_timestamp_seconds gauge
# UNIT wasi_reading_timestamp_seconds seconds
# HELP wasi_reading_timestamp_seconds When the newest reading of each sensor was taken, seconds since 1970.
wasi_reading_timestamp_seconds{node="pi4",plugin="dht22",sensor="room"} 1700000000.5
# TYPE wasi_plugin_state stateset
# HELP wasi_plugin_state State of each plugin: 1 for the one it is in.
wasi_plugin_state{plugin="dht22",wasi_plugin_state="disabled"} 0
wasi_plugin_state{plugin="dht22",wasi_plugin_state="loading"} 0
wasi_plugin_state{plugin="dht22",wasi_plugin_state="ready"} 0
wasi_plugin_state{plugin="dht22",wasi_plugin_state="polling"} 0
wasi_plugin_state{plugin="dht22",wasi_plugin_state="reloading"} 0
wasi_plugin_state{plugin="dht22",wasi_plugin_state="backing-off"} 1
wasi_plugin_state{plugin="dht22",wasi_plugin_state="closed"} 0
# TYPE wasi_plugin_polls counter
# HELP wasi_plugin_polls Polls of each plugin since Node-RED started its runtime.
wasi_plugin_polls_total{plugin="dht22"} 7
# TYPE wasi_plugin_failures counter
# HELP wasi_plugin_failures Polls and loads of each plugin that failed.
wasi_plugin_failures_total{plugin="dht22"} 2
# TYPE wasi_plugin_refused_calls counter
# HELP wasi_plugin_refused_calls Calls of each plugin that its grants refused.
wasi_plugin_refused_calls_total{plugin="dht22"} 5
# EOF
`,
    );
  });

  it('ends as it must before there is anything to tell', () => {
    assert.match(metricsAnswer([], []).body, /\n# EOF\n$/);
  });

  it('lets no name break out of its label', () => {
    const sensorId = 'a"} 1\nforged{x="\\';
    const lines = metricsAnswer([readingOf({ sensorId, values: { 'odd field': 1 }, units: {} })], []).body.split('\n');
    assert.ok(
      lines.includes('wasi_reading{node="pi4",plugin="dht22",sensor="a\\"} 1\\nforged{x=\\"\\\\",field="odd field"} 1'),
    );
    assert.ok(!lines.some((line) => line.startsWith('forged')));
  });

  it('leaves out what is no number', () => {
    const values = { state: 'ok', broken: Number.NaN, endless: Number.NEGATIVE_INFINITY, fine: 1 };
    const { body } = metricsAnswer([readingOf({ values })], []);
    assert.deepEqual(
      [...body.matchAll(/field="(\w+)"/g)].map(([, field]) => field),
      ['fine'],
    );
  });
});
