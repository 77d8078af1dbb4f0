/** A plugin that is taken away: by the editor, with all that belongs to it, or by hand, by removing its file. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { HostTomlFile } from '../../src/host-config/host-toml-file';
import type { RuntimeEvent } from '../../src/runtime-api/runtime-api';
import { until } from '../support/until';
import { LEDS_OFF, type Lifetime, NONE_BUNDLED, TestRuntime, userDirectory } from './test-runtime';

const LIMITS = '[limits]\nload_deadline_ms = 300000\n';

interface Host {
  readonly host: TestRuntime;
  readonly hostToml: HostTomlFile;
  readonly events: RuntimeEvent[];
  toml(): string;
}

/** With a host.toml that is a file, as one that the editor writes. */
async function open(
  t: Lifetime & { after(end: () => void): void },
  toml: string,
  files: Readonly<Record<string, string>>,
): Promise<Host> {
  const userDir = userDirectory(t);
  const path = join(userDir, 'wasi', 'host.toml');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${NONE_BUNDLED}${LIMITS}${toml}`);
  const host = await TestRuntime.open(t, '', files, { userDir, configSource: 'file', configText: '' });
  const events: RuntimeEvent[] = [];
  host.runtime.subscribe((event) => events.push(event));
  const hostToml = new HostTomlFile({ configSource: 'file', configFile: '', configText: '', userDir });
  return { host, hostToml, events, toml: () => readFileSync(path, 'utf8') };
}

function isListed({ host }: Host, plugin: string): boolean {
  return host.runtime.plugins().some(({ name }) => name === plugin);
}

async function viewOf({ host }: Host, plugin: string) {
  return (await host.runtime.admin.pluginViews()).find(({ name }) => name === plugin);
}

function reads({ host }: Host, plugin: string): boolean {
  return host.runtime.latestReadings().some((reading) => reading.plugin === plugin);
}

describe('a plugin that the editor removes', () => {
  it('is gone from everything, with its file, its tables in host.toml and what it kept', async (t) => {
    const opened = await open(t, '# mine\n[plugins.counter]\nled = 3\n[plugins.counter.grants]\nstate_store = true\n', {
      counter: 'counter_v1',
    });
    const { host, hostToml, events } = opened;
    await host.poll('counter');
    const kept = join(host.userDir, 'wasi', 'state', 'counter.json');
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(kept, '{}');
    const removed = await host.runtime.admin.remove('counter', hostToml);
    assert.deepEqual(removed, { removed: host.file('counter'), written: hostToml.path });
    assert.equal(existsSync(host.file('counter')), false);
    assert.equal(existsSync(kept), false);
    assert.doesNotMatch(opened.toml(), /counter|mine/);
    await until(() => !isListed(opened, 'counter'));
    assert.equal(await viewOf(opened, 'counter'), undefined);
    assert.equal(reads(opened, 'counter'), false);
    assert.deepEqual(host.runtime.history('counter', 'count'), []);
    await until(() => events.some((event) => event.kind === 'removed' && event.plugin === 'counter'));
    assert.ok(events.some((event) => event.kind === 'unknown' && event.readings[0]?.plugin === 'counter'));
    assert.ok(host.runtime.minuteHistory.fields({}).some(({ place }) => place.plugin === 'counter'));
    await assert.rejects(host.runtime.poll('counter'), { code: 'PLUGIN_NOT_FOUND' });
    await assert.rejects(host.runtime.admin.remove('counter', hostToml), { code: 'PLUGIN_NOT_FOUND' });
  });

  it('is gone where host.toml never named it, whatever spelling its file has', async (t) => {
    const opened = await open(t, '', { 'my-counter': 'counter_v1' });
    const { host, hostToml } = opened;
    const before = opened.toml();
    await host.poll('my_counter');
    assert.deepEqual(await host.runtime.admin.remove('my_counter', hostToml), { removed: host.file('my-counter') });
    assert.equal(isListed(opened, 'my_counter'), false);
    assert.equal(opened.toml(), before);
  });

  it('in the middle of a call is ended, and the call with it', async (t) => {
    const settings =
      '[plugins.faults.limits]\ndeadline_ms = 60000\n[plugins.faults.settings]\nfault = "spin"\nfault_at = 1\n';
    const opened = await open(t, `[plugins.faults]\n${settings}`, { faults: 'faults' });
    const { host, hostToml } = opened;
    await host.until(() => host.plugin('faults').state === 'ready');
    const call = assert.rejects(host.runtime.poll('faults'), { code: 'RUNTIME_CLOSED' });
    await host.until(() => host.plugin('faults').state === 'polling');
    await host.runtime.admin.remove('faults', hostToml);
    await call;
    await until(() => !isListed(opened, 'faults'));
  });

  it('whose place one of the package takes again keeps its tables, and that one runs', async (t) => {
    const opened = await open(t, '', {});
    const { host, hostToml } = opened;
    host.copyIn('pi_monitor', 'counter_v1');
    writeFileSync(
      hostToml.path ?? '',
      `${LIMITS}${opened
        .toml()
        .replace(LIMITS, '')
        .replace(/(pi_monitor\]\nenabled = )false/, '$1true')}`,
    );
    await host.until(() => host.runtime.plugin('pi_monitor')?.origin === 'file');
    const before = opened.toml();
    assert.deepEqual(await host.runtime.admin.remove('pi-monitor', hostToml), { removed: host.file('pi_monitor') });
    assert.equal(host.plugin('pi_monitor').origin, 'bundled');
    assert.equal(opened.toml(), before);
    await assert.rejects(host.runtime.admin.remove('pi_monitor', hostToml), {
      code: 'CONFIG_INVALID',
      message: /comes with the package/,
    });
  });

  it('lets its LEDs and its relays go, but for what another plugin may use', async (t) => {
    const grants = '[plugins.lights.grants]\nfan = true\nbuzzer = true\n[plugins.counter]\nleds = [0]\n';
    const opened = await open(t, `[plugins.lights]\nleds = [0, 1]\n${grants}`, {
      lights: 'lights',
      counter: 'counter_v1',
    });
    const { host, hostToml } = opened;
    await host.poll('lights');
    await host.runtime.simulate({ fan: true, buzzer: 60_000 });
    const lit = (await host.runtime.syncLeds()).leds;
    assert.ok(lit[0] !== LEDS_OFF[0] && lit[1] !== LEDS_OFF[1], lit.join());
    await host.runtime.admin.remove('lights', hostToml);
    const { leds } = await host.runtime.syncLeds();
    assert.equal(leds[1], LEDS_OFF[1]);
    assert.equal(leds[0], lit[0], 'it may be the other one’s');
    const { fan, buzzer } = await host.runtime.simulate();
    assert.deepEqual({ fan, buzzer }, { fan: false, buzzer: false });
  });

  it('where host.toml cannot be written is ended all the same, and what is left to do is said', async (t) => {
    const inline = `${NONE_BUNDLED}${LIMITS}[plugins.counter]\nenabled = true\n`;
    const host = await TestRuntime.open(t, inline, { counter: 'counter_v1' });
    await host.poll('counter');
    const text = new HostTomlFile({
      configSource: 'inline',
      configFile: '',
      configText: inline,
      userDir: host.userDir,
    });
    const { removed, written, left } = await host.runtime.admin.remove('counter', text);
    assert.deepEqual([removed, written], [host.file('counter'), undefined]);
    assert.match(left ?? '', /text of the wasi-runtime node/);
    await host.until(() => host.plugin('counter').state === 'backing-off');
    const view = (await host.runtime.admin.pluginViews()).find(({ name }) => name === 'counter');
    assert.deepEqual([view?.condition, view?.origin, view?.file], ['no-file', 'missing', undefined]);
    assert.deepEqual(host.runtime.latestReadings(), []);
  });
});

describe('a plugin whose file somebody removes', () => {
  it('is gone from everything if host.toml does not name it, and is back with its file', async (t) => {
    const opened = await open(t, '', { counter: 'counter_v1' });
    const { host } = opened;
    await host.poll('counter');
    rmSync(host.file('counter'));
    await host.until(() => !isListed(opened, 'counter'));
    assert.equal(reads(opened, 'counter'), false);
    assert.equal(await viewOf(opened, 'counter'), undefined);
    await assert.rejects(host.runtime.poll('counter'), { code: 'PLUGIN_NOT_FOUND' });
    host.copyIn('counter', 'counter_v1');
    assert.equal((await viewOf(opened, 'counter'))?.condition, 'unused');
    assert.deepEqual(await host.poll('counter'), { count: 1, version: 1 });
  });

  it('goes on while host.toml names it, and the editor says that there is no file', async (t) => {
    const opened = await open(t, '[plugins.counter]\n', { counter: 'counter_v1' });
    const { host } = opened;
    await host.poll('counter');
    rmSync(host.file('counter'));
    await host.until(() => host.logged('warn', /its file is gone/).length > 0);
    assert.deepEqual(await host.poll('counter'), { count: 2, version: 1 });
    assert.equal((await viewOf(opened, 'counter'))?.origin, 'missing');
  });

  it('goes on while the whole folder is away: it may be a drive that comes back', async (t) => {
    const opened = await open(t, '', { counter: 'counter_v1' });
    const { host } = opened;
    await host.poll('counter');
    const folder = dirname(host.file('counter'));
    renameSync(folder, `${folder}.aside`);
    assert.deepEqual(await host.poll('counter'), { count: 2, version: 1 });
    renameSync(`${folder}.aside`, folder);
    assert.deepEqual(await host.poll('counter'), { count: 3, version: 1 });
  });
});

describe('a file that is copied into the plugin folder', () => {
  it('is there at once, with what keeps it from running', async (t) => {
    const opened = await open(t, '[plugins.off]\nenabled = false\n', {});
    const { host } = opened;
    for (const [name, guest] of [
      ['fine', 'counter_v1'],
      ['off', 'counter_v1'],
      ['asking', 'i2c_reader'],
    ] as const)
      host.copyIn(name, guest);
    writeFileSync(host.file('broken'), 'no component');
    const condition = async (name: string) => (await viewOf(opened, name))?.condition;
    await until(async () => (await condition('fine')) === 'unused');
    await until(async () => (await condition('asking')) === 'needs-grant');
    await until(async () => (await condition('broken')) === 'invalid');
    assert.equal(await condition('off'), 'disabled');
    assert.match((await viewOf(opened, 'broken'))?.lastError?.message ?? '', /component/);
    await host.poll('fine');
    assert.equal(await condition('fine'), 'ready');
    await assert.rejects(host.runtime.poll('asking'), { code: 'CAPABILITY_DENIED' });
    assert.equal(await condition('asking'), 'needs-grant');
    await assert.rejects(host.runtime.poll('broken'), { code: 'PLUGIN_INVALID' });
    assert.equal(await condition('broken'), 'invalid');
  });
});
