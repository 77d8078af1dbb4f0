/** A real Prometheus takes the metrics of a real Node-RED as they are, also behind its password. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { inlineRuntime, onTab, pollNode, TAB } from './flow-nodes';
import { NodeRed } from './node-red';
import { noPrometheus, Prometheus, type Sampled } from './prometheus';

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

describe('Prometheus', { skip: noPrometheus }, () => {
  let nodeRed: NodeRed;
  let prometheus: Prometheus;
  before(async () => {
    nodeRed = await NodeRed.start({ settings: { httpNodeAuth: { user: USER.name, pass: PASSWORD_HASH } } });
    await nodeRed.deploy(FLOW);
    await nodeRed.untilStatus('poll', /^green dot/);
    prometheus = await Prometheus.start([
      { job: 'wasi', url: nodeRed.url, path: PATH, user: USER },
      { job: 'stranger', url: nodeRed.url, path: PATH },
    ]);
  });
  after(async () => {
    await prometheus?.stop();
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
    assert.equal((await one('scrape_samples_scraped{job="wasi"} - scrape_samples_post_metric_relabeling')).value, 0);
  });

  it('is told nothing without the password', async () => {
    const target = await prometheus.until('a scrape', async () =>
      (await prometheus.targets()).find(({ job, health }) => job === 'stranger' && health !== 'unknown'),
    );
    assert.deepEqual([target.health, target.lastError], ['down', 'server returned HTTP status 401 Unauthorized']);
    assert.deepEqual(await prometheus.query('wasi_reading{job="stranger"}'), []);
  });

  it('has the value, the place, the unit and the time of a reading', async () => {
    const { metric, value } = await one('wasi_reading{plugin="dht22", field="temperature"}');
    assert.equal(value, 21.5);
    assert.deepEqual([metric['node'], metric['sensor'], metric['unit']], ['pi4', 'dht22', '°C']);
    const { value: age } = await one('time() - wasi_reading_timestamp_seconds{plugin="dht22"}');
    assert.ok(age > -60 && age < 600, `${age} s`);
  });

  it('knows states, counters and what runs there by the types that the format gives them', async () => {
    assert.equal((await one('wasi_plugin_state{plugin="dht22"} == 1')).value, 1);
    assert.ok((await one('wasi_plugin_polls_total{plugin="dht22"}')).value > 0);
    const { metric } = await one('wasi_runtime_info');
    assert.deepEqual([metric['node'], metric['hardware']], ['pi4', 'simulated']);
    assert.match(metric['version'] ?? '', /^\d+\.\d+\.\d+/);
  });

  it('sees polls being counted from scrape to scrape', async () => {
    await prometheus.until('an increase', async () =>
      (await prometheus.query('increase(wasi_plugin_polls_total{plugin="dht22"}[1m])')).some(({ value }) => value > 0),
    );
  });
});
