/**
 * Two hundred browsers that watch one page (bench/dashboard-clients.mjs, which runs for minutes on request): one render a
 * change, every page once to each, memory that stays, a loop that goes on.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { Stall } from '../hostile/stall-probe';
import { REPOSITORY } from '../wasm/components';

interface Figures {
  readonly changes: number;
  readonly renders: number;
  /** How many different pages were sent, and how many browsers do not have the newest one. */
  readonly pages: number;
  readonly behind: number;
  readonly twice: number;
  readonly early: { readonly usedMb: number };
  readonly late: { readonly usedMb: number };
  readonly stall: Stall;
}

const SECONDS = 20;
const LIMIT_MS = 180_000;
/** A page of 20 kB kept for each of them and each change would be 80 MB. */
const MAX_GROWTH_MB = 5;
/** What nothing may hold the loop for: work on it, or being blocked (as test/hostile counts it, on a machine that is shared). */
const MAX_BUSY_MS = 20;
/** A loop that waits for a core, or for the kernel, is not one that works: what is left is looked at again. */
const TRIES = 3;

async function run(): Promise<Figures> {
  const script = join(REPOSITORY, 'bench', 'dashboard-clients.mjs');
  const args = ['--expose-gc', script, '--seconds', String(SECONDS)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: LIMIT_MS });
  return JSON.parse(stdout);
}

describe('a page that 200 browsers watch', () => {
  const runs: Figures[] = [];
  let figures: Figures;
  before(
    async () => {
      while (runs.length < TRIES && !runs.some(({ stall }) => stall.busyMs < MAX_BUSY_MS)) runs.push(await run());
      const [first] = runs;
      assert.ok(first);
      figures = first;
    },
    { timeout: TRIES * LIMIT_MS },
  );

  it('is rendered once a change, however many watch', () => {
    assert.ok(figures.changes >= 10, `${figures.changes} changes`);
    // A poll that the machine holds up for longer than changes are gathered is seen as two.
    assert.ok(figures.renders >= figures.changes, `${figures.renders} of ${figures.changes}`);
    assert.ok(figures.renders <= 2 * figures.changes, `${figures.renders} of ${figures.changes}`);
  });

  it('is sent to each of them, no state of it twice, and the newest to all', () => {
    assert.equal(figures.behind, 0);
    assert.ok(figures.pages >= figures.changes);
    assert.equal(figures.twice, 0);
  });

  it('takes no more memory the longer they watch', () => {
    const growth = figures.late.usedMb - figures.early.usedMb;
    assert.ok(growth < MAX_GROWTH_MB, `${growth.toFixed(1)} MB more`);
  });

  it('does not hold Node-RED up', (t) => {
    const busy = runs.map(({ stall }) => stall.busyMs);
    t.diagnostic(`at work ${busy.map((ms) => ms.toFixed(1)).join(', ')} ms`);
    assert.ok(Math.min(...busy) < MAX_BUSY_MS, `${busy.join(', ')} ms`);
  });
});
