/**
 * Clocks that are set while everything runs, by hours and days. etcd counts leases and elections by the monotonic clock; that
 * nothing else depends on the date is seen in a kernel of its own (CONTRIBUTING.md, The kernel's tests), since libfaketime
 * does not reach a program in Go, which asks the kernel without the C library.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findKernel } from '../kernel/kernel-image';
import { runInside } from '../kernel/machine';
import { noEtcd } from './etcd-programs';

const SCRIPT = join(__dirname, 'clock-jump.js');
const LIMIT_MS = 180_000;

const image = findKernel();

describe('etcd and a clock that jumps', { skip: noEtcd || ('reason' in image && image.reason) }, () => {
  it('keeps every reading, and its leader too, hours back and forty days forward', async (test) => {
    if ('reason' in image) return;
    // The machine's memory is a Pi Zero's: what the members write ahead would fill it.
    const argv = (folder: string) => ['/bin/sh', '-c', `TMPDIR='${folder}' exec '${process.execPath}' '${SCRIPT}'`];
    const run = await runInside(image, (folder) => [{ argv: argv(folder), limitMs: LIMIT_MS }]);
    assert.equal(run.fault, undefined, run.said);
    assert.equal(run.commands[0]?.end, 0, run.said);
    const said = /seed \d+: .*/.exec(run.said)?.[0];
    assert.ok(said, run.said);
    test.diagnostic(said);
  });
});
