/**
 * The processes of the guests are killed, stopped and aborted at random moments while plugins are polled, reloaded and hold
 * outputs. Each plugin answers with a number of its own, so that an answer in the wrong place is seen. The order comes from
 * the seed that is printed: EDGE_WASI_CHAOS_SEED repeats it, EDGE_WASI_CHAOS_ROUNDS changes how often.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { WasiError } from '../../src/errors/wasi-error';
import { HostTomlFile } from '../../src/host-config/host-toml-file';
import { Random } from '../fuzz/random';
import { call, sensor } from '../hostile/wat';
import { NONE_BUNDLED, TestRuntime, userDirectory } from '../runtime/test-runtime';
import { until } from '../support/until';
import { neverPrepared } from '../wasm/components';

const ROUNDS = Number(process.env['EDGE_WASI_CHAOS_ROUNDS'] ?? 200);
const SEED = Number(process.env['EDGE_WASI_CHAOS_SEED'] ?? Date.now() % 100_000);
const PLUGINS = [1, 2, 3, 4] as const;
/** The longest that a round waits before it sends its signal. */
const MOST_WAIT_MS = 40;
/** A process that is stopped is noticed after seconds: fewer of these. */
const STOP_EVERY = 20;

const SET_FAN = call('fan', 'edge:plugin/fan-controller@1.0.0', 'set-fan', '(param "on" bool)', '(param i32)');
/** What a guest that was lost answers. Anything else would be a fault of the host. */
const LOSSES: ReadonlySet<string> = new Set(['PLUGIN_TRAPPED', 'PLUGIN_MEMORY', 'PLUGIN_DEADLINE', 'PLUGIN_BACKOFF']);

/** Its number is its answer; the first one also keeps the fan on. */
function numbered(number: number): Promise<Uint8Array> {
  return number === 1
    ? sensor({ poll: '(call $fan (i32.const 1)) (i32.const 1)', calls: [SET_FAN] })
    : sensor({ poll: `(i32.const ${number})` });
}

function openFiles(): readonly string[] {
  return readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return 'closed meanwhile';
    }
  });
}

const children = () =>
  readdirSync('/proc/self/task')
    .flatMap((task) => readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim().split(' '))
    .filter((pid) => pid !== '').length;

describe('signals to the processes of the guests', {
  skip: process.platform === 'linux' ? false : 'counts in /proc, which only Linux has',
}, () => {
  it(`at ${ROUNDS} random moments (seed ${SEED}) lose polls, and nothing else`, { timeout: 1_500_000 }, async (t) => {
    const random = new Random(SEED, 0);
    // The first runtime opens what stays open for all that follow: the loops of libuv.
    const first = await TestRuntime.open(t, NONE_BUNDLED);
    first.renameIn('p1', await numbered(2));
    await first.poll('p1');
    await first.close();
    const before = { files: openFiles().length, children: children() };
    const tables = PLUGINS.map(
      (number) => `[plugins.p${number}.limits]\ndeadline_ms = 300\nload_deadline_ms = 60000\n`,
    );
    const toml = `${NONE_BUNDLED}${tables.join('')}[plugins.p1.grants]\nfan = true\n`;
    const userDir = userDirectory(t);
    mkdirSync(join(userDir, 'wasi'), { recursive: true });
    writeFileSync(join(userDir, 'wasi', 'host.toml'), toml);
    const host = await TestRuntime.open(t, '', {}, { userDir, configSource: 'file', configText: '' });
    const hostToml = new HostTomlFile({ configSource: 'file', configFile: '', configText: '', userDir });
    const { runtime } = host;
    const components = new Map<number, Uint8Array>();
    for (const number of PLUGINS) {
      const bytes = await numbered(number);
      components.set(number, bytes);
      host.renameIn(`p${number}`, bytes);
    }
    let answers = 0;
    let losses = 0;
    let stopped = false;
    const polling = PLUGINS.map(async (number) => {
      while (!stopped) {
        try {
          const values = await host.poll(`p${number}`);
          assert.equal(Number(values['0']), number, `p${number} answered as another one does`);
          answers += 1;
        } catch (error) {
          if (!(error instanceof WasiError && LOSSES.has(error.code))) throw error;
          losses += 1;
          // A plugin that rests does not rest in this test: the next instance meets the next signal.
          if (error.code === 'PLUGIN_BACKOFF') await runtime.admin.reload(`p${number}`);
        }
        await delay(random.below(4));
      }
    });
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        const pids = await until(() => {
          const found = runtime.counts().guestProcesses.pids;
          return found.length > 0 ? found : undefined;
        });
        await delay(random.below(MOST_WAIT_MS));
        if (round % 10 === 0) {
          const number = 2 + random.below(PLUGINS.length - 1);
          host.renameIn(`p${number}`, neverPrepared(components.get(number) ?? new Uint8Array()));
        }
        const pid = pids[random.below(pids.length)] ?? 0;
        const signal = round % STOP_EVERY === 0 ? 'SIGSTOP' : round % 2 === 0 ? 'SIGABRT' : 'SIGKILL';
        try {
          process.kill(pid, signal);
        } catch {
          // It is gone by itself already.
        }
        const target = answers + PLUGINS.length;
        await until(() => answers >= target);
      }
    } finally {
      stopped = true;
      await Promise.all(polling);
    }
    t.diagnostic(`${answers} answers, ${losses} losses, ${runtime.counts().guestProcesses.ends} ends of a process`);
    assert.ok(losses > 0);
    for (const number of PLUGINS) {
      await runtime.admin.reload(`p${number}`);
      await until(async () => (await host.poll(`p${number}`).catch(() => undefined)) !== undefined);
    }
    assert.equal((await runtime.simulate())['fan'], true, 'it is held while its plugin is there');
    await runtime.admin.remove('p1', hostToml);
    await until(async () => (await runtime.simulate())['fan'] === false, 'the fan of a plugin that is gone is off');
    await host.close();
    await until(
      () => children() <= before.children,
      () => `${children()} processes are left`,
    );
    await until(
      () => openFiles().length <= before.files,
      () => `${openFiles().join('\n')}\nare open; ${before.files} were`,
    );
  });
});
