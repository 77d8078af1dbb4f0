/** Plugins of the user's own in the user directory: which file is run, how a new one takes over, what it may reach. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fixture } from '../wasm/components';
import { catchNode, debugNode, injectNode, inlineRuntime, pollNode, runtimeWithOnly, TAB } from './flow-nodes';
import { NodeRed } from './node-red';

const PLUGINS = join('wasi', 'plugins');

let nodeRed: NodeRed;
before(async () => {
  nodeRed = await NodeRed.start();
  await mkdir(join(nodeRed.userDir, PLUGINS), { recursive: true });
});
after(() => nodeRed.stop());

function pathOf(plugin: string): string {
  return join(nodeRed.userDir, PLUGINS, `${plugin}.wasm`);
}

/** Deploys a button that polls `plugin`; ids are made of its name, since /comms repeats old ones. */
async function deployPoll(plugin: string, toml = ''): Promise<void> {
  const [go, poll, out, caught, failed] = ['go', 'poll', 'out', 'caught', 'failed'].map((id) => `${id}-${plugin}`);
  assert.ok(go && poll && out && caught && failed);
  await nodeRed.deploy([
    TAB,
    runtimeWithOnly('runtime', [plugin], toml),
    injectNode(go, [poll]),
    pollNode(poll, plugin, [out]),
    debugNode(out, 'payload'),
    catchNode(caught, [failed]),
    debugNode(failed),
  ]);
}

/** Polls until a reading fits; errors on the way are what the tests look at elsewhere. */
async function polled(plugin: string, fits: (payload: object) => boolean): Promise<object> {
  return nodeRed.until(`a reading of ${plugin} that fits`, async () => {
    const [out, failed] = [`out-${plugin}`, `failed-${plugin}`];
    const ends = () => nodeRed.comms.debugs(out).length + nodeRed.comms.debugs(failed).length;
    const before = ends();
    await nodeRed.inject(`go-${plugin}`);
    await nodeRed.until('the poll ended', () => ends() > before);
    const payload = nodeRed.comms.debugs(out).at(-1);
    return typeof payload === 'object' && payload !== null && fits(payload) ? payload : undefined;
  });
}

/** What the last poll of `plugin` failed with. */
async function failure(plugin: string): Promise<{ code: string; message: string }> {
  const known = nodeRed.comms.debugs(`failed-${plugin}`).length;
  await nodeRed.inject(`go-${plugin}`);
  const message = (await nodeRed.untilDebugs(`failed-${plugin}`, known + 1)).at(-1);
  assert.ok(typeof message === 'object' && message !== null && 'error' in message);
  const { error } = message;
  assert.ok(typeof error === 'object' && error !== null && 'code' in error && 'message' in error);
  return { code: String(error.code), message: String(error.message) };
}

async function origin(plugin: string): Promise<string> {
  const plugins: readonly { name: string; origin: string }[] = await nodeRed.json(
    '/edge-wasi/runtimes/runtime/plugins',
  );
  return plugins.find(({ name }) => name === plugin)?.origin ?? 'unlisted';
}

function versionIs(version: number): (payload: object) => boolean {
  return (payload) => 'version' in payload && payload.version === version;
}

describe('a bundled plugin', () => {
  it('runs as it was installed: nothing is transpiled on the target', async () => {
    await deployPoll('dht22');
    await polled('dht22', (payload) => 'temperature' in payload);
    assert.equal(await origin('dht22'), 'bundled');
    const components = join(nodeRed.userDir, 'wasi', 'prepared', 'components');
    assert.deepEqual(existsSync(components) ? readdirSync(components) : [], []);
  });

  it('gives way to a file of its name in the plugin folder, and comes back when that is gone', async () => {
    await copyFile(fixture('counter_v1'), pathOf('bme680'));
    await deployPoll('bme680');
    await polled('bme680', versionIs(1));
    assert.equal(await origin('bme680'), 'file');
    await rm(pathOf('bme680'));
    await deployPoll('bme680');
    await polled('bme680', (payload) => 'gasResistance' in payload);
    assert.equal(await origin('bme680'), 'bundled');
  });
});

describe('a file copied into the plugin folder', () => {
  it('is found without a deploy, though a poll asked for it before', async () => {
    await deployPoll('late');
    assert.equal((await failure('late')).code, 'PLUGIN_NOT_FOUND');
    await copyFile(fixture('counter_v1'), pathOf('late'));
    assert.deepEqual(await polled('late', versionIs(1)), { count: 1, version: 1 });
  });

  it('takes over between two polls', async () => {
    await copyFile(fixture('counter_v1'), pathOf('counter'));
    await deployPoll('counter');
    await polled('counter', versionIs(1));
    await copyFile(fixture('counter_v2'), pathOf('counter'));
    assert.deepEqual(await polled('counter', versionIs(2)), { count: 1, version: 2 });
    assert.match(nodeRed.log, /counter: a new file took over/);
    await nodeRed.untilStatus('poll-counter', /^green dot/);
    const shown = nodeRed.comms.statuses('poll-counter').map(({ fill, shape, text }) => `${fill} ${shape} ${text}`);
    assert.ok(shown.includes('yellow ring reloading (sim)'), shown.join(', '));
  });

  it('goes on where the old one was, if both agree to', async () => {
    await copyFile(fixture('counter_kept_v1'), pathOf('kept'));
    await deployPoll('kept');
    await polled('kept', (payload) => 'count' in payload && payload.count === 3);
    await copyFile(fixture('counter_kept_v2'), pathOf('kept'));
    const payload = await polled('kept', versionIs(2));
    assert.ok('count' in payload && Number(payload.count) > 3);
  });

  it('that is no component leaves the old one running, and the log says so once', async () => {
    await copyFile(fixture('counter_v1'), pathOf('kind'));
    await deployPoll('kind');
    await polled('kind', versionIs(1));
    await writeFile(`${pathOf('kind')}.new`, 'this is no component');
    await rename(`${pathOf('kind')}.new`, pathOf('kind'));
    const refused = /kind: its new file cannot be used and the old one goes on\. PLUGIN_INVALID/g;
    await polled('kind', () => refused.test(nodeRed.log));
    const payload = await polled('kind', versionIs(1));
    assert.ok('count' in payload && Number(payload.count) > 1, 'the same instance counts on');
    assert.equal(nodeRed.log.match(refused)?.length, 1);
  });
});

describe('what a plugin may reach', () => {
  it('is refused until host.toml grants it, in the words that host.toml needs', async () => {
    await copyFile(fixture('i2c_reader'), pathOf('i2c_reader'));
    await deployPoll('i2c_reader');
    const { code, message } = await failure('i2c_reader');
    assert.equal(code, 'CAPABILITY_DENIED');
    await nodeRed.untilStatus('poll-i2c_reader', 'red ring not granted (sim)');
    const lines = message.slice(message.indexOf('[plugins.i2c_reader.grants]'));
    assert.match(lines, /^\[plugins\.i2c_reader\.grants\]\ni2c = \["/);
    await deployPoll('i2c_reader', '[plugins.i2c_reader.grants]\ni2c = ["0x77"]\n');
    assert.deepEqual(await polled('i2c_reader', () => true), { register: 0x61 });
  });
});

describe('two runtimes', () => {
  it('have plugin folders, settings and LEDs of their own', async () => {
    await mkdir(join(nodeRed.userDir, 'other'), { recursive: true });
    await copyFile(fixture('counter_v1'), pathOf('mine'));
    await copyFile(fixture('counter_v2'), join(nodeRed.userDir, 'other', 'mine.wasm'));
    const dark = '[leds]\ncount = 2\n[plugins.dht22]\nenabled = false\n';
    const second = { runtime: 'second' };
    await nodeRed.deploy([
      TAB,
      inlineRuntime('first'),
      inlineRuntime('second', dark, { pluginDir: 'other' }),
      injectNode('both', ['one', 'two', 'room']),
      pollNode('one', 'mine', ['out-one'], { runtime: 'first' }),
      pollNode('two', 'mine', ['out-two'], second),
      pollNode('room', 'dht22', [], second),
      debugNode('out-one', 'payload'),
      debugNode('out-two', 'payload'),
    ]);
    await nodeRed.inject('both');
    assert.deepEqual(await nodeRed.untilDebugs('out-one'), [{ count: 1, version: 1 }]);
    assert.deepEqual(await nodeRed.untilDebugs('out-two'), [{ count: 1, version: 2 }]);
    await nodeRed.untilStatus('room', 'grey ring disabled (sim)');
  });
});
