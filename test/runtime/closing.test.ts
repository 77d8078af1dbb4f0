import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { until } from '../support/until';
import { fixture } from '../wasm/components';
import { userDirectory } from './test-runtime';

const run = promisify(execFile);

/** The guest's own deadline is ten minutes: who waits for it is ended here. */
const LIMIT_MS = 30_000;

async function closed(t: TestContext, scenario: string, prepared: boolean): Promise<Record<string, unknown>> {
  const userDir = userDirectory(t);
  if (!prepared) {
    rmSync(join(userDir, 'wasi', 'prepared'));
    mkdirSync(join(userDir, 'wasi', 'prepared'));
  }
  copyFileSync(fixture('faults'), join(userDir, 'wasi', 'plugins', 'faults.wasm'));
  const { stdout } = await run(process.execPath, [join(__dirname, 'closing.js'), userDir, scenario], {
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  return JSON.parse(stdout);
}

/** That the scenario had what it is about; and that nothing which it started outlives it. */
async function assertNoneLeft({ threads, processes }: Record<string, unknown>, wanted: number): Promise<void> {
  assert.equal(threads, 1, 'the devices had a thread');
  assert.ok(Array.isArray(processes) && processes.length === wanted, `it had ${wanted} processes`);
  await until(() => processes.every((pid) => !existsSync(`/proc/${pid}`)));
}

describe('a runtime that is closed', () => {
  it('while a guest spins ends it and the poll behind it, leaves nothing running, and its process ends', async (t) => {
    const { threads, processes, ...rest } = await closed(t, 'polling', true);
    assert.deepEqual(rest, { left: 0, outcomes: ['RUNTIME_CLOSED', 'RUNTIME_CLOSED'], after: 'RUNTIME_CLOSED' });
    await assertNoneLeft({ threads, processes }, 1);
  });

  it('while a component is being prepared gives it up, leaves nothing running, and its process ends', async (t) => {
    const { threads, processes, ...rest } = await closed(t, 'loading', false);
    assert.deepEqual(rest, { left: 0, outcomes: ['RUNTIME_CLOSED', 'RUNTIME_CLOSED'], after: 'RUNTIME_CLOSED' });
    await assertNoneLeft({ threads, processes }, 2);
  });

  it('while nothing happens leaves nothing running, and its process ends', async (t) => {
    const { left, outcomes } = await closed(t, 'idle', true);
    assert.deepEqual({ left, outcomes }, { left: 0, outcomes: [] });
  });

  it('by nobody keeps no process alive, neither its own nor that of the guests', async (t) => {
    await assertNoneLeft(await closed(t, 'forgotten', true), 1);
  });
});
