import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { MAX_SERIES_PER_PLUGIN } from '../../src/dashboard/series-limit';
import { readOpenMetrics, readPrometheusText } from '../dashboard/exposition-check';
import { pluginOf } from '../dashboard/plugin-of';
import { readingOf } from '../readings/reading-of';
import { DashboardFlow, NODE } from './dashboard-flow';
import { FakeRuntime, failing, TRIED_AGAIN } from './fake-runtime';
import type { Flow } from './flow';

let dashboard: DashboardFlow;
let flow: Flow;
afterEach(() => dashboard.close());

async function start(...how: Parameters<typeof DashboardFlow.start>): Promise<void> {
  dashboard = await DashboardFlow.start(...how);
  flow = dashboard.flow;
}

function get(path: string, init: RequestInit = {}): Promise<Response> {
  return dashboard.get(path, init);
}

describe('a message to dashboard', () => {
  it('leaves with the page as its payload', async () => {
    await start(new FakeRuntime());
    flow.send('page', { mine: 1 });
    await flow.until(() => flow.messages.length > 0);
    assert.equal(flow.messages[0]?.payload, '<p>page</p>');
    assert.equal(flow.messages[0]?.['mine'], 1);
    assert.equal(flow.messages[0]?.['headers'], undefined);
    assert.equal(flow.statuses('page').at(-1), 'green dot status.rendered');
  });

  it('of http in is given headers that keep the plugin from the editor, beside its own', async () => {
    await start(new FakeRuntime());
    flow.send('page', { req: {}, res: {}, headers: { 'x-mine': '1', 'Content-Security-Policy': 'none' } });
    await flow.until(() => flow.messages.length > 0);
    const headers = flow.messages[0]?.['headers'];
    assert.ok(typeof headers === 'object' && headers !== null && 'Content-Security-Policy' in headers);
    assert.match(String(headers['Content-Security-Policy']), /^sandbox allow-scripts;/);
    assert.ok('x-mine' in headers);
  });

  it('to a disabled plugin sends nothing and shows grey', async () => {
    const runtime = new FakeRuntime();
    runtime.onRender = async () => null;
    runtime.summaries = [pluginOf({ name: 'dashboard', state: 'disabled' })];
    await start(runtime);
    flow.send('page');
    await flow.untilEnds(1);
    assert.deepEqual(flow.messages, []);
    assert.equal(flow.statuses('page').at(-1), 'grey ring status.disabled');
  });
});

describe('the path of a dashboard node', () => {
  it('serves the page in a frame that is kept from the origin of the editor', async () => {
    await start(new FakeRuntime());
    for (const path of ['/wasi', '/wasi/']) {
      const answer = await get(path);
      assert.equal(answer.status, 200);
      assert.match(
        await answer.text(),
        /<iframe [^>]*sandbox="allow-scripts"[^"]* data-prefix="\d+" srcdoc="[^"]*<p>page<\/p>">/,
      );
      assert.match(answer.headers.get('content-security-policy') ?? '', /frame-src 'none'/);
    }
  });

  it('serves the script that the tabs of its page share, to the shell of the same build alone', async () => {
    await start(new FakeRuntime());
    const build = /data-build="([^"]+)"/.exec(await (await get('/wasi')).text())?.[1] ?? '';
    const answer = await get(`/wasi/stream.js?build=${build}`);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'text/javascript; charset=utf-8');
    assert.equal(answer.headers.get('content-security-policy'), "default-src 'none'; connect-src 'self'");
    assert.ok((await answer.text()).includes('EventSource'));
    for (const query of ['', '?build=other', `?build=${build}&build=${build}`]) {
      assert.equal((await get(`/wasi/stream.js${query}`)).status, 404, query);
    }
  });

  it('ends the answer to a browser that asks for the newest page once', { timeout: 30_000 }, async () => {
    await start(new FakeRuntime());
    const first = await (await get('/wasi/events?page&once')).text();
    const [, revision = ''] = /event: page\nid: (\S+)\n/.exec(first) ?? [];
    const again = await (await get(`/wasi/events?page&once&revision=${revision}`)).text();
    assert.match(again, /event: hello\n[^\n]*\n\nevent: current\ndata: \{\}\n\n$/);
    assert.doesNotMatch(again, /event: page/);
  });

  it('serves the page alone to a shell, kept from the origin of the editor', async () => {
    await start(new FakeRuntime());
    const answer = await get('/wasi/page');
    assert.equal(await answer.text(), '<p>page</p>');
    assert.match(answer.headers.get('content-security-policy') ?? '', /^sandbox allow-scripts;/);
  });

  it('is called in its links so that they work with and without a slash at its end', async () => {
    await start(new FakeRuntime(), [{ ...NODE, path: '/a b/wäsi' }]);
    for (const path of ['/a%20b/w%C3%A4si', '/a%20b/w%C3%A4si/']) {
      const answer = await get(path);
      const link = /href="([^"]*api\/history\.csv)"/.exec(await answer.text())?.[1] ?? '';
      assert.equal(new URL(link, answer.url).pathname, '/a%20b/w%C3%A4si/api/history.csv');
    }
    assert.equal((await get('/a%20b/w%C3%A4si/api/readings')).status, 200);
    assert.equal((await get('/a%20b/%FF')).status, 404);
  });

  it('renders once for all who ask while nothing changes, and tells a browser that it has the page', async () => {
    const runtime = new FakeRuntime();
    let renders = 0;
    runtime.onRender = async () => `<p>${++renders}</p>`;
    await start(runtime);
    const first = await get('/wasi');
    const etag = first.headers.get('etag') ?? '';
    assert.equal(first.headers.get('cache-control'), 'no-cache');
    const again = await get('/wasi', { headers: { 'If-None-Match': `"other", W/${etag}` } });
    assert.equal(again.status, 304);
    assert.equal(await again.text(), '');
    assert.equal(renders, 1);
    runtime.emit({ kind: 'readings', readings: [readingOf()] });
    const changed = await get('/wasi', { headers: { 'If-None-Match': etag } });
    assert.equal(changed.status, 200);
    assert.equal(renders, 2);
  });

  it('tells what is not kept on the disk: in health, which fails, in metrics, and in its status', async () => {
    const runtime = new FakeRuntime();
    await start(runtime);
    assert.equal((await get('/wasi/api/health')).status, 200);
    const notKept = [{ what: 'history', since: 5, reason: 'ENOSPC', message: 'full. Make room' }] as const;
    const storage = {
      status: 'failing',
      folder: '/data',
      freeBytes: 0,
      sizeBytes: 9,
      failedWrites: 1,
      notKept,
    } as const;
    runtime.storage.shown = storage;
    runtime.emit({ kind: 'storage', storage });
    const health = await get('/wasi/api/health');
    assert.equal(health.status, 503);
    assert.deepEqual((await health.json()).storage, storage);
    const metrics = await (await get('/wasi/metrics')).text();
    assert.match(metrics, /^wasi_storage_not_kept\{what="history"\} 1$/m);
    assert.equal(flow.statuses('page').at(-1), 'red ring errors.PLUGIN_STORAGE');
    runtime.storage.shown = { ...storage, status: 'ok', notKept: [] };
    runtime.emit({ kind: 'storage', storage: runtime.storage.shown });
    assert.equal(flow.statuses('page').at(-1), 'green dot status.ready');
  });

  it('serves readings, history, log, health and metrics', async () => {
    await start(new FakeRuntime());
    const readings = await (await get('/wasi/api/readings')).json();
    assert.deepEqual(readings[0].values, readingOf().values);
    const history = await (await get('/wasi/api/history?sensor=room&field=temperature')).json();
    assert.deepEqual(history.series[0].points, [{ timestamp: 1_000, value: 21.5 }]);
    assert.deepEqual(await (await get('/wasi/api/logs')).json(), [{ at: 1_000, level: 'info', text: 'hello' }]);
    assert.equal((await get('/wasi/api/health')).status, 200);
    const plain = await get('/wasi/metrics');
    assert.equal(plain.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    readPrometheusText(await plain.text());
    const accept = 'application/openmetrics-text; version=1.0.0';
    const open = await get('/wasi/metrics', { headers: { Accept: accept } });
    assert.equal(open.headers.get('content-type'), `${accept}; charset=utf-8`);
    readOpenMetrics(await open.text());
    assert.deepEqual(
      [plain, open].map(({ headers }) => headers.get('vary')),
      ['Accept', 'Accept'],
    );
  });

  it('keeps to the number of series over all scrapes', async () => {
    const runtime = new FakeRuntime();
    await start(runtime);
    for (const letter of ['a', 'b']) {
      const values = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`${letter}${at}`, at]));
      runtime.latest = [readingOf({ values, units: {} })];
      const families = readPrometheusText(await (await get('/wasi/metrics')).text());
      const expected = letter === 'a' ? 1_000 : MAX_SERIES_PER_PLUGIN - 1_001;
      assert.equal(families.get('wasi_reading')?.samples.length, expected);
    }
  });

  it('serves no value of a sensor that is not known any more as if it were', async () => {
    const runtime = new FakeRuntime();
    await start(runtime);
    const inMetrics = async () => /^wasi_reading\{/m.test(await (await get('/wasi/metrics')).text());
    assert.equal(await inMetrics(), true);
    runtime.unknown = 5_000;
    assert.equal(await inMetrics(), false);
    const [reading] = await (await get('/wasi/api/readings')).json();
    assert.equal(reading.unknownSince, 5_000);
  });

  it('serves the history by the minute as JSON and as a file, and not again to who holds it', async () => {
    const runtime = new FakeRuntime();
    runtime.minuteHistory.add([readingOf()]);
    await start(runtime);
    const history = await (await get('/wasi/api/history?sensor=room&field=temperature&hours=24')).json();
    assert.deepEqual([history.hours, history.series[0].points[0].mean], [24, 21.5]);
    assert.equal((await get('/wasi/api/history?sensor=room&field=temperature&hours=25')).status, 400);
    const file = await get('/wasi/api/history.csv');
    assert.equal(file.headers.get('content-disposition'), 'attachment; filename="wasi-history.csv"');
    assert.match(await file.text(), /Z,pi4,dht22,room,temperature,°C,21\.5,21\.5,21\.5,1\r\n$/);
    for (const path of ['history.csv', 'history?sensor=room&field=temperature', 'logs']) {
      const tag = (await get(`/wasi/api/${path}`)).headers.get('etag') ?? '';
      const again = await get(`/wasi/api/${path}`, { headers: { 'If-None-Match': tag } });
      // The tag of the history goes with the minute, which may have ended in between.
      if (again.status !== 304) assert.notEqual(again.headers.get('etag'), tag, path);
    }
    for (const path of ['api/readings', 'api/health', 'metrics'])
      assert.equal((await get(`/wasi/${path}`)).headers.get('cache-control'), 'no-store', path);
  });

  it('answers 503 while a plugin cannot serve, with the reason on the page', async () => {
    const runtime = new FakeRuntime();
    runtime.onRender = failing('PLUGIN_TRAPPED', 'dashboard crashed');
    runtime.summaries = [pluginOf({ state: 'backing-off' })];
    await start(runtime);
    assert.equal((await get('/wasi/api/health')).status, 503);
    const page = await get('/wasi');
    assert.equal(page.status, 503);
    assert.equal(page.headers.get('retry-after'), '15');
    assert.match(await page.text(), /dashboard crashed/);
  });

  it('answers with the error of a runtime that did not open', async () => {
    await start(failing('CONFIG_INVALID', 'host.toml:3 is wrong'));
    const answer = await get('/wasi/api/readings');
    assert.equal(answer.status, 503);
    assert.deepEqual(await answer.json(), { error: `host.toml:3 is wrong${TRIED_AGAIN}`, code: 'CONFIG_INVALID' });
  });

  it('passes on what it does not serve', async () => {
    await start(new FakeRuntime());
    for (const path of ['/', '/wasix', '/wasi/other', '/wasi/api', '/api/readings']) {
      assert.equal((await get(path)).status, 404, path);
    }
    assert.equal((await get('/wasi', { method: 'POST' })).status, 404);
  });

  it('is free again once the node is closed', async () => {
    await start(new FakeRuntime());
    assert.equal((await get('/wasi')).status, 200);
    await flow.node('page').close(true);
    assert.equal((await get('/wasi')).status, 404);
  });

  it('belongs to one node: a second one says so and serves nothing', async () => {
    await start(new FakeRuntime(), [NODE, { ...NODE, id: 'second', path: '/wasi/' }]);
    assert.equal(flow.statuses('second').at(-1), 'red ring errors.CONFIG_INVALID');
    flow.send('second');
    await flow.untilEnds(1);
    assert.match(flow.ends[0]?.error?.message ?? '', /"\/wasi" is already served by dashboard node page/);
    assert.equal((await get('/wasi')).status, 200);
  });

  it('is not served when it is empty', async () => {
    await start(new FakeRuntime(), [{ ...NODE, path: '' }]);
    assert.equal((await get('/wasi')).status, 404);
    assert.equal((await get('/')).status, 404);
  });

  it('must start with a slash', async () => {
    await start(new FakeRuntime(), [{ ...NODE, path: 'wasi' }]);
    assert.equal(flow.statuses('page').at(-1), 'red ring errors.CONFIG_INVALID');
  });

  it('is not served where Node-RED serves no pages, and the node still renders', async () => {
    await start(new FakeRuntime(), [NODE], { httpNodeRoot: false });
    flow.send('page');
    await flow.until(() => flow.messages.length > 0);
    assert.equal((await get('/wasi')).status, 404);
  });

  it('is behind the middleware of settings.js, which sees nothing else', async () => {
    const seen: string[] = [];
    const httpNodeMiddleware = (request: { url: string }, response: { writeHead(status: number): { end(): void } }) => {
      seen.push(request.url);
      response.writeHead(401).end();
    };
    await start(new FakeRuntime(), [NODE], { httpNodeMiddleware });
    for (const path of ['/wasi', '/wasi/api/readings', '/wasi/events'])
      assert.equal((await get(path)).status, 401, path);
    assert.equal((await get('/other')).status, 404);
    assert.deepEqual(seen, ['/wasi', '/wasi/api/readings', '/wasi/events']);
  });

  it('allows no other origin, also where the editor has allowed them all', async () => {
    await start(new FakeRuntime());
    await dashboard.serve((request, response) => {
      response.setHeader('Access-Control-Allow-Origin', '*');
      flow.RED.httpNode(request, response);
    });
    for (const path of ['/wasi', '/wasi/api/readings']) {
      const answer = await get(path);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
    }
  });
});
