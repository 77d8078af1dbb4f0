import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
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

describe('a runtime that is closed', () => {
  it('while a guest spins ends it and the poll behind it, leaves no thread, and its process ends', async (t) => {
    const { during, ...rest } = await closed(t, 'polling', true);
    assert.ok(Number(during) >= 2, 'the guest and the devices had threads');
    assert.deepEqual(rest, { left: 0, outcomes: ['RUNTIME_CLOSED', 'RUNTIME_CLOSED'], after: 'RUNTIME_CLOSED' });
  });

  it('while a component is being prepared gives it up, leaves no thread, and its process ends', async (t) => {
    const { during, ...rest } = await closed(t, 'loading', false);
    assert.ok(Number(during) >= 2, 'the loader and the devices had threads');
    assert.deepEqual(rest, { left: 0, outcomes: ['RUNTIME_CLOSED', 'RUNTIME_CLOSED'], after: 'RUNTIME_CLOSED' });
  });

  it('while nothing happens leaves no thread, and its process ends', async (t) => {
    const { left, outcomes } = await closed(t, 'idle', true);
    assert.deepEqual({ left, outcomes }, { left: 0, outcomes: [] });
  });

  it('by nobody keeps no process alive', async (t) => {
    const { during } = await closed(t, 'forgotten', true);
    assert.ok(Number(during) >= 2, 'the guest and the devices had threads');
  });
});
