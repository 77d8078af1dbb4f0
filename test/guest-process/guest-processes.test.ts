/** Which process a guest runs in, what such a process may do, and what becomes of guests when it ends. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Guest } from '../../src/guest-process/guest';
import { permissionFlag } from '../../src/guest-process/permission-flag';
import { until } from '../support/until';
import { fixture, polling } from '../wasm/components';
import { Engine, metricsOf, poll } from '../wasm/engine';

const LIMIT = { timeout: 120_000 };
const NOT_LINUX = process.platform === 'linux' ? false : 'reads /proc, which only Linux has';
const LOGIC = 'test:test/logic';
const SHORT_MS = 300;

/** A guest that computes without end when it is called. */
async function spinning(engine: Engine, isolation: 'shared' | 'process' = 'shared'): Promise<Guest> {
  const bytes = await polling('(result u32)', '(func (export "poll") (result i32) (loop $l (br $l)) (i32.const 0))');
  return engine.start(engine.file(bytes), { isolation });
}

function onlyPid(engine: Engine): number {
  const [pid, ...others] = engine.processes.pids;
  assert.ok(pid !== undefined);
  assert.deepEqual(others, []);
  return pid;
}

describe('guests', () => {
  it('share one process, unless one is to have its own', LIMIT, async (t) => {
    const engine = new Engine(t);
    await engine.start(fixture('counter_v1'));
    await engine.start(fixture('faults'));
    const shared = onlyPid(engine);
    assert.notEqual(shared, process.pid);
    await engine.start(fixture('counter_v1'), { isolation: 'process' });
    assert.equal(engine.processes.pids.length, 2);
    assert.ok(engine.processes.pids.includes(shared));
  });

  it(
    'that are called when their process ends have one of their own the next time; idle ones share again',
    LIMIT,
    async (t) => {
      const engine = new Engine(t);
      const idle = await engine.start(fixture('counter_v1'));
      const called = await spinning(engine);
      const pid = onlyPid(engine);
      const call = called.call(LOGIC, 'poll', [], 60_000);
      process.kill(pid, 'SIGKILL');
      await assert.rejects(call, {
        code: 'PLUGIN_TRAPPED',
        message: /the process that runs the plugins ended, it was ended by SIGKILL/,
      });
      await assert.rejects(poll(idle), { code: 'PLUGIN_TRAPPED', message: /the process that runs the plugins ended/ });
      await until(() => engine.ends.length > 0);
      assert.deepEqual(engine.ends, ['the process of the plugins: it was ended by SIGKILL']);

      const again = await engine.start(fixture('counter_v1'));
      const shared = onlyPid(engine);
      await spinning(engine);
      assert.equal(engine.processes.pids.length, 2, 'the suspect runs alone');
      const [alone = 0] = engine.processes.pids.filter((each) => each !== shared);
      process.kill(alone, 'SIGKILL');
      await until(() => engine.processes.pids.length === 1);
      assert.equal(metricsOf(await poll(again))['count'], 1);
    },
  );

  it('are more than one process has room for: a further one takes them', LIMIT, async (t) => {
    const engine = new Engine(t);
    const bytes = await polling('(result u32)', '(func (export "poll") (result i32) (i32.const 7))');
    const component = await engine.load(engine.file(bytes));
    const guests = await Promise.all(Array.from({ length: 40 }, () => engine.startLoaded(component)));
    assert.equal(engine.processes.pids.length, 2);
    for (const guest of guests) assert.equal((await guest.call(LOGIC, 'poll', [], 60_000)).value, 7);
  });

  it('go on when the thread of another one is ended', LIMIT, async (t) => {
    const engine = new Engine(t);
    const neighbour = await engine.start(fixture('counter_v1'));
    const pid = onlyPid(engine);
    const guest = await spinning(engine);
    await assert.rejects(guest.call(LOGIC, 'poll', [], SHORT_MS), { code: 'PLUGIN_DEADLINE' });
    await engine.threadsEnded(1);
    assert.equal(metricsOf(await poll(neighbour))['count'], 1);
    assert.equal(onlyPid(engine), pid);
  });

  it('reuse the channel of one that was ended in the middle of something', LIMIT, async (t) => {
    const engine = new Engine(t);
    for (let round = 0; round < 40; round += 1) {
      const guest = await spinning(engine);
      await assert.rejects(guest.call(LOGIC, 'poll', [], 5), { code: 'PLUGIN_DEADLINE' });
      await engine.threadsEnded();
    }
    assert.equal(metricsOf(await poll(await engine.start(fixture('counter_v1'))))['count'], 1);
    assert.deepEqual(engine.ends, []);
  });

  it('in a process that is stopped are ended with it: one that is called at its deadline', LIMIT, async (t) => {
    const engine = new Engine(t, { timing: { watchMs: 200, endLimitMs: 300 } });
    const guest = await engine.start(fixture('counter_v1'));
    process.kill(onlyPid(engine), 'SIGSTOP');
    await assert.rejects(poll(guest, SHORT_MS), { code: 'PLUGIN_DEADLINE' });
    await until(() => engine.ends.length > 0);
    assert.match(engine.ends[0] ?? '', /could not be stopped/);
  });

  it('in a process that is stopped are ended with it: idle ones when it does not respond', LIMIT, async (t) => {
    const engine = new Engine(t, { timing: { watchMs: 20, endLimitMs: 300 } });
    const guest = await engine.start(fixture('counter_v1'));
    process.kill(onlyPid(engine), 'SIGSTOP');
    await until(() => !guest.alive);
    await assert.rejects(poll(guest), { code: 'PLUGIN_DEADLINE', message: /it did not respond any more/ });
  });
});

describe('the process of guests', () => {
  it('has no environment, no files but its sockets, low priority, and dies first', {
    ...LIMIT,
    skip: NOT_LINUX,
  }, async (t) => {
    process.env['EDGE_WASI_TEST_SECRET'] = 'secret';
    const engine = new Engine(t);
    await engine.start(fixture('counter_v1'));
    const pid = onlyPid(engine);
    const proc = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'latin1').trim();
    assert.equal(proc('environ'), '');
    await until(() => proc('oom_score_adj') === '1000');
    await until(() => Number.parseInt(proc('coredump_filter'), 16) === 0);
    assert.equal(getPriority(pid), Math.min(19, getPriority() + 5));
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    const foreign = open.filter((target) => !/^(?:socket|pipe|anon_inode):|^\/dev\/null$/.test(target));
    assert.deepEqual(foreign, []);
    assert.deepEqual(readdirSync(`/proc/${pid}/cwd`), []);
    if (permissionFlag(process.versions.node)) assert.match(proc('cmdline'), /permission/);
  });

  it('ends when Node-RED is killed, with a guest in an endless loop', { ...LIMIT, skip: NOT_LINUX }, async () => {
    const parent = spawn(process.execPath, [`${__dirname}/fixtures/spinning-parent.js`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    for await (const chunk of parent.stdout) {
      said += String(chunk);
      if (said.includes('\n')) break;
    }
    const pid = Number(said);
    assert.ok(pid > 0, said);
    parent.kill('SIGKILL');
    await until(() => !isAlive(pid), 'the process of the guests is gone');
  });
});

describe('a process of guests that cannot be started', () => {
  it('because too many files are open is an error of the plugin, and Node-RED goes on', {
    ...LIMIT,
    skip: NOT_LINUX,
  }, () => {
    const limited = `ulimit -n 50; exec "${process.execPath}" "${join(__dirname, 'fixtures', 'few-descriptors.js')}"`;
    const { stdout, status } = spawnSync('/bin/sh', ['-c', limited], { encoding: 'utf8', timeout: 60_000 });
    assert.match(stdout, /^SYSTEM_SHORTAGE: no process for plugins could be started.*LimitNOFILE.*\nlives on\n$/);
    assert.equal(status, 0);
  });
});

describe('the option that limits a process', () => {
  for (const [version, flag] of [
    ['18.20.8', undefined],
    ['20.20.2', '--experimental-permission'],
    ['20.11.0', undefined],
    ['22.12.0', undefined],
    ['22.13.0', '--permission'],
    ['23.4.0', undefined],
    ['23.5.0', '--permission'],
    ['24.0.0', '--permission'],
  ] as const) {
    it(`of Node.js ${version} is ${flag}`, () => assert.equal(permissionFlag(version), flag));
  }
});

/** A zombie that nobody waits for is gone, too. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}
