/** A real Prometheus takes the metrics of a real Node-RED as they are, also behind its password. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { after, before, describe, it } from 'node:test';
import type { MetricsParts } from '../../src/dashboard/metrics';
import { everyMetric } from '../dashboard/every-metric';
import { readOpenMetrics, readPrometheusText } from '../dashboard/exposition-check';
import { metricsAnswer } from '../dashboard/whole';
import { inlineRuntime, onTab, pollNode, TAB } from './flow-nodes';
import { NodeRed } from './node-red';
import { noPrometheus, Prometheus, promtoolComplaints, type Sampled } from './prometheus';

/** Polls by itself, as a scraper sees it in the long run. */
const FLOW = [
  TAB,
  inlineRuntime('runtime'),
  pollNode('poll', '*', [], { emit: 'batch', every: '1' }),
  onTab('site', 'dashboard', { runtime: 'runtime', plugin: 'dashboard', path: '/wasi' }),
];
const USER = { name: 'reader', password: 'sensors' };
/** Of that password, by bcryptjs. */
const PASSWORD_HASH = '$2b$04$lJDQtH5YCLuGYPlnLYEEae1z7xqKQB2IBR74135WcZn5UhapyQByy';
const PATH = '/wasi/metrics';

/** As nobody should choose one. */
const NAME = 'a "b"\n\\ {c="d"} # é';

/** `accepts` has the Accept header of every request. */
function serving(parts: MetricsParts, accepts: string[]): Server {
  return createServer((request, response) => {
    accepts.push(request.headers.accept ?? '');
    const { status, headers, body } = metricsAnswer(parts, request.headers.accept);
    response.writeHead(status, headers).end(body);
  });
}

describe('Prometheus', { skip: noPrometheus }, () => {
  let nodeRed: NodeRed;
  let prometheus: Prometheus;
  const accepts: string[] = [];
  const full = serving(everyMetric(NAME), accepts);
  before(async () => {
    await once(full.listen(0, '127.0.0.1'), 'listening');
    const address = full.address();
    assert.ok(typeof address === 'object' && address !== null);
    nodeRed = await NodeRed.start({ settings: { httpNodeAuth: { user: USER.name, pass: PASSWORD_HASH } } });
    await nodeRed.deploy(FLOW);
    await nodeRed.untilStatus('poll', /^green dot/);
    prometheus = await Prometheus.start([
      { job: 'wasi', url: nodeRed.url, path: PATH, user: USER },
      { job: 'stranger', url: nodeRed.url, path: PATH },
      { job: 'full', url: `http://127.0.0.1:${address.port}`, path: PATH },
    ]);
  });
  after(async () => {
    await prometheus?.stop();
    full.closeAllConnections();
    full.close();
    await nodeRed.stop();
  });

  /** The only sample of an expression, once there is one. */
  async function one(expression: string): Promise<Sampled> {
    const [sample, ...others] = await prometheus.until(expression, async () => {
      const samples = await prometheus.query(expression);
      return samples.length > 0 && samples;
    });
    assert.ok(sample);
    assert.deepEqual(others, []);
    return sample;
  }

  it('scrapes a node behind httpNodeAuth, and takes every line of it', async () => {
    await prometheus.until('a scrape', async () => (await one('up{job="wasi"}')).value === 1);
    const [target] = (await prometheus.targets()).filter(({ job }) => job === 'wasi');
    assert.deepEqual([target?.health, target?.lastError], ['up', '']);
  });

  it('is told nothing without the password', async () => {
    const target = await prometheus.until('a scrape', async () =>
      (await prometheus.targets()).find(({ job, health }) => job === 'stranger' && health !== 'unknown'),
    );
    assert.deepEqual([target.health, target.lastError], ['down', 'server returned HTTP status 401 Unauthorized']);
    assert.deepEqual(await prometheus.query('wasi_reading{job="stranger"}'), []);
  });

  it('has the value, the place, the unit and the time of a reading', async () => {
    const { metric, value } = await one('wasi_reading{job="wasi", plugin="dht22", field="temperature"}');
    assert.equal(value, 21.5);
    assert.deepEqual([metric['node'], metric['sensor'], metric['unit']], ['pi4', 'dht22', '°C']);
    const { value: age } = await one('time() - wasi_reading_timestamp_seconds{job="wasi", plugin="dht22"}');
    assert.ok(age > -60 && age < 600, `${age} s`);
  });

  it('knows states, counters and what runs there by the types that the format gives them', async () => {
    assert.equal((await one('wasi_plugin_state{job="wasi", plugin="dht22"} == 1')).value, 1);
    assert.ok((await one('wasi_plugin_polls_total{job="wasi", plugin="dht22"}')).value > 0);
    const { metric } = await one('wasi_runtime_info{job="wasi"}');
    assert.deepEqual([metric['node'], metric['hardware']], ['pi4', 'simulated']);
    assert.match(metric['version'] ?? '', /^\d+\.\d+\.\d+/);
  });

  it('takes all that can be known of a plugin, whatever names there are', async () => {
    await prometheus.until('a scrape', async () => (await one('up{job="full"}')).value === 1);
    for (const [expression, expected] of [
      ['wasi_plugin_call_seconds{job="full", quantile="0.5"}', 0.002],
      ['wasi_plugin_call_seconds{job="full", quantile="1"}', 1.5],
      ['wasi_plugin_call_seconds_sum{job="full", plugin!="new"}', 1.5],
      ['wasi_plugin_call_seconds_count{job="full", plugin!="new"}', 9],
      ['wasi_plugin_call_seconds_count{job="full", plugin="new"}', 0],
      ['wasi_plugin_restarts_total{job="full", plugin="new"}', 3],
      ['wasi_plugin_reloads_total{job="full", plugin="new"}', 1],
      ['wasi_device_calls_total{job="full", plugin="new", call="read_dht22"}', 9],
      ['wasi_device_failures_total{job="full", plugin="new", call="read_dht22", code="HARDWARE_IO"}', 2],
      ['wasi_led_writes_total{job="full"}', 4],
      ['wasi_led_write_failures_total{job="full", code="HARDWARE_IO"}', 1],
      ['wasi_modbus_serving{job="full", transport="rtu", address="auto"}', 0],
      ['wasi_modbus_clients{job="full", transport="tcp", address="[::1]:1502"}', 2],
      ['wasi_modbus_requests_total{job="full", transport="tcp"}', 60],
      ['wasi_modbus_exceptions_total{job="full", transport="tcp", code="11"}', 1],
      ['wasi_plugin_last_call_seconds{job="full"}', 0.0025],
      ['wasi_plugin_memory_bytes{job="full"}', 17_825_792],
      ['wasi_reading{job="full", field!="large"}', -1e-7],
      ['wasi_reading{job="full", field="large"}', 1e300],
    ] as const)
      assert.equal((await one(expression)).value, expected, expression);
    assert.equal((await one('wasi_plugin_memory_bytes{job="full"}')).metric['plugin'], 'a "b"\n\\ {c="d"} # é');
    const types = await prometheus.types();
    assert.deepEqual(
      ['wasi_runtime', 'wasi_reading', 'wasi_plugin_state', 'wasi_plugin_polls', 'wasi_plugin_call_seconds'].map(
        (name) => types[name],
      ),
      ['info', 'gauge', 'stateset', 'counter', 'summary'],
    );
  });

  it('asks for OpenMetrics and is given it, with types that text does not have', async () => {
    await prometheus.until('a scrape', async () => accepts.length > 0);
    const answer = metricsAnswer(everyMetric(NAME), accepts[0]);
    assert.equal(answer.headers['Content-Type'], 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    readOpenMetrics(answer.body);
    assert.equal((await prometheus.types())['wasi_plugin_state'], 'stateset');
  });

  it('has no complaint about the text that others are given, by its own promtool', async () => {
    assert.equal(promtoolComplaints(metricsAnswer(everyMetric(NAME)).body), '');
    const user = Buffer.from(`${USER.name}:${USER.password}`).toString('base64');
    const response = await fetch(new URL(PATH, nodeRed.url), { headers: { Authorization: `Basic ${user}` } });
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    const text = await response.text();
    readPrometheusText(text);
    assert.equal(promtoolComplaints(text), '');
    assert.notEqual(promtoolComplaints(metricsAnswer(everyMetric(NAME), accepts[0]).body), '', 'it can complain');
  });

  it('sees polls being counted from scrape to scrape', async () => {
    await prometheus.until('an increase', async () =>
      (await prometheus.query('increase(wasi_plugin_polls_total{job="wasi", plugin="dht22"}[1m])')).some(
        ({ value }) => value > 0,
      ),
    );
  });
});
