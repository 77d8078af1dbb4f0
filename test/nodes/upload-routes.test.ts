import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { WasiError } from '../../src/errors/wasi-error';
import { scratchFolder } from '../wasm/components';
import { AdminClient, fieldOf } from './admin';
import { FakeRuntime, failing } from './fake-runtime';
import { Flow, RUNTIME, USER } from './flow';

const UPLOADS = 'runtimes/runtime/uploads';
const WASM = { 'Content-Type': 'application/wasm' };

let flow: Flow | undefined;
let admin: AdminClient;
let runtime: FakeRuntime;
let userDir: string;
const ends: (() => void)[] = [];

beforeEach(async () => {
  runtime = new FakeRuntime();
  userDir = scratchFolder({ after: (end) => ends.push(end) });
  flow = await Flow.start([RUNTIME, USER], async () => runtime, { userDir });
  admin = await AdminClient.of(flow);
});

afterEach(async () => {
  admin.close();
  await flow?.stop();
  for (const end of ends.splice(0)) end();
});

function upload(name: string, body: BodyInit, headers: Readonly<Record<string, string>> = WASM) {
  return admin.request('POST', `${UPLOADS}?name=${encodeURIComponent(name)}`, body, headers);
}

describe('the editor uploads a component', () => {
  it('which goes as it is to the runtime', async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
    assert.deepEqual(await upload('my_sensor.wasm', new Blob([bytes])), {
      status: 202,
      body: { upload: 'my_sensor.wasm' },
    });
    assert.deepEqual(runtime.admin.uploads.received.get('my_sensor.wasm'), Buffer.from(bytes));
  });

  it('and asks what is known of it', async () => {
    await upload('a.wasm', 'x');
    assert.deepEqual(await admin.get(`${UPLOADS}/a.wasm`), { status: 200, body: { state: 'inspecting' } });
    runtime.admin.uploads.seen = { state: 'refused', code: 'PLUGIN_INVALID', message: 'no' };
    assert.deepEqual((await admin.get(`${UPLOADS}/a.wasm`)).body, {
      state: 'refused',
      code: 'PLUGIN_INVALID',
      message: 'no',
    });
    assert.equal((await admin.get(`${UPLOADS}/b.wasm`)).status, 404);
  });

  it('and installs it with host.toml, or removes it', async () => {
    await upload('mine', 'x');
    const { status, body } = await admin.post(`${UPLOADS}/mine/install`, { enabled: false, lines: 'fan = true' });
    const path = join(userDir, 'wasi', 'host.toml');
    assert.deepEqual([status, body], [200, { installed: 'mine', written: path }]);
    assert.deepEqual(runtime.admin.uploads.wishes, [{ enabled: false, lines: 'fan = true' }]);
    assert.match(readFileSync(path, 'utf8'), /\[plugins\.mine\]\nenabled = false/);
    assert.deepEqual(await admin.request('DELETE', `${UPLOADS}/mine`), { status: 204, body: undefined });
    assert.equal((await admin.request('DELETE', `${UPLOADS}/mine`)).status, 404);
  });

  for (const [code, status] of [
    ['PLUGIN_INVALID', 400],
    ['POLL_BUSY', 503],
    ['RUNTIME_CLOSED', 503],
  ] as const) {
    it(`and reads why it was not taken in (${code}), although it had not sent it all`, async () => {
      runtime.admin.uploads.onReceive = () => Promise.reject(new WasiError(code, 'no'));
      const answer = await upload('a.wasm', new Blob([new Uint8Array(3_000_000)]));
      assert.deepEqual(answer, { status, body: { code, message: 'no' } });
    });
  }

  it('to a runtime that is open alone', async () => {
    admin.close();
    await flow?.stop();
    flow = await Flow.start([RUNTIME, USER], failing('CONFIG_INVALID'), { userDir });
    admin = await AdminClient.of(flow);
    assert.equal((await upload('a.wasm', 'x')).status, 503);
  });
});

describe('an upload of another kind', () => {
  it('that a form of a foreign page could send, or another site sends, is not taken in', async () => {
    for (const type of [
      'text/plain',
      'application/octet-stream',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
      'application/json',
      '',
    ]) {
      assert.equal((await upload('a.wasm', '{}', { 'Content-Type': type })).status, 415, type);
    }
    assert.equal((await upload('a.wasm', 'x', { ...WASM, 'Sec-Fetch-Site': 'cross-site' })).status, 403);
    assert.equal(runtime.admin.uploads.received.size, 0);
  });

  it('that says it is too large is not even read', async () => {
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { ...WASM, 'Content-Length': 64 * 2 ** 20 + 1 };
      const sent = request(`${admin.url}${UPLOADS}?name=a.wasm`, { method: 'POST', headers }, (response) => {
        resolve(response.statusCode);
        sent.destroy();
      });
      sent.on('error', reject);
      sent.flushHeaders();
    });
    assert.equal(answer, 413);
    assert.equal(runtime.admin.uploads.received.size, 0);
  });

  it('without a name, with two, or with two wishes that are none is refused', async () => {
    for (const query of ['', '?name=a.wasm&name=b.wasm', '?name[x]=a.wasm'])
      assert.equal((await admin.request('POST', `${UPLOADS}${query}`, 'x', WASM)).status, 400, query);
    await upload('a', 'x');
    for (const body of [{}, { enabled: 1 }, { enabled: true, lines: 3 }, []])
      assert.equal((await admin.post(`${UPLOADS}/a/install`, body)).status, 400, JSON.stringify(body));
    assert.ok(!existsSync(join(userDir, 'wasi', 'host.toml')));
    assert.equal(fieldOf((await admin.get('runtimes/runtime')).body, 'phase'), 'open');
  });
});
