/** What the harness says of a kernel, or a command inside, that does not end as it should. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { REPOSITORY } from '../wasm/components';
import { findKernel } from './kernel-image';
import { type Run, type RunOptions, runInside } from './machine';

const LIMIT_MS = 30_000;
/** More than the machine has, in a file in memory. */
const EAT_MEMORY = 'mount -t tmpfs -o size=1G tmpfs /run && head -c 1G /dev/zero > /run/eaten';

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

  it('tells of a panic, with what the kernel said last', async () => {
    const run = await shell(`echo 2 > /proc/sys/vm/panic_on_oom; ${EAT_MEMORY}`);
    assert.equal(run.fault, 'ended with SIGABRT');
    assert.match(run.said, /Kernel panic - not syncing: Out of memory/);
    assert.equal(run.commands[0]?.end, undefined);
    assert.deepEqual(kernels(), []);
  });

  it('is ended when it hangs, with all that runs in it', async () => {
    const run = await shell('sleep 100 & sleep 100', LIMIT_MS, { limitMs: 2_000 });
    assert.equal(run.fault, 'was still running after 2 s');
    assert.deepEqual(kernels(), []);
  });

  it('cannot write to this machine', async () => {
    const run = await shell(`touch '${REPOSITORY}/package.json' 2>&1 || touch /written 2>&1`);
    assert.equal(run.commands[0]?.end, 1);
    assert.match(run.said, /Read-only file system/);
  });
});
