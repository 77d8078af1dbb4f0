import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { metricsAnswer, type RuntimeFacts } from '../../src/dashboard/metrics';
import { readingOf } from '../readings/reading-of';
import { pluginOf } from './plugin-of';

const RUNTIME: RuntimeFacts = {
  version: '1.2.3',
  node: 'pi4',
  hardware: { kind: 'raspberry-pi', model: 'Raspberry Pi 4 Model B Rev 1.5' },
};

describe('/metrics', () => {
  it('is OpenMetrics text, to the letter', () => {
    const answer = metricsAnswer(
      [readingOf({ timestamp: 1_700_000_000_500 })],
      [
        pluginOf({
          state: 'backing-off',
          polls: 7,
          failures: 2,
          failuresByCode: { HARDWARE_IO: 2 },
          failing: { code: 'HARDWARE_IO', message: 'no answer', since: 1 },
          refusedCalls: 5,
          latency: { lastMs: 2.5, medianMs: 2, longestMs: 40 },
          memoryBytes: 17_825_792,
        }),
      ],
      RUNTIME,
    );
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['Content-Type'], 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    assert.equal(
      answer.body,
      `# TYPE wasi_runtime info
# HELP wasi_runtime What runs here: version of the package, name of the node, what drives its devices.
wasi_runtime_info{version="1.2.3",node="pi4",hardware="raspberry-pi",model="Raspberry Pi 4 Model B Rev 1.5"} 1
# TYPE wasi_reading gauge
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
# HELP wasi_plugin_failures Polls and loads of each plugin that failed, by the code of the error.
wasi_plugin_failures_total{plugin="dht22",code="HARDWARE_IO"} 2
# TYPE wasi_plugin_failing gauge
# HELP wasi_plugin_failing Whether the newest call of each plugin did not bring all that it should have: 1, or 0.
wasi_plugin_failing{plugin="dht22"} 1
# TYPE wasi_plugin_refused_calls counter
# HELP wasi_plugin_refused_calls Calls of each plugin that its grants refused.
wasi_plugin_refused_calls_total{plugin="dht22"} 5
# TYPE wasi_plugin_call_seconds summary
# UNIT wasi_plugin_call_seconds seconds
# HELP wasi_plugin_call_seconds Of the last calls of each plugin the median and the longest, without the time that they waited.
wasi_plugin_call_seconds{plugin="dht22",quantile="0.5"} 0.002
wasi_plugin_call_seconds{plugin="dht22",quantile="1"} 0.04
# TYPE wasi_plugin_last_call_seconds gauge
# UNIT wasi_plugin_last_call_seconds seconds
# HELP wasi_plugin_last_call_seconds What the last call of each plugin took.
wasi_plugin_last_call_seconds{plugin="dht22"} 0.0025
# TYPE wasi_plugin_memory_bytes gauge
# UNIT wasi_plugin_memory_bytes bytes
# HELP wasi_plugin_memory_bytes Linear memory of the guest of each plugin.
wasi_plugin_memory_bytes{plugin="dht22"} 17825792
# EOF
`,
    );
  });

  it('ends as it must before there is anything to tell', () => {
    assert.match(metricsAnswer([], [], RUNTIME).body, /\n# EOF\n$/);
  });

  it('lets no name break out of its label', () => {
    const sensorId = 'a"} 1\nforged{x="\\';
    const lines = metricsAnswer(
      [readingOf({ sensorId, values: { 'odd field': 1 }, units: {} })],
      [],
      RUNTIME,
    ).body.split('\n');
    assert.ok(
      lines.includes('wasi_reading{node="pi4",plugin="dht22",sensor="a\\"} 1\\nforged{x=\\"\\\\",field="odd field"} 1'),
    );
    assert.ok(!lines.some((line) => line.startsWith('forged')));
  });

  it('leaves out what is no number', () => {
    const values = { state: 'ok', broken: Number.NaN, endless: Number.NEGATIVE_INFINITY, fine: 1 };
    const { body } = metricsAnswer([readingOf({ values })], [], RUNTIME);
    assert.deepEqual(
      [...body.matchAll(/field="(\w+)"/g)].map(([, field]) => field),
      ['fine'],
    );
  });

  it('does not speak of latency and memory before there are any, nor of the model of a simulation', () => {
    const simulated: RuntimeFacts = { ...RUNTIME, hardware: { kind: 'simulated', because: 'it is a test' } };
    const { body } = metricsAnswer([], [pluginOf()], simulated);
    assert.doesNotMatch(body, /_seconds|_bytes|model|wasi_reading/);
    assert.match(body, /^wasi_runtime_info\{version="1.2.3",node="pi4",hardware="simulated"\} 1$/m);
  });

  it('has no value of a sensor that is not known any more, and when it was read last', () => {
    const body = String(metricsAnswer([readingOf()], [], RUNTIME, undefined, () => 5_000).body);
    assert.doesNotMatch(body, /wasi_reading\{/);
    assert.match(body, /wasi_reading_timestamp_seconds\{/);
  });
});
