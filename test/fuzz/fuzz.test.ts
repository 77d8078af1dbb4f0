/**
 * Ten thousand mutants of real components, and as many as a minute allows through jco and into a guest. A mutant that broke
 * a promise is named with the command that makes it again; it then gets a test of its own where it belongs.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scratchFolder } from '../wasm/components';
import { runCampaign } from './campaign';
import { mutant } from './mutants';
import { writtenSeeds } from './seeds';

const SEED = 20_261;
const MUTANTS = 10_000;
const SECONDS = 60;
const LIMIT = { timeout: 240_000 };
/** Less than a slow machine does; a stage that nothing reaches proves nothing. */
const LEAST = { readers: 9_000, translation: 50, 'full runs': 5 };

describe('a mutated component', () => {
  it(
    'hangs nothing, leaves nothing, runs no code of its names and ends in an error of the contract',
    LIMIT,
    async (t) => {
      const report = await runCampaign({ seed: SEED, mutants: MUTANTS, seconds: SECONDS, folder: scratchFolder(t) });
      for (const [stage, verdicts] of Object.entries(report.stages)) {
        t.diagnostic(`${stage}: ${[...verdicts].map(([verdict, count]) => `${verdict} ${count}`).join(', ')}`);
      }
      const found = report.findings.map(
        ({ index, stage, what }) => `--seed ${SEED} --only ${index} (${stage}): ${what}`,
      );
      assert.deepEqual(found, [], 'npm run fuzz -- with these makes them again');
      for (const [stage, least] of Object.entries(LEAST)) {
        const judged = [...(report.stages[stage]?.values() ?? [])].reduce((sum, count) => sum + count, 0);
        assert.ok(judged >= least, `${judged} of ${least} came to ${stage}`);
      }
    },
  );

  it('is the same whenever it is made again', async () => {
    const seeds = await writtenSeeds();
    for (const index of [0, 1, 99]) assert.deepEqual(mutant(seeds, SEED, index), mutant(seeds, SEED, index));
    assert.notDeepEqual(mutant(seeds, SEED, 0), mutant(seeds, SEED + 1, 0));
  });
});
