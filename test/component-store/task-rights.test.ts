/** What the process that reads a stranger's component may do: hardly anything, and not for long. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it, type TestContext } from 'node:test';
import { ComponentTasks } from '../../src/component-store/component-tasks';
import { permissionFlag } from '../../src/guest-process/permission-flag';
import { FIRST_SOCKET_FD } from '../../src/guest-process/socket-descriptors';
import { until } from '../support/until';
import { answering, bytesOf, fixture, neverPrepared, REPOSITORY, scratchFolder } from '../wasm/components';
import type { LooksAround, Seen } from './fixtures/looks-around';
import { foldersOf } from './folders';
import { TaskProcesses } from './task-processes';

const LIMIT = { timeout: 120_000 };
const DEADLINE_MS = 60_000;
const LINUX = process.platform === 'linux' ? {} : { skip: '/proc is Linux’s' };
/** This version can limit a process to some files. */
const LIMITED = permissionFlag(process.versions.node)
  ? {}
  : { skip: `Node.js ${process.versions.node} has no permission model` };
/** Node.js gives a program a pair of sockets where it is asked for a pipe. */
const ERROR_OUTPUT_FD = 2;
const DENIED = 'ERR_ACCESS_DENIED';
const NOTHING: LooksAround = { reads: [], lists: [], writes: [] };
const tasks = new TaskProcesses();
/** What started these tests may have left descriptors to this process and to all that it starts: not Node.js's doing. */
const INHERITED = new Set(process.platform === 'linux' ? descriptorsOf('self').map(({ target }) => target) : []);

interface Tried {
  readonly path: string;
  readonly folder: string;
  /** Prepares a component; its process does this meanwhile. */
  run(what: LooksAround): Promise<Seen>;
  left(): readonly string[];
}

async function triedIn(t: TestContext, memoryLimitMb?: number): Promise<Tried> {
  // As a process sees it: the folder for temporary files may be a link.
  const folder = realpathSync(scratchFolder(t));
  const incoming = join(folder, 'incoming');
  const own = new ComponentTasks(incoming, memoryLimitMb);
  t.after(() => own.close());
  const path = join(folder, 'plugin.wasm');
  writeFileSync(path, await answering(1));
  return {
    path,
    folder,
    run: (data) =>
      own.run<Seen>(
        {
          kind: 'prepare',
          path,
          deadlineMs: DEADLINE_MS,
          admission: { module: join(__dirname, 'fixtures', 'looks-around.js'), data },
        },
        new AbortController().signal,
        async () => undefined,
        async ({ kind }, working) => {
          assert.equal(kind, 'prepared');
          return JSON.parse(readFileSync(join(working, 'report.json'), 'utf8'));
        },
      ),
    left: () => readdirSync(incoming),
  };
}

/**
 * Node.js 20 lets a process list a folder that is the common beginning of all that it may read, such as `/` where a clone and
 * its temporary folder have no other in common (docs/security.md). It still reads nothing there.
 */
const LISTS_COMMON_FOLDER = process.versions.node.startsWith('20.');

describe('the process that prepares a component', () => {
  it('reads that file and no other, writes to its folder alone, and starts no program', {
    ...LIMIT,
    ...LIMITED,
  }, async (t) => {
    const { path, folder, run, left } = await triedIn(t);
    const neighbour = join(folder, 'neighbour.wasm');
    writeFileSync(neighbour, 'secret');
    const fresh = join(folder, 'fresh');
    const forbidden = [neighbour, '/etc/passwd', '/proc/self/environ', join(REPOSITORY, 'package.json')];
    const seen = await run({
      reads: [path, ...forbidden],
      lists: [folder, join(folder, 'incoming'), '/etc', ...(LISTS_COMMON_FOLDER ? [] : ['/'])],
      writes: [path, neighbour, fresh, join(folder, 'incoming', 'x'), join(REPOSITORY, 'dist', 'x')],
    });
    const all = (outcomes: Readonly<Record<string, string>>) => [...new Set(Object.values(outcomes))];
    const { [path]: own, ...others } = seen.reads;
    assert.equal(own, 'done');
    assert.deepEqual([all(others), all(seen.lists), all(seen.writes)], [[DENIED], [DENIED], [DENIED]]);
    assert.equal(seen.program, DENIED);
    assert.equal(readFileSync(neighbour, 'utf8'), 'secret');
    assert.deepEqual(left(), []);
  });

  it('has an empty environment', LIMIT, async (t) => {
    process.env['EDGE_WASI_TEST_SECRET'] = 'secret';
    t.after(() => {
      delete process.env['EDGE_WASI_TEST_SECRET'];
    });
    const { run } = await triedIn(t);
    assert.deepEqual((await run(NOTHING)).environment, []);
  });

  it('inherits no descriptor but its socket', { ...LIMIT, ...LINUX }, async (t) => {
    const { folder, put, load } = foldersOf(t);
    const held = openSync(put('held', new Uint8Array(1)), 'r');
    const server = createServer().listen(0, '127.0.0.1');
    t.after(() => {
      closeSync(held);
      server.close();
    });
    const component = put('plugin', neverPrepared(bytesOf(fixture('counter_v1'))));
    const loading = load(component);
    const { pid } = await tasks.one();
    const found = descriptorsOf(String(pid));
    const sockets = found.filter(({ target }) => target.startsWith('socket:')).map(({ fd }) => fd);
    assert.deepEqual(sockets, [ERROR_OUTPUT_FD, FIRST_SOCKET_FD]);
    const files = found.map(({ target }) => target).filter((target) => target.startsWith(folder));
    assert.deepEqual(
      files.filter((file) => file !== component),
      [],
    );
    const ours = descriptorsOf('self').map(({ target }) => target);
    const shared = found.filter(({ target }) => /^(pipe|socket):/.test(target) && ours.includes(target));
    assert.deepEqual(
      shared.filter(({ target }) => !INHERITED.has(target)),
      [],
    );
    await loading;
  });

  it('ends soon after Node-RED was killed, in the middle of its work', LIMIT, async (t) => {
    const { folder, own, put } = foldersOf(t);
    const component = put('plugin', neverPrepared(bytesOf(fixture('counter_v1'))));
    const parent = spawn(
      process.execPath,
      [join(__dirname, 'fixtures', 'loads.js'), join(folder, 'store'), component],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    t.after(() => parent.kill('SIGKILL'));
    const [line] = await once(createInterface(parent.stdout), 'line');
    const pid = Number(line);
    assert.ok(pid > 0 && isRunning(pid), String(line));
    parent.kill('SIGKILL');
    await until(() => !isRunning(pid), `the end of process ${pid}`, END_LIMIT_MS);
    const [left = ''] = readdirSync(own.incomingDir);
    assert.deepEqual(readdirSync(join(own.incomingDir, left)), [], 'it was done before it ended');
  });

  for (const takes of ['heap', 'buffers'] as const) {
    it(`is ended where it takes too much memory (${takes}), and leaves nothing`, LIMIT, async (t) => {
      const { run, left } = await triedIn(t, takes === 'buffers' ? 200 : undefined);
      const message = takes === 'buffers' ? /took more than 200 MiB of memory \(a fixed limit\)/ : /heap out of memory/;
      await assert.rejects(run({ ...NOTHING, takes }), { name: 'WasiError', code: 'PLUGIN_MEMORY', message });
      assert.equal(tasks.running, 0);
      assert.deepEqual(left(), []);
      assert.deepEqual((await run(NOTHING)).writes, {});
    });
  }
});

/** A process that notices nothing would need this long at least for what is left of its work, and then live on. */
const END_LIMIT_MS = 2_000;

function descriptorsOf(pid: string): { readonly fd: number; readonly target: string }[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [{ fd: Number(fd), target: readlinkSync(`/proc/${pid}/fd/${fd}`) }];
    } catch {
      // Closed since the folder was read.
      return [];
    }
  });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}
