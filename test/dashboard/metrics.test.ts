import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MetricsParts, RuntimeFacts } from '../../src/dashboard/metrics';
import { MAX_SERIES_PER_PLUGIN, SeriesLimit } from '../../src/dashboard/series-limit';
import type { Reading } from '../../src/readings/reading';
import type { RuntimeCounts } from '../../src/runtime-api/counters';
import { readingOf } from '../readings/reading-of';
import { readOpenMetrics, readPrometheusText } from './exposition-check';
import { PLAIN_CLUSTER } from './plain-cluster';
import { pluginOf } from './plugin-of';
import { metricsAnswer } from './whole';

const RUNTIME: RuntimeFacts = {
  version: '1.2.3',
  node: 'pi4',
  hardware: { kind: 'raspberry-pi', model: 'Raspberry Pi 4 Model B Rev 1.5' },
};

const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0';

const COUNTS: RuntimeCounts = {
  plugins: [
    {
      plugin: 'dht22',
      calls: 9,
      callMs: 1_500,
      restarts: 3,
      reloads: 1,
      deviceCalls: [{ call: 'read_dht22', calls: 9, failuresByCode: { HARDWARE_IO: 2 } }],
    },
  ],
  leds: { writes: 4, failuresByCode: { HARDWARE_IO: 1 } },
  guestProcesses: { pids: [4711, 4712], threads: 3, ends: 1 },
  droppedSensors: [{ node: 'pi4', plugin: 'dht22', sensors: 12 }],
  gateways: [
    {
      transport: 'tcp',
      address: '127.0.0.1:1502',
      isServing: true,
      clients: 2,
      requests: 60,
      exceptionsByCode: { 2: 5, 11: 1 },
    },
    { transport: 'rtu', address: 'auto', isServing: false, clients: 0, requests: 0, exceptionsByCode: {} },
  ],
};

const EVERYTHING: MetricsParts = {
  readings: [readingOf({ timestamp: 1_700_000_000_500 })],
  plugins: [
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
  runtime: RUNTIME,
  counts: COUNTS,
};

const only = (readings: readonly Reading[], runtime = RUNTIME): MetricsParts => ({ readings, plugins: [], runtime });

describe('/metrics', () => {
  it('is OpenMetrics text, to the letter', () => {
    const answer = metricsAnswer(EVERYTHING, OPEN_METRICS);
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
# TYPE wasi_reading_series_omitted gauge
# HELP wasi_reading_series_omitted Series of each plugin that are missing here because its sensors and fields had too many different names.
wasi_reading_series_omitted{node="pi4",plugin="dht22"} 0
# TYPE wasi_reading_sensors_dropped counter
# HELP wasi_reading_sensors_dropped Sensors of each plugin that are not here any more: there were too many, or no poll brought them for an hour.
wasi_reading_sensors_dropped_total{node="pi4",plugin="dht22"} 12
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
# HELP wasi_plugin_polls Polls of each plugin that succeeded.
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
# HELP wasi_plugin_call_seconds Of the last calls of each plugin the median and the longest, of all calls the sum and the count; waiting is not included.
wasi_plugin_call_seconds{plugin="dht22",quantile="0.5"} 0.002
wasi_plugin_call_seconds{plugin="dht22",quantile="1"} 0.04
wasi_plugin_call_seconds_sum{plugin="dht22"} 1.5
wasi_plugin_call_seconds_count{plugin="dht22"} 9
# TYPE wasi_plugin_last_call_seconds gauge
# UNIT wasi_plugin_last_call_seconds seconds
# HELP wasi_plugin_last_call_seconds What the last call of each plugin took.
wasi_plugin_last_call_seconds{plugin="dht22"} 0.0025
# TYPE wasi_plugin_memory_bytes gauge
# UNIT wasi_plugin_memory_bytes bytes
# HELP wasi_plugin_memory_bytes Linear memory of the guest of each plugin.
wasi_plugin_memory_bytes{plugin="dht22"} 17825792
# TYPE wasi_plugin_restarts counter
# HELP wasi_plugin_restarts Fresh instances of the same component: after a trap, an exceeded limit, or a request in the editor.
wasi_plugin_restarts_total{plugin="dht22"} 3
# TYPE wasi_plugin_reloads counter
# HELP wasi_plugin_reloads Times that a new file of each plugin took over.
wasi_plugin_reloads_total{plugin="dht22"} 1
# TYPE wasi_guest_processes gauge
# HELP wasi_guest_processes Processes in which plugins run.
wasi_guest_processes 2
# TYPE wasi_guest_process_ends counter
# HELP wasi_guest_process_ends Times that such a process ended by itself, or was killed because of what it did.
wasi_guest_process_ends_total 1
# TYPE wasi_device_calls counter
# HELP wasi_device_calls Calls of each plugin to devices, failed ones included.
wasi_device_calls_total{plugin="dht22",call="read_dht22"} 9
# TYPE wasi_device_failures counter
# HELP wasi_device_failures Calls of each plugin to devices that failed, by the code of the error.
wasi_device_failures_total{plugin="dht22",call="read_dht22",code="HARDWARE_IO"} 2
# TYPE wasi_led_writes counter
# HELP wasi_led_writes Times that the LED strip was written because its colors had changed.
wasi_led_writes_total 4
# TYPE wasi_led_write_failures counter
# HELP wasi_led_write_failures Writes of the LED strip that failed, by the code of the error.
wasi_led_write_failures_total{code="HARDWARE_IO"} 1
# TYPE wasi_modbus_serving gauge
# HELP wasi_modbus_serving Whether each Modbus gateway can be reached by clients: 1, or 0.
wasi_modbus_serving{transport="tcp",address="127.0.0.1:1502"} 1
wasi_modbus_serving{transport="rtu",address="auto"} 0
# TYPE wasi_modbus_clients gauge
# HELP wasi_modbus_clients Clients that are connected to each Modbus gateway; of a serial line 1 while its master sends requests.
wasi_modbus_clients{transport="tcp",address="127.0.0.1:1502"} 2
wasi_modbus_clients{transport="rtu",address="auto"} 0
# TYPE wasi_modbus_requests counter
# HELP wasi_modbus_requests Requests that each Modbus gateway carried out or refused.
wasi_modbus_requests_total{transport="tcp",address="127.0.0.1:1502"} 60
wasi_modbus_requests_total{transport="rtu",address="auto"} 0
# TYPE wasi_modbus_exceptions counter
# HELP wasi_modbus_exceptions Requests that each Modbus gateway refused, by the exception code of Modbus.
wasi_modbus_exceptions_total{transport="tcp",address="127.0.0.1:1502",code="2"} 5
wasi_modbus_exceptions_total{transport="tcp",address="127.0.0.1:1502",code="11"} 1
# EOF
`,
    );
  });

  it('ends as it must before there is anything to tell', () => {
    assert.match(metricsAnswer(only([]), OPEN_METRICS).body, /\n# EOF\n$/);
  });

  it('lets no name break out of its label', () => {
    const sensorId = 'a"} 1\nforged{x="\\';
    const lines = metricsAnswer(only([readingOf({ sensorId, values: { 'odd field': 1 }, units: {} })])).body.split(
      '\n',
    );
    assert.ok(
      lines.includes('wasi_reading{node="pi4",plugin="dht22",sensor="a\\"} 1\\nforged{x=\\"\\\\",field="odd field"} 1'),
    );
    assert.ok(!lines.some((line) => line.startsWith('forged')));
  });

  it('leaves out what is no number', () => {
    const values = { state: 'ok', broken: Number.NaN, endless: Number.NEGATIVE_INFINITY, fine: 1 };
    const { body } = metricsAnswer(only([readingOf({ values })]));
    assert.deepEqual(
      [...body.matchAll(/field="(\w+)"/g)].map(([, field]) => field),
      ['fine'],
    );
  });

  it('does not speak of latency and memory before there are any, nor of the model of a simulation', () => {
    const simulated: RuntimeFacts = { ...RUNTIME, hardware: { kind: 'simulated', because: 'it is a test' } };
    const { body } = metricsAnswer({ readings: [], plugins: [pluginOf()], runtime: simulated });
    assert.doesNotMatch(body, /_seconds|_bytes|model|wasi_reading/);
    assert.match(body, /^wasi_runtime_info\{version="1.2.3",node="pi4",hardware="simulated"\} 1$/m);
  });

  it('has no value of a sensor that is not known any more, and when it was read last', () => {
    const body = String(metricsAnswer({ ...only([readingOf()]), unknownSince: () => 5_000 }).body);
    assert.doesNotMatch(body, /wasi_reading\{/);
    assert.match(body, /wasi_reading_timestamp_seconds\{/);
  });

  it('is text of version 0.0.4 for everybody else, with the same samples', () => {
    const parts = { ...EVERYTHING, cluster: PLAIN_CLUSTER };
    const answer = metricsAnswer(parts, 'text/html, */*;q=0.8');
    assert.equal(answer.headers['Content-Type'], 'text/plain; version=0.0.4; charset=utf-8');
    const text = readPrometheusText(answer.body);
    const open = readOpenMetrics(metricsAnswer(parts, OPEN_METRICS).body);
    const samples = (families: typeof text) => [...families.values()].flatMap((family) => family.samples);
    assert.deepEqual(samples(text), samples(open));
    assert.equal(text.get('wasi_runtime_info')?.type, 'gauge');
    assert.equal(text.get('wasi_plugin_state')?.type, 'gauge');
    assert.equal(open.get('wasi_plugin_state')?.type, 'stateset');
  });

  it('says that it depends on what is asked for', () => {
    for (const accept of [undefined, OPEN_METRICS])
      assert.equal(metricsAnswer(only([]), accept).headers['Vary'], 'Accept');
  });

  it('has no more series of a plugin than it may have, however many names it invents, and counts the others', () => {
    const limit = new SeriesLimit();
    const seen = new Set<string>();
    let omitted = 0;
    for (let poll = 0; poll < 40; poll += 1) {
      const invented = Array.from({ length: 64 }, (_, at) =>
        readingOf({
          plugin: 'liar',
          sensorId: poll % 2 ? `${poll} ${at}` : 'one',
          values: { [`field${poll} ${at}`]: 1 },
          units: { [`field${poll} ${at}`]: `unit${poll}` },
        }),
      );
      const readings = [...invented.slice(0, poll % 2 ? 64 : 1), readingOf()];
      const families = readPrometheusText(metricsAnswer({ ...only(readings), limit }).body);
      for (const name of ['wasi_reading', 'wasi_reading_timestamp_seconds'])
        for (const { labels } of families.get(name)?.samples ?? [])
          if (labels['plugin'] === 'liar') seen.add(JSON.stringify([name, labels]));
          else assert.equal(labels['sensor'], 'room');
      const left = families.get('wasi_reading_series_omitted')?.samples ?? [];
      omitted = left.find(({ labels }) => labels['plugin'] === 'liar')?.value ?? 0;
      assert.equal(left.find(({ labels }) => labels['plugin'] === 'dht22')?.value, 0);
      assert.equal(
        families.get('wasi_reading')?.samples.filter(({ labels }) => labels['plugin'] === 'dht22').length,
        2,
      );
    }
    assert.equal(seen.size, MAX_SERIES_PER_PLUGIN);
    assert.equal(omitted, 128);
  });

  it('keeps the place of a series whose value is not known for a while', () => {
    const limit = new SeriesLimit(2);
    const parts = { ...only([readingOf({ values: { a: 1 }, units: {} })]), limit };
    metricsAnswer({ ...parts, unknownSince: () => 1 });
    metricsAnswer({ ...parts, readings: [readingOf({ sensorId: 'other', values: { a: 1 }, units: {} })] });
    assert.match(metricsAnswer(parts).body, /wasi_reading\{/);
  });

  it('has one sample a series, also of names that differ in nothing that UTF-8 can say', () => {
    const readings = ['\ud83d', '\ud83e', '\ufffd'].map((half) => readingOf({ sensorId: `room ${half}` }));
    const families = readOpenMetrics(metricsAnswer(only(readings), OPEN_METRICS).body);
    const sensors = families.get('wasi_reading')?.samples.map(({ labels }) => labels['sensor']);
    assert.deepEqual(sensors, ['room \ufffd', 'room \ufffd']);
  });

  it('has one sample of each kind for two gateways that are set to one address', () => {
    const [gateway] = COUNTS.gateways;
    assert.ok(gateway);
    const failed = { ...gateway, isServing: false, clients: 0, requests: 0, exceptionsByCode: { 2: 1 } };
    const parts = { ...only([]), counts: { ...COUNTS, gateways: [failed, gateway] } };
    const families = readPrometheusText(metricsAnswer(parts).body);
    const value = (name: string) => families.get(name)?.samples.map((sample) => sample.value);
    assert.deepEqual(value('wasi_modbus_serving'), [1]);
    assert.deepEqual(value('wasi_modbus_requests_total'), [60]);
    assert.deepEqual(value('wasi_modbus_exceptions_total'), [6, 1]);
  });
});
