/**
 * The editor's routes in a real Node-RED with users: who may do what, and a component's way from an upload to a plugin that
 * is polled. The package is this repository as it is built.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { bundledPlugin, bytesOf, fixture, REPOSITORY } from '../wasm/components';
import { HOST_TOML, onTab, pollNode, runtimeNode, STILL_WORLD, TAB } from './flow-nodes';
import { NodeRed } from './node-red';

/** bcrypt of "right". */
const PASSWORD = '$2b$04$YnFQxNKzYBlb9npwWzetkecmweyTFdyg.AmNGnDeC7gNpjX0VlVrm';
const USERS = {
  chief: '*',
  reader: 'read',
  keeper: ['wasi-runtime.write'],
  watcher: ['wasi-runtime.read'],
  stranger: ['flows.read', 'flows.write'],
} as const;
type User = keyof typeof USERS;

/** Translating a Python component takes its time on a busy machine. */
const READY_LIMIT_MS = 120_000;
const TOML = `${STILL_WORLD}[limits]\nload_deadline_ms = 120000\n[sensors.bme680]\ni2c_address = "0x76"\n[plugins.mine.settings]\naddress = "0x76"\n`;

/** No component. */
const HERE = join(REPOSITORY, 'package.json');
const SITE = onTab('site', 'dashboard', { runtime: 'runtime', plugin: 'dashboard', path: '/wasi' });

let nodeRed: NodeRed;
const tokens = new Map<User, string>();

before(async () => {
  const users = Object.entries(USERS).map(([username, permissions]) => ({ username, password: PASSWORD, permissions }));
  nodeRed = await NodeRed.start({
    linked: true,
    settings: { adminAuth: { type: 'credentials', users } },
    texts: {
      [HOST_TOML]: TOML,
      'flows.json': JSON.stringify([TAB, runtimeNode('runtime'), pollNode('poll', 'mine', [], { every: '0.5' }), SITE]),
    },
  });
  for (const user of Object.keys(USERS) as User[]) tokens.set(user, await tokenOf(user));
  await nodeRed.until('the runtime was open', async () => {
    const { body } = await ask('chief', 'GET', 'runtimes/runtime');
    return field(body, 'phase') === 'open';
  });
});
after(() => nodeRed.stop());

async function tokenOf(username: User): Promise<string> {
  const scope = [USERS[username]].flat().join(' ');
  const grant = { client_id: 'node-red-admin', grant_type: 'password', scope, username, password: 'right' };
  const response = await nodeRed.request('/auth/token', { method: 'POST', body: new URLSearchParams(grant) });
  assert.equal(response.status, 200, `${username}: ${response.status}`);
  return String(field(await response.json(), 'access_token'));
}

async function ask(user: User | undefined, method: string, path: string, body?: BodyInit, type = 'application/json') {
  const token = user && tokens.get(user);
  const response = await nodeRed.request(`/edge-wasi/${path}`, {
    method,
    headers: {
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'Content-Type': type }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text };
}

function field(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
}

const READS = [
  ['GET', 'runtimes/runtime/plugins'],
  ['GET', 'runtimes/runtime'],
  ['POST', 'config/check', '{"text":""}'],
  ['POST', 'config/edit', '{"text":"","plugin":"x","enabled":true}'],
] as const;

/** Each is wrong in a way that is looked at after who asks: what may ask is told so. */
const WRITES = [
  ['POST', 'runtimes/runtime/plugins/nobody/reload', '{}', 404],
  ['POST', 'runtimes/runtime/plugins/nobody/enabled', '{}', 400],
  ['POST', 'runtimes/runtime/plugins/nobody/grants', '{}', 400],
  ['DELETE', 'runtimes/runtime/plugins/nobody', undefined, 404],
  ['GET', 'runtimes/runtime/config', undefined, 200],
  ['PUT', 'runtimes/runtime/config', '{}', 400],
  ['POST', 'runtimes/runtime/uploads', '{}', 415],
  ['GET', 'runtimes/runtime/uploads/x', undefined, 404],
  ['POST', 'runtimes/runtime/uploads/x/install', '{}', 400],
  ['DELETE', 'runtimes/runtime/uploads/x', undefined, 404],
] as const;

describe('a user of Node-RED', () => {
  for (const user of ['chief', 'reader', 'watcher'] as const) {
    it(`(${user}) who may read reads`, async () => {
      for (const [method, path, body] of READS) assert.equal((await ask(user, method, path, body)).status, 200, path);
    });
  }

  for (const user of [undefined, 'stranger', 'keeper'] as const) {
    it(`(${user ?? 'nobody'}) who may not read reads nothing`, async () => {
      for (const [method, path, body] of READS) assert.equal((await ask(user, method, path, body)).status, 401, path);
    });
  }

  for (const user of ['chief', 'keeper'] as const) {
    it(`(${user}) who may write is heard`, async () => {
      for (const [method, path, body, status] of WRITES)
        assert.equal((await ask(user, method, path, body)).status, status, `${method} ${path}`);
    });
  }

  for (const user of [undefined, 'stranger', 'reader', 'watcher'] as const) {
    it(`(${user ?? 'nobody'}) who may not write is refused, before anything of the request is looked at`, async () => {
      for (const [method, path, body] of WRITES)
        assert.equal((await ask(user, method, path, body)).status, 401, `${method} ${path}`);
      const upload = await ask(user, 'POST', 'runtimes/runtime/uploads?name=a.wasm', 'x', 'application/wasm');
      assert.equal(upload.status, 401);
    });
  }
});

describe('a component that is uploaded', () => {
  const send = (name: string, path: string) =>
    ask(
      'chief',
      'POST',
      `runtimes/runtime/uploads?name=${name}`,
      new Blob([Buffer.from(bytesOf(path))]),
      'application/wasm',
    );
  const looked = (id: unknown) =>
    nodeRed.until('the upload was looked at', async () => {
      const { body } = await ask('chief', 'GET', `runtimes/runtime/uploads/${id}`);
      return field(body, 'state') !== 'inspecting' && body;
    });

  it('is shown, installed with what it asks for, and runs', async () => {
    const { status, body } = await send('mine.wasm', fixture('i2c_reader'));
    assert.equal(status, 202);
    const view = await looked(field(body, 'upload'));
    assert.equal(field(view, 'lines'), '[plugins.mine.grants]\ni2c = ["0x76"]');
    const lines = String(field(view, 'lines'));
    const install = JSON.stringify({ enabled: true, lines });
    const installed = await ask('chief', 'POST', `runtimes/runtime/uploads/${field(body, 'upload')}/install`, install);
    assert.equal(installed.status, 200, JSON.stringify(installed.body));
    assert.match(readFileSync(join(nodeRed.userDir, HOST_TOML), 'utf8'), /^i2c = \["0x76"\]$/m);
    const plugin = await nodeRed.until(
      'it was ready',
      async () => {
        const runtime = await ask('chief', 'GET', 'runtimes/runtime');
        const plugins: unknown = field(runtime.body, 'plugins');
        return Array.isArray(plugins) && plugins.find(({ name, state }) => name === 'mine' && state === 'ready');
      },
      READY_LIMIT_MS,
    );
    assert.equal(field(plugin, 'lines'), '');
    assert.equal(field(plugin, 'file'), join(nodeRed.userDir, 'wasi', 'plugins', 'mine.wasm'));
    const reload = await ask('chief', 'POST', 'runtimes/runtime/plugins/mine/reload', '{}');
    assert.equal(reload.status, 202);
    await nodeRed.until('the fresh instance took over', () => nodeRed.log.includes('a fresh instance took over'));
  });

  it('of 18 MB goes through while Node-RED answers others', async () => {
    const sending = send('large.wasm', bundledPlugin('bme680'));
    assert.equal((await ask('chief', 'GET', 'runtimes/runtime/plugins')).status, 200);
    const { status, body } = await sending;
    assert.equal(status, 202);
    assert.equal(field(await looked(field(body, 'upload')), 'state'), 'inspected');
    assert.equal((await ask('chief', 'DELETE', `runtimes/runtime/uploads/${field(body, 'upload')}`)).status, 204);
  });

  it('and breaks off leaves nothing behind', async () => {
    const headers = { Authorization: `Bearer ${tokens.get('chief')}`, 'Content-Type': 'application/wasm' };
    const url = `${nodeRed.url}/edge-wasi/runtimes/runtime/uploads?name=a.wasm`;
    const sending = request(url, { method: 'POST', headers });
    // That it was broken off is what it ends with.
    sending.on('error', () => undefined);
    sending.write(new Uint8Array(1_024));
    const dir = join(nodeRed.userDir, 'wasi', 'uploads');
    await nodeRed.until('it came in', async () => (await readdir(dir)).length === 1);
    sending.destroy();
    await nodeRed.until('it was removed', async () => (await readdir(dir)).length === 0);
  });

  it('and has no end is refused at 64 MiB, with a reason that is read', async () => {
    const { status, text } = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const headers = { Authorization: `Bearer ${tokens.get('chief')}`, 'Content-Type': 'application/wasm' };
      const url = `${nodeRed.url}/edge-wasi/runtimes/runtime/uploads?name=a.wasm`;
      const sending = request(url, { method: 'POST', headers }, (response) => {
        let text = '';
        response.on('data', (piece: Buffer) => {
          text += piece.toString();
        });
        response.on('end', () => {
          resolve({ status: response.statusCode, text });
          sending.destroy();
        });
      });
      sending.on('error', reject);
      const pieces = Array.from({ length: 70 }, () => Buffer.alloc(2 ** 20));
      Readable.from(pieces).pipe(sending);
    });
    assert.equal(status, 400);
    assert.match(text, /more than the 67108864 bytes/);
  });
});

describe('a file that is copied into the plugin folder of a real Node-RED', () => {
  const listed = async (name: string): Promise<object | undefined> => {
    const { body } = await ask('chief', 'GET', 'runtimes/runtime/plugins');
    return Array.isArray(body) ? body.find((plugin) => plugin.name === name) : undefined;
  };
  const pathOf = (name: string) => join(nodeRed.userDir, 'wasi', 'plugins', `${name}.wasm`);

  for (const [name, source, condition] of [
    ['copied', fixture('counter_v1'), 'unused'],
    ['asking', fixture('i2c_reader'), 'needs-grant'],
    ['broken', HERE, 'invalid'],
  ] as const) {
    it(`(${name}) is listed with what it is, and is in no list any more once it is removed`, async () => {
      assert.equal(await listed(name), undefined);
      await copyFile(source, pathOf(name));
      const plugin = await nodeRed.until('it is listed', async () => {
        const found = await listed(name);
        return field(found, 'condition') === condition && found;
      });
      assert.equal(field(plugin, 'polls'), 0);
      if (condition === 'invalid') assert.match(String(field(field(plugin, 'lastError'), 'message')), /component/);
      const removal = await ask('chief', 'DELETE', `runtimes/runtime/plugins/${name}`);
      assert.deepEqual(removal, { status: 200, body: { removed: pathOf(name) } });
      assert.equal(await listed(name), undefined);
      assert.equal(existsSync(pathOf(name)), false);
    });
  }

  it('and comes with the package as well gives way to that, which cannot be removed', async () => {
    await copyFile(fixture('counter_v1'), pathOf('pi_monitor'));
    await nodeRed.until(
      'the file runs',
      async () => field(await listed('pi_monitor'), 'origin') === 'file',
      READY_LIMIT_MS,
    );
    assert.equal((await ask('chief', 'DELETE', 'runtimes/runtime/plugins/pi-monitor')).status, 200);
    assert.equal(field(await listed('pi_monitor'), 'origin'), 'bundled');
    const refused = await ask('chief', 'DELETE', 'runtimes/runtime/plugins/pi_monitor');
    assert.equal(refused.status, 409);
    assert.match(String(field(refused.body, 'message')), /comes with the package/);
  });

  it('is not removed by a request that another site sends', async () => {
    await copyFile(fixture('counter_v1'), pathOf('safe'));
    const response = await nodeRed.request('/edge-wasi/runtimes/runtime/plugins/safe', {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${tokens.get('chief')}`, 'Sec-Fetch-Site': 'cross-site' },
    });
    assert.equal(response.status, 403);
    assert.equal(existsSync(pathOf('safe')), true);
  });
});

describe('a plugin that is polled and then removed in a real Node-RED', () => {
  it('is in no list, health, metrics or reading any more, and its node says so', async () => {
    // It was uploaded, granted and polled above.
    await nodeRed.until('it was read', async () =>
      /wasi_reading.*plugin="mine"/.test(await nodeRed.text('/wasi/metrics')),
    );
    const removal = await ask('chief', 'DELETE', 'runtimes/runtime/plugins/mine');
    assert.equal(removal.status, 200, JSON.stringify(removal.body));
    assert.equal(field(removal.body, 'written'), join(nodeRed.userDir, HOST_TOML));
    await nodeRed.until('no page has it', async () => {
      const texts = await Promise.all(
        ['readings', 'health'].map(async (name) => (await nodeRed.request(`/wasi/api/${name}`)).text()),
      );
      texts.push(
        await nodeRed.text('/wasi/metrics'),
        JSON.stringify((await ask('chief', 'GET', 'runtimes/runtime')).body),
      );
      return texts.every((text) => !/"mine"/.test(text));
    });
    assert.equal((await nodeRed.request('/wasi/api/health')).status, 200);
    assert.doesNotMatch(readFileSync(join(nodeRed.userDir, HOST_TOML), 'utf8'), /plugins\.mine/);
    assert.match(await nodeRed.text('/wasi/api/history.csv'), /,mine,/);
  });
});

describe('host.toml in the editor of a real Node-RED', () => {
  it('turns a plugin off and on while it runs', async () => {
    const stateOf = async (name: string): Promise<unknown> => {
      const { body } = await ask('chief', 'GET', 'runtimes/runtime/plugins');
      return Array.isArray(body) ? body.find((plugin) => plugin.name === name)?.state : undefined;
    };
    for (const [enabled, state] of [
      [false, 'disabled'],
      [true, 'ready'],
    ] as const) {
      const answer = await ask('chief', 'POST', 'runtimes/runtime/plugins/dht22/enabled', JSON.stringify({ enabled }));
      assert.deepEqual(answer, { status: 200, body: { written: join(nodeRed.userDir, HOST_TOML) } });
      await nodeRed.until(`dht22 was ${state}`, async () => (await stateOf('dht22')) === state);
    }
  });

  it('is left alone by what Node-RED refuses: too long, or no JSON', async () => {
    for (const [body, status] of [
      ['{', 400],
      [JSON.stringify({ text: 'x'.repeat(6_000_000), revision: '' }), 413],
    ] as const) {
      const answer = await ask('chief', 'PUT', 'runtimes/runtime/config', body);
      assert.equal(answer.status, status);
    }
  });
});
