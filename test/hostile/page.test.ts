/**
 * What hostile plugins say, as a browser gets it: over the routes of a dashboard node in a real Node-RED, with a real
 * runtime behind it. A plugin's page is foreign and says so in its headers; data is never a page; the package's own page
 * shows texts of other plugins as texts.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { Flow, OUT, RUNTIME } from '../nodes/flow';
import { NONE_BUNDLED, TestRuntime } from '../runtime/test-runtime';
import { until } from '../support/until';
import { bytesOf, fixture } from '../wasm/components';
import { quoted } from './wat';
import { OUTPUT, wasiDashboard } from './wat-wasi';

const SCRIPT = "<script>fetch('/flows')</script>";
const POLICY = 'content-security-policy';
const LIMIT = { timeout: 60_000 };

/** Its page is its data, behind a script of its own. */
const ECHO = `(memory.copy (i32.add (i32.const 1024) (i32.const ${SCRIPT.length})) (local.get $at) (local.get $length))
  (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.add (local.get $length) (i32.const ${SCRIPT.length})))`;
/** Its last words are a script. */
const CRASH = `(call $write (call $stderr) (i32.const 1024) (i32.const ${SCRIPT.length}) (i32.const 256)) (unreachable)`;
const DATA = `(data (i32.const 1024) ${quoted(SCRIPT)})`;

const page = (plugin: string) => ({
  id: `page-${plugin}`,
  type: 'dashboard',
  runtime: 'runtime',
  plugin,
  path: `/${plugin}`,
  wires: [[]],
});

let host: TestRuntime;
let get: (path: string) => Promise<Response>;
const ends: (() => void | Promise<void>)[] = [];

before(async () => {
  const lifetime = { after: (end: () => void | Promise<void>) => void ends.unshift(end) };
  const off = NONE_BUNDLED.replace('[plugins.dashboard]\nenabled = false\n', '');
  host = await TestRuntime.open(lifetime, `${off}[plugins.vandal.settings]\nfault = "vandal"\n`);
  host.renameIn('vandal', bytesOf(fixture('faults')));
  host.renameIn('echo', await wasiDashboard(OUTPUT, ECHO, DATA));
  host.renameIn('crash', await wasiDashboard(OUTPUT, CRASH, DATA));
  await host.runtime.poll('vandal');
  const flow = await Flow.start(
    [RUNTIME, page('dashboard'), page('echo'), page('crash'), OUT],
    async () => host.runtime,
    { httpNodeMiddleware: undefined },
  );
  lifetime.after(() => flow.stop());
  const server = createServer(flow.RED.httpNode).listen(0, '127.0.0.1');
  lifetime.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  get = (path) => fetch(`http://127.0.0.1:${address.port}${path}`);
  // A page whose plugin still loads is answered with 503.
  for (const path of ['/echo/page', '/dashboard/page']) await until(async () => (await get(path)).ok);
  await until(async () => !(await (await get('/crash/page')).text()).includes('class="waiting"'));
}, LIMIT);
after(async () => {
  for (const end of ends) await end();
});

function isForeign(response: Response): void {
  const policy = response.headers.get(POLICY) ?? '';
  assert.match(policy, /^sandbox allow-scripts; default-src 'none'; /);
  assert.match(policy, /connect-src 'none'; worker-src 'none'; form-action 'none'/);
  assert.doesNotMatch(policy, /allow-same-origin/);
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(response.headers.get('access-control-allow-origin'), null);
}

async function isData(path: string, type: RegExp): Promise<string> {
  const response = await get(path);
  assert.match(response.headers.get('content-type') ?? '', type);
  assert.match(response.headers.get(POLICY) ?? '', /^default-src 'none'; .*sandbox$/);
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  return response.text();
}

describe('what hostile plugins say, in a browser', () => {
  it('is a page of its own origin where a plugin wrote it, scripts and all', LIMIT, async () => {
    const response = await get('/echo/page');
    assert.equal(response.status, 200);
    isForeign(response);
    const html = await response.text();
    assert.ok(html.startsWith(SCRIPT));
    assert.ok(html.includes('"vandal"'), 'it has what the other plugin said');
  });

  it('is held by a frame where a plugin wrote it, and leaves it by no trick of HTML', LIMIT, async () => {
    const html = await (await get('/echo')).text();
    const [, srcdoc = ''] = / sandbox="allow-scripts" data-prefix="\d+" srcdoc="([^"]*)"><\/iframe>/.exec(html) ?? [];
    assert.ok(srcdoc.includes(SCRIPT));
    assert.ok(!html.replace(srcdoc, '').includes('/flows'));
  });

  it('is text in the page of this package', LIMIT, async () => {
    const response = await get('/dashboard/page');
    assert.equal(response.status, 200);
    isForeign(response);
    const html = await response.text();
    assert.ok(!html.includes(SCRIPT), 'a script of another plugin is in the page');
    assert.ok(html.includes('&lt;script&gt;fetch('), 'what the other plugin said is not shown');
    assert.ok(html.includes('__proto__'));
  });

  it('is text in the page for a plugin that crashed', LIMIT, async () => {
    const response = await get('/crash/page');
    assert.equal(response.status, 503);
    isForeign(response);
    const html = await response.text();
    assert.ok(!html.includes(SCRIPT));
    assert.ok(html.includes('&lt;script&gt;fetch(&#39;/flows&#39;)&lt;/script&gt;'), html);
  });

  it('is JSON in the log, each line a text without control characters', LIMIT, async () => {
    const lines: unknown = JSON.parse(await isData('/echo/api/logs', /^application\/json/));
    assert.ok(Array.isArray(lines));
    const texts = lines.map(({ text }) => String(text));
    assert.ok(texts.some((text) => text.includes(SCRIPT)));
    for (const text of texts) assert.doesNotMatch(text, /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
  });

  it('is JSON in the readings, names of prototypes included', LIMIT, async () => {
    const readings: unknown = JSON.parse(await isData('/echo/api/readings', /^application\/json/));
    assert.ok(Array.isArray(readings));
    const [first] = readings.filter(({ plugin }) => plugin === 'vandal');
    assert.deepEqual(Object.entries(first.values).slice(0, 2), [
      ['__proto__', 1],
      ['constructor', 1],
    ]);
    assert.equal(first.sensorId, SCRIPT);
  });

  it('is a label in the metrics, one sample a line', LIMIT, async () => {
    const text = await isData('/echo/metrics', /^text\/plain; version=0\.0\.4/);
    assert.ok(text.includes(SCRIPT));
    for (const line of text.trimEnd().split('\n')) {
      assert.match(line, /^(?:# .*|[a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)+\})? [0-9.e+-]+)$/);
    }
  });
});
