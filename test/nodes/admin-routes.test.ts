import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { serveAdmin } from '../../nodes/wasi-runtime/admin-routes';
import { WasiError } from '../../src/errors/wasi-error';
import { pluginOf } from '../dashboard/plugin-of';
import { until } from '../support/until';
import { scratchFolder } from '../wasm/components';
import { AdminClient, fieldOf } from './admin';
import { FakeRuntime, failing, Pending, TRIED_AGAIN } from './fake-runtime';
import { Flow, RUNTIME } from './flow';

const POLL = { id: 'a', type: 'plugin-poll', runtime: 'runtime', plugin: 'dht22', wires: [] };

let flow: Flow | undefined;
let admin: AdminClient;
let runtime: FakeRuntime;
let userDir: string;

async function start(node: object = RUNTIME, open = async () => runtime): Promise<void> {
  flow = await Flow.start([node, POLL], open, { userDir });
  admin = await AdminClient.of(flow);
}

beforeEach(() => {
  runtime = new FakeRuntime();
  userDir = scratchFolder({ after: (end) => ends.push(end) });
});

const ends: (() => void)[] = [];

afterEach(async () => {
  admin.close();
  await flow?.stop();
  for (const end of ends.splice(0)) end();
});

function hostToml(): string {
  return join(userDir, 'wasi', 'host.toml');
}

function writeHostToml(text: string): void {
  mkdirSync(join(userDir, 'wasi'), { recursive: true });
  writeFileSync(hostToml(), text);
}

describe('the editor is told of a runtime', () => {
  it('everything it shows of one that is open', async () => {
    await start();
    const { status, body } = await admin.get('runtimes/runtime');
    assert.equal(status, 200);
    assert.deepEqual(body, {
      phase: 'open',
      hardware: { kind: 'raspberry-pi', model: 'Raspberry Pi 4' },
      pluginDir: '/nowhere/plugins',
      config: { kind: 'defaults', path: hostToml() },
      plugins: [],
      storage: { status: 'ok', folder: '/data/wasi', failedWrites: 0, notKept: [] },
    });
  });

  it('why it did not open', async () => {
    await start(RUNTIME, failing('CONFIG_INVALID', 'line 3'));
    const { body } = await admin.get('runtimes/runtime');
    assert.deepEqual(body, {
      phase: 'failed',
      error: { code: 'CONFIG_INVALID', message: `line 3${TRIED_AGAIN}` },
      config: { kind: 'file', path: hostToml() },
      plugins: [],
    });
  });

  it('that it opens, while it does', async () => {
    const opening = new Pending<FakeRuntime>();
    await start(RUNTIME, () => opening.promise);
    assert.equal(fieldOf((await admin.get('runtimes/runtime')).body, 'phase'), 'opening');
    assert.equal((await admin.post('runtimes/runtime/plugins/dht22/reload')).status, 503);
    opening.resolve(runtime);
  });

  it('that it is not there before it is deployed, and that another node is none', async () => {
    await start();
    assert.deepEqual(await admin.get('runtimes/_ADD_'), { status: 200, body: { phase: 'absent', plugins: [] } });
    assert.equal((await admin.get('runtimes/a')).status, 404);
  });
});

describe('the editor removes a plugin', () => {
  it('by the runtime, which is given host.toml', async () => {
    writeHostToml('[plugins.mine]\nled = 3\n');
    await start();
    runtime.admin.onRemove = async (file) => ({ written: (await file.edit({ plugin: 'mine', removed: true })).path });
    const answer = await admin.request('DELETE', 'runtimes/runtime/plugins/mine');
    assert.deepEqual(answer, { status: 200, body: { written: hostToml() } });
    assert.deepEqual(runtime.admin.removals, ['mine']);
    assert.equal(readFileSync(hostToml(), 'utf8'), '');
  });

  it('not where the runtime is not open, nor by a request of another site', async () => {
    await start();
    const headers = { 'Sec-Fetch-Site': 'cross-site' };
    assert.equal((await admin.request('DELETE', 'runtimes/runtime/plugins/mine', '', headers)).status, 403);
    assert.deepEqual(runtime.admin.removals, []);
    admin.close();
    await flow?.stop();
    flow = await Flow.start([RUNTIME], async () => runtime, { userDir });
    admin = await AdminClient.of(flow);
    assert.equal((await admin.request('DELETE', 'runtimes/runtime/plugins/mine')).status, 503);
    assert.equal(fieldOf((await admin.get('runtimes/runtime')).body, 'phase'), 'idle');
  });

  it('and takes its tables out of a text', async () => {
    await start();
    const body = { text: '[plugins.mine]\nled = 3\n[leds]\n', plugin: 'mine', removed: true };
    assert.deepEqual(await admin.post('config/edit', body), { status: 200, body: { text: '[leds]\n' } });
  });
});

describe('the list of plugins', () => {
  it('has files of the folder that nobody asked for, last, and says how each plugin stands', async () => {
    await start();
    const view = { ...pluginOf(), exports: [], imports: [], lines: '', grants: '', pinned: false, hasBundled: false };
    const limits = { deadlineMs: 1, loadDeadlineMs: 1, memoryMb: 1 };
    runtime.admin.views = [
      { ...view, listed: true, limits, condition: 'ready' },
      { ...view, listed: false, limits, name: 'copied', state: 'disabled', condition: 'unused' },
    ];
    const { body } = await admin.get('runtimes/runtime/plugins');
    assert.ok(Array.isArray(body));
    assert.deepEqual(
      body.map(({ name, condition }) => [name, condition]),
      [
        ['dht22', 'ready'],
        ['dashboard', undefined],
        ['copied', 'unused'],
      ],
    );
  });

  it('of a runtime that is not open has the files of its folder, by name', async () => {
    mkdirSync(join(userDir, 'wasi', 'plugins'), { recursive: true });
    for (const file of ['my-clock.wasm', 'notes.txt', '.hidden.wasm.new'])
      writeFileSync(join(userDir, 'wasi', 'plugins', file), '');
    await start({ ...RUNTIME, id: 'other' });
    for (const id of ['other', 'undeployed']) {
      const { body } = await admin.get(`runtimes/${id}/plugins`);
      assert.ok(Array.isArray(body));
      assert.deepEqual(
        body.map(({ name }) => name),
        ['dht22', 'bme680', 'pi_monitor', 'dashboard', 'my_clock'],
      );
    }
  });
});

describe('the editor', () => {
  it('asks for a fresh instance of a plugin', async () => {
    await start();
    assert.deepEqual(await admin.post('runtimes/runtime/plugins/dht22/reload'), { status: 202, body: {} });
    assert.deepEqual(runtime.admin.reloads, ['dht22']);
  });

  for (const [code, status] of [
    ['PLUGIN_NOT_FOUND', 404],
    ['CONFIG_INVALID', 409],
    ['RUNTIME_CLOSED', 503],
  ] as const) {
    it(`is told why there is no fresh instance (${code})`, async () => {
      await start();
      runtime.admin.onReload = () => Promise.reject(new WasiError(code, 'no'));
      const answer = await admin.post('runtimes/runtime/plugins/dht22/reload');
      assert.deepEqual(answer, { status, body: { code, message: 'no' } });
    });
  }

  it('turns a plugin off in host.toml, which is then taken over', async () => {
    writeHostToml('# mine\n[plugins.dht22]\nled = 3\n');
    await start();
    const answer = await admin.post('runtimes/runtime/plugins/dht22/enabled', { enabled: false });
    assert.deepEqual(answer, { status: 200, body: { written: hostToml() } });
    assert.equal(readFileSync(hostToml(), 'utf8'), '# mine\n[plugins.dht22]\nenabled = false\nled = 3\n');
    assert.equal(runtime.admin.takenOver, 1);
  });

  it('grants a plugin what it asks for, in a host.toml that was not there', async () => {
    await start();
    const answer = await admin.post('runtimes/runtime/plugins/mine/grants', { lines: 'i2c = ["0x76"]' });
    assert.deepEqual(answer, { status: 200, body: { written: hostToml() } });
    assert.equal(readFileSync(hostToml(), 'utf8'), '[plugins.mine.grants]\ni2c = ["0x76"]\n');
  });

  it('saves the host.toml that kept a runtime from opening, which is then opened without a look at the file', async (t) => {
    const { setTimeout: after } = globalThis;
    // The runtime looks at its file every two seconds: not here.
    const withoutLooks = (run: () => void, ms?: number) => after(ms === 2_000 ? () => undefined : run, ms);
    t.mock.method(globalThis, 'setTimeout', withoutLooks);
    writeHostToml('wrong');
    await start(RUNTIME, async () => {
      if (readFileSync(hostToml(), 'utf8') === '[leds]\n') return runtime;
      throw new WasiError('CONFIG_INVALID', 'wrong');
    });
    await until(async () => {
      const revision = fieldOf((await admin.get('runtimes/runtime/config')).body, 'revision');
      const text = JSON.stringify({ text: '[leds]\n', revision });
      assert.equal((await admin.request('PUT', 'runtimes/runtime/config', text)).status, 200);
      return fieldOf((await admin.get('runtimes/runtime')).body, 'phase') === 'open';
    }, 'the runtime is open');
  });

  it('is given the lines to paste where the configuration is text of the node', async () => {
    await start({ ...RUNTIME, configSource: 'inline', configText: '[leds]\n' });
    const { status, body } = await admin.post('runtimes/runtime/plugins/mine/enabled', { enabled: true });
    assert.deepEqual([status, fieldOf(body, 'lines')], [409, '[plugins.mine]\nenabled = true']);
    assert.equal((await admin.get('runtimes/runtime/config')).status, 409);
    assert.deepEqual(fieldOf((await admin.get('runtimes/runtime')).body, 'config'), { kind: 'inline' });
  });

  it('edits host.toml as text, also of a runtime that did not open because of it', async () => {
    writeHostToml('[leds]\ncount = "x"\n');
    await start({ ...RUNTIME, configFile: 'wasi/host.toml' }, failing('CONFIG_INVALID'));
    const { status, body } = await admin.get('runtimes/runtime/config');
    assert.deepEqual(
      [status, fieldOf(body, 'path'), fieldOf(body, 'exists'), fieldOf(body, 'text')],
      [200, hostToml(), true, '[leds]\ncount = "x"\n'],
    );
    const put = (text: string, revision = fieldOf(body, 'revision')) =>
      admin.request('PUT', 'runtimes/runtime/config', JSON.stringify({ text, revision }));
    const wrong = await put('[leds]\ncount = -1\n');
    assert.equal(wrong.status, 400);
    assert.deepEqual(fieldOf(wrong.body, 'problems'), [
      { line: 2, text: 'line 2, leds.count: expected a whole number from 0 to 256, found -1' },
    ]);
    const right = await put('[leds]\ncount = 5\n');
    assert.equal(right.status, 200);
    assert.equal((await put('# again\n')).status, 409, 'it was changed meanwhile');
    assert.equal((await put('# again\n', fieldOf(right.body, 'revision'))).status, 200);
    assert.equal(readFileSync(hostToml(), 'utf8'), '# again\n');
  });

  it('has any text checked, and edited, without writing anything', async () => {
    await start();
    const checked = async (text: string) => (await admin.post('config/check', { text })).body;
    assert.deepEqual(await checked('[leds]\n'), { problems: [], warnings: [] });
    assert.deepEqual(fieldOf(await checked('[leds'), 'problems'), [
      {
        line: 1,
        column: 2,
        text: 'line 1, column 2: Invalid TOML document: incomplete key-value: cannot find end of key',
      },
    ]);
    assert.deepEqual(fieldOf(await checked('\n[ledz]\n'), 'warnings'), [
      { line: 2, text: 'host.toml, line 2, ledz: unknown key, ignored; did you mean "leds"?' },
    ]);
    const edited = await admin.post('config/edit', { text: '# a\n', plugin: 'mine', enabled: true });
    assert.deepEqual(edited.body, { text: '# a\n\n[plugins.mine]\nenabled = true\n' });
    const granted = await admin.post('config/edit', { text: '', plugin: 'mine', lines: 'fan = true' });
    assert.deepEqual(granted.body, { text: '[plugins.mine.grants]\nfan = true\n' });
    assert.equal((await admin.post('config/edit', { text: '', plugin: 'mine' })).status, 400);
    assert.ok(!existsSync(hostToml()));
  });
});

describe('a request of another kind', () => {
  const WRITES = ['plugins/dht22/reload', 'plugins/dht22/enabled', 'plugins/dht22/grants', 'config'];

  it('that a form of a foreign page could send changes nothing', async () => {
    await start();
    for (const path of WRITES) {
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']) {
        const method = path === 'config' ? 'PUT' : 'POST';
        const answer = await admin.request(method, `runtimes/runtime/${path}`, '{"enabled":false}', {
          'Content-Type': type,
        });
        assert.equal(answer.status, 415, `${path} ${type}`);
      }
    }
    assert.deepEqual([runtime.admin.reloads, existsSync(hostToml())], [[], false]);
  });

  it('that the browser says another site sent changes nothing', async () => {
    await start();
    const headers = { 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'cross-site' };
    const answer = await admin.request('POST', 'runtimes/runtime/plugins/dht22/reload', '{}', headers);
    assert.equal(answer.status, 403);
    assert.deepEqual(runtime.admin.reloads, []);
  });

  it('about a node of another type, or none, finds nothing', async () => {
    await start();
    for (const id of ['a', 'nothing', '__proto__', '..%2f..', 'x'.repeat(300), '%00']) {
      for (const path of WRITES) {
        const method = path === 'config' ? 'PUT' : 'POST';
        const body = JSON.stringify({ enabled: false, lines: '', text: '', revision: 'none' });
        const { status } = await admin.request(method, `runtimes/${id}/${path}`, body);
        assert.ok(status === 404 || status === 400, `${id} ${path}: ${status}`);
      }
    }
    assert.ok(!existsSync(hostToml()));
  });

  it('with a body that is not JSON, too deep, too long or of another form is refused with a reason', async () => {
    await start();
    const at = 'runtimes/runtime/plugins/mine/grants';
    const tooLong = JSON.stringify({ lines: `fan = true # ${'x'.repeat(20_000)}` });
    const huge = JSON.stringify({ lines: 'x'.repeat(6_000_000) });
    for (const [body, expected] of [
      ['{', 400],
      ['null', 400],
      ['[]', 400],
      ['"text"', 400],
      ['{}', 400],
      ['{"lines":1}', 400],
      [`{"lines":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 400],
      [tooLong, 400],
      [huge, 413],
    ] as const) {
      const { status, body: answer } = await admin.request('POST', at, body);
      assert.equal(status, expected, body.slice(0, 40));
      // What is no JSON at all Node-RED refuses, in its own words.
      if (typeof answer !== 'string') assert.equal(fieldOf(answer, 'code'), 'CONFIG_INVALID', body.slice(0, 40));
    }
    const proto = await admin.request(
      'POST',
      'runtimes/runtime/plugins/mine/enabled',
      '{"__proto__":{"enabled":true}}',
    );
    assert.equal(proto.status, 400);
    assert.ok(!existsSync(hostToml()));
  });

  it('with the name of a plugin that is none writes nothing', async () => {
    await start();
    for (const name of ['..%2f..%2fx', 'a%00b', 'x'.repeat(200), 'a%20b', '%5Dx', 'a%0A%5Bleds%5D']) {
      const { status } = await admin.post(`runtimes/runtime/plugins/${name}/enabled`, { enabled: true });
      assert.equal(status, 400, name);
    }
    assert.ok(!existsSync(hostToml()));
  });

  it('with a text of more than 64 KB is refused before it is read', async () => {
    await start();
    const text = `# ${'x'.repeat(65 * 1024)}`;
    const put = await admin.request('PUT', 'runtimes/runtime/config', JSON.stringify({ text, revision: 'none' }));
    assert.equal(put.status, 400);
    assert.equal((await admin.post('config/edit', { text, plugin: 'mine', enabled: true })).status, 400);
    assert.match(JSON.stringify((await admin.post('config/check', { text })).body), /at most 65536 bytes/);
  });
});

describe('each route of the editor', () => {
  it('is served once, however often the nodes are loaded', async () => {
    await start();
    const before = countRoutes();
    assert.ok(before > 5);
    serveAdmin(flow?.RED ?? assert.fail('the flow was not started'));
    assert.equal(countRoutes(), before);
  });
});

function countRoutes(): number {
  const stack: unknown = Reflect.get(Reflect.get(flow?.RED.httpAdmin ?? {}, '_router') ?? {}, 'stack');
  return Array.isArray(stack) ? stack.length : 0;
}
