/** What the harness says of a kernel, or a command inside, that does not end as it should. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { REPOSITORY } from '../wasm/components';
import { findKernel } from './kernel-image';
import { type Run, type RunOptions, runInside } from './machine';

const LIMIT_MS = 30_000;
/** The kernel is to keep more memory free than it has: the next page that somebody wants is one too many. */
const RUN_OUT_OF_MEMORY = 'echo 2 > /proc/sys/vm/panic_on_oom; echo 400000 > /proc/sys/vm/min_free_kbytes; ls -R /sys';

const image = findKernel();

function shell(script: string, limitMs = LIMIT_MS, options: RunOptions = {}): Promise<Run> {
  if ('reason' in image) throw new Error(image.reason);
  return runInside(image, () => [{ argv: ['/bin/sh', '-c', script], limitMs }], options);
}

/** Processes of this machine that the kernel's program runs as. */
function kernels(): string[] {
  const program = 'folder' in image ? `${image.folder}/linux` : '';
  return readdirSync('/proc').filter((name) => {
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').startsWith(program);
    } catch {
      return false; // No process, or one that has ended since.
    }
  });
}

/** The kernel's own process ends first, and those that ran inside with it, some ms later. */
async function assertNoneLeft(): Promise<void> {
  for (let tries = 0; tries < 100 && kernels().length > 0; tries += 1) await setTimeout(20);
  assert.deepEqual(kernels(), []);
}

describe('a machine of the tests', { skip: 'reason' in image && image.reason }, () => {
  it('keeps what was said, and the exit code of its command', async () => {
    const run = await shell('echo "$((6 * 7)) is said"; exit 3');
    assert.match(run.said, /^42 is said$/m);
    assert.deepEqual(run.commands, [{ end: 3, results: [] }]);
    assert.equal(run.fault, undefined);
  });

  it('ends a command that does not end', async () => {
    const run = await shell('sleep 100', 300);
    assert.equal(run.commands[0]?.end, 'SIGKILL');
    assert.equal(run.fault, undefined);
  });

  it('begins no command after one that it ended', async () => {
    if ('reason' in image) throw new Error(image.reason);
    const run = await runInside(image, () => [
      { argv: ['/bin/sleep', '100'], limitMs: 300 },
      { argv: ['/bin/true'], limitMs: LIMIT_MS },
    ]);
    assert.deepEqual(
      run.commands.map(({ end }) => end),
      ['SIGKILL', undefined],
    );
    assert.equal(run.fault, undefined);
  });

  it('tells of a panic, with what the kernel said last', async () => {
    const run = await shell(RUN_OUT_OF_MEMORY);
    assert.equal(run.fault, 'ended with SIGABRT');
    assert.match(run.said, /Kernel panic - not syncing: Out of memory/);
    assert.equal(run.commands[0]?.end, undefined);
    await assertNoneLeft();
  });

  it('is ended when it hangs, with all that runs in it', async () => {
    const run = await shell('sleep 100 & sleep 100', LIMIT_MS, { limitMs: 2_000 });
    assert.equal(run.fault, 'was still running after 2 s');
    await assertNoneLeft();
  });

  it('cannot write to this machine', async () => {
    const run = await shell(`touch '${REPOSITORY}/package.json' 2>&1 || touch /written 2>&1`);
    assert.equal(run.commands[0]?.end, 1);
    assert.match(run.said, /Read-only file system/);
  });
});
