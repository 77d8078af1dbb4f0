/**
 * Boots a real kernel (see CONTRIBUTING.md, The kernel's tests) and runs every inside/*.inside.js in it. Each test of these
 * is a subtest here, by its name. A panic, a kernel that hangs and a file that ends without a word are failures too; the files
 * after it run in a kernel of their own.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Command, InsideResult } from './job';
import { resultsFile } from './job';
import { findKernel, type KernelImage } from './kernel-image';
import { type CommandResult, type Run, runInside } from './machine';
import { prepareExample } from './prepared-example';

const INSIDE = join(__dirname, 'inside');
/** The longest takes 15 s on two quiet processors. */
const FILE_LIMIT_MS = 180_000;

const image = findKernel();

function command(file: string, index: number, folder: string): Command {
  const to = `--test-reporter-destination=${join(folder, resultsFile(index))}`;
  const reporter = `--test-reporter=${join(INSIDE, 'reporter.js')}`;
  return { argv: [process.execPath, reporter, to, join(INSIDE, file)], limitMs: FILE_LIMIT_MS };
}

async function repeat(t: TestContext, result: InsideResult): Promise<void> {
  const options = result.outcome === 'skipped' ? { skip: result.reason } : {};
  await t.test(result.name, options, () => {
    if (result.outcome === 'failed') assert.fail(result.message);
  });
}

function runFiles(from: KernelImage, files: readonly string[]): Promise<Run> {
  return runInside(from, (folder) => files.map((file, index) => command(file, index, folder)));
}

/** How many of them had their turn: up to the first that was ended by a signal, or ended the kernel. */
function turnsOf({ commands }: Run): number {
  const last = commands.findIndex(({ end }) => typeof end !== 'number');
  return last === -1 ? commands.length : last + 1;
}

/** What no test of a file could say: that it was ended, failed as a whole, or has no tests. */
function faultOf({ end, results }: CommandResult): string | undefined {
  if (end === undefined) return 'the kernel ended before it did';
  if (results.length === 0) return `it reported no test and ended with ${end}`;
  if (end === 0 || (end === 1 && results.some(({ outcome }) => outcome === 'failed'))) return undefined;
  return `it ended with ${end}`;
}

test('inside a kernel', 'reason' in image ? { skip: image.reason } : {}, async (t) => {
  if ('reason' in image) return;
  await prepareExample();
  let left = readdirSync(INSIDE).filter((name) => name.endsWith('.inside.js'));
  for (let turns = 0; left.length > 0; left = left.slice(turns)) {
    const run = await runFiles(image, left);
    turns = turnsOf(run);
    for (const [index, ended] of run.commands.slice(0, turns).entries()) {
      for (const result of ended.results) await repeat(t, result);
      const file = basename(left[index] ?? '', '.js');
      await t.test(`${file} ends by itself`, () => assert.equal(faultOf(ended), undefined, run.said));
    }
    await t.test('the kernel turns itself off', () => assert.equal(run.fault, undefined, run.said));
  }
});
