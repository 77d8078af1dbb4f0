/** What the installed dashboard node serves below its path, and to whom. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { readOpenMetrics, readPrometheusText } from '../dashboard/exposition-check';
import { injectNode, inlineRuntime, onTab, pollNode, TAB } from './flow-nodes';
import { NodeRed } from './node-red';

const SITE = [
  TAB,
  inlineRuntime('runtime'),
  injectNode('go', ['poll']),
  pollNode('poll', '*', [], { emit: 'batch' }),
  onTab('site', 'dashboard', { runtime: 'runtime', plugin: 'dashboard', path: '/wasi' }),
];
/** Of "sensors", by bcryptjs. */
const PASSWORD_HASH = '$2b$04$lJDQtH5YCLuGYPlnLYEEae1z7xqKQB2IBR74135WcZn5UhapyQByy';
/** Of two beats; four times what they take. */
const HEARTBEATS_LIMIT_MS = 16_000;
const SHOWN = /^(green|red|grey)/;

async function deployPolled(nodeRed: NodeRed): Promise<void> {
  await nodeRed.deploy(SITE);
  await nodeRed.untilStatus('site', SHOWN);
  await nodeRed.inject('go');
  await nodeRed.untilStatus('poll', /^green dot \d of \d ok/);
}

/** A plugin's page must not reach the editor, in whose storage the editor's token lies. */
function assertApart(response: Response): void {
  const policy = response.headers.get('content-security-policy') ?? '';
  assert.ok(
    policy.split('; ').some((directive) => directive.startsWith('sandbox')),
    policy,
  );
  assert.ok(policy.includes("default-src 'none'") && !policy.includes('allow-same-origin'), policy);
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(response.headers.get('access-control-allow-origin'), null);
}

describe('below the path of a dashboard', () => {
  let nodeRed: NodeRed;
  before(async () => {
    nodeRed = await NodeRed.start();
    await deployPolled(nodeRed);
  });
  after(() => nodeRed.stop());

  it('every answer is kept apart from the editor', async () => {
    const paths = [
      '/page',
      '/api/readings',
      '/api/history?sensor=dht22&field=temperature',
      '/api/history?sensor=dht22&field=temperature&hours=24',
      '/api/history.csv',
      '/api/logs',
      '/api/health',
      '/metrics',
    ];
    for (const path of paths) {
      const response = await nodeRed.request(`/wasi${path}`);
      assert.equal(response.status, 200, path);
      assertApart(response);
      await response.text();
    }
  });

  it('/api/readings has the latest reading of every sensor, with its age', async () => {
    const readings: readonly Record<string, unknown>[] = await nodeRed.json('/wasi/api/readings');
    assert.deepEqual(readings.map(({ plugin }) => plugin).sort(), ['bme680', 'dht22', 'pi_monitor']);
    const { timestamp, ageSeconds, ...room } = readings.find(({ plugin }) => plugin === 'dht22') ?? {};
    assert.deepEqual(room, {
      node: 'pi4',
      plugin: 'dht22',
      sensorId: 'dht22',
      values: { temperature: 21.5, humidity: 40 },
      units: { temperature: '°C', humidity: '%' },
    });
    assert.ok(Number.isInteger(ageSeconds) && Number(timestamp) > 0);
  });

  it('/api/history has a number of a sensor over time, and says what is wrong with other questions', async () => {
    const { series } = await nodeRed.json('/wasi/api/history?sensor=pi4/dht22/dht22&field=temperature');
    assert.equal(series.length, 1);
    assert.equal(series[0].unit, '°C');
    assert.deepEqual([series[0].points[0].value, typeof series[0].points[0].timestamp], [21.5, 'number']);
    assert.equal((await nodeRed.request('/wasi/api/history?sensor=dht22&field=nothing')).status, 404);
    assert.equal((await nodeRed.request('/wasi/api/history')).status, 400);
  });

  it('/api/history goes on over a restart by the minute, as JSON and as a file for a spreadsheet', async () => {
    await nodeRed.restart();
    await nodeRed.untilStatus('site', SHOWN);
    await nodeRed.inject('go');
    await nodeRed.untilStatus('poll', /^green dot \d of \d ok/);
    const count = await nodeRed.until('both runs are there', async () => {
      const { series } = await nodeRed.json('/wasi/api/history?sensor=pi4/dht22/dht22&field=temperature&hours=24');
      const values = series[0].points.reduce((sum: number, point: { count: number }) => sum + point.count, 0);
      return values >= 2 && values;
    });
    assert.equal(count, 2);
    const lines = (await nodeRed.text('/wasi/api/history.csv?field=temperature')).split('\r\n');
    assert.equal(lines[0], 'time,node,plugin,sensor,field,unit,min,max,mean,count');
    assert.match(
      lines.find((line) => line.includes('dht22')) ?? '',
      /^20\S+:00\.000Z,pi4,dht22,dht22,temperature,°C,21\.5,/,
    );
  });

  it('/api/history is not sent again to who holds it, until something came', async () => {
    const path = '/wasi/api/history?sensor=dht22&field=temperature';
    const ask = async (tag: string) => {
      const response = await nodeRed.request(path, { headers: { 'If-None-Match': tag } });
      await response.text();
      return response;
    };
    const tag = (await ask('"none"')).headers.get('etag') ?? '';
    assert.equal((await ask(tag)).status, 304);
    await nodeRed.inject('go');
    await nodeRed.until('another answer', async () => (await ask(tag)).status === 200);
  });

  it('/api/logs has what went to the log of Node-RED', async () => {
    const lines: readonly Record<string, unknown>[] = await nodeRed.json('/wasi/api/logs');
    const line = lines.find(({ plugin }) => plugin === 'dht22');
    assert.deepEqual([line?.['level'], line?.['text']], ['info', 'temperature 21.5 °C, humidity 40 %']);
    assert.ok(nodeRed.log.includes(`[wasi-runtime:runtime] dht22: ${line?.['text']}`));
  });

  it('/api/health is 200 while every plugin can serve', async () => {
    const { status, failing, plugins } = await nodeRed.json('/wasi/api/health');
    assert.deepEqual([status, failing, plugins.length], ['ok', [], 4]);
  });

  it('/metrics is OpenMetrics for a scraper that asks for it, else text that every scraper takes', async () => {
    const text = await nodeRed.request('/wasi/metrics');
    assert.equal(text.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    const accept = 'application/openmetrics-text; version=1.0.0';
    const open = await nodeRed.request('/wasi/metrics', { headers: { Accept: accept } });
    assert.equal(open.headers.get('content-type'), `${accept}; charset=utf-8`);
    assert.deepEqual([text.headers.get('vary'), open.headers.get('vary')], ['Accept', 'Accept']);
    for (const families of [readPrometheusText(await text.text()), readOpenMetrics(await open.text())]) {
      const samples = [...families.values()].flatMap((family) => family.samples);
      const sampled = (name: string, labels: Readonly<Record<string, string>>) =>
        samples.find((sample) => sample.name === name && isDeepStrictEqual(sample.labels, labels))?.value;
      const place = { node: 'pi4', plugin: 'dht22', sensor: 'dht22' };
      assert.equal(sampled('wasi_reading', { ...place, field: 'temperature', unit: '°C' }), 21.5);
      assert.ok(Number(sampled('wasi_plugin_polls_total', { plugin: 'dht22' })) > 0);
      assert.ok(Number(sampled('wasi_plugin_call_seconds_count', { plugin: 'dht22' })) > 0);
      assert.ok(Number(sampled('wasi_device_calls_total', { plugin: 'dht22', call: 'read_dht22' })) > 0);
    }
  });

  it('/events tells of readings at once, and beats every 2 s where there is nothing to tell', async () => {
    const stop = new AbortController();
    const response = await nodeRed.request('/wasi/events', { signal: stop.signal });
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
    assert.ok(response.body !== null);
    let heard = '';
    const reading = (async (body: AsyncIterable<Uint8Array>) => {
      for await (const chunk of body) heard += Buffer.from(chunk).toString('utf8');
    })(response.body).catch(() => undefined);
    await nodeRed.until('the stream opened', () => heard.includes('retry: '));
    await nodeRed.inject('go');
    await nodeRed.until('a reading came', () => /event: readings\ndata: \[\{.*"temperature":21\.5/.test(heard));
    await nodeRed.until('two heartbeats came', () => heard.split('event: alive\n').length > 2, HEARTBEATS_LIMIT_MS);
    stop.abort();
    await reading;
  });

  it('there is nothing any more once the node is gone', async () => {
    await nodeRed.deploy(SITE.filter(({ id }) => id !== 'site'));
    assert.equal((await nodeRed.request('/wasi')).status, 404);
    assert.equal((await nodeRed.request('/wasi/api/readings')).status, 404);
    await deployPolled(nodeRed);
    assert.match(await nodeRed.text('/wasi'), /21\.5/);
  });

  it('a second node with the same path says so and leaves the first one alone', async () => {
    await nodeRed.deploy([
      ...SITE,
      onTab('second', 'dashboard', { runtime: 'runtime', plugin: 'dashboard', path: '/wasi/' }),
    ]);
    await nodeRed.untilStatus('second', /^red ring wrong setting/);
    assert.match(nodeRed.log, /path "\/wasi" is already served by dashboard node site/);
    await nodeRed.until('the page is there', async () => (await nodeRed.request('/wasi')).ok);
  });
});

describe('the settings of Node-RED', () => {
  async function within(settings: object, test: (nodeRed: NodeRed) => Promise<void>): Promise<void> {
    const nodeRed = await NodeRed.start({ settings });
    try {
      await test(nodeRed);
    } finally {
      await nodeRed.stop();
    }
  }

  it('httpNodeRoot = false: nothing is served, which the log says, and polling works', async () => {
    await within({ httpNodeRoot: false }, async (nodeRed) => {
      await deployPolled(nodeRed);
      assert.equal((await nodeRed.request('/wasi')).status, 404);
      assert.match(nodeRed.log, /httpNodeRoot is false in settings\.js: nothing is served at \/wasi/);
    });
  });

  it('httpNodeAuth: page, data and events ask for the password', async () => {
    await within({ httpNodeAuth: { user: 'reader', pass: PASSWORD_HASH } }, async (nodeRed) => {
      await deployPolled(nodeRed);
      for (const path of ['/wasi', '/wasi/api/readings', '/wasi/metrics', '/wasi/events']) {
        const refused = await nodeRed.request(path);
        assert.equal(refused.status, 401, path);
        assert.doesNotMatch(await refused.text(), /dht22/);
      }
      const headers = { Authorization: `Basic ${Buffer.from('reader:sensors').toString('base64')}` };
      const page = await nodeRed.until('the page is there', async () => {
        const response = await nodeRed.request('/wasi', { headers });
        return response.ok ? response.text() : undefined;
      });
      assert.match(page, /21\.5/);
    });
  });

  it('httpNodeRoot = "/flows-http": the page lies below it', async () => {
    await within({ httpNodeRoot: '/flows-http' }, async (nodeRed) => {
      await deployPolled(nodeRed);
      assert.equal((await nodeRed.request('/wasi')).status, 404);
      assert.match(await nodeRed.text('/flows-http/wasi'), /21\.5/);
    });
  });
});
