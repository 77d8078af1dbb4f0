/**
 * Ten thousand mutants of real components, and as many as a minute allows through jco and into a guest. A mutant that broke
 * a promise is named with the command that makes it again; it then gets a test of its own where it belongs.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scratchFolder } from '../wasm/components';
import { runCampaign } from './campaign';
import { FullRun } from './full-run';
import { judgeReaders } from './judge-readers';
import { translationJudge } from './judge-translation';
import { mutant } from './mutants';
import { corpus, writtenSeeds } from './seeds';

const SEED = 20_261;
const MUTANTS = 10_000;
const SECONDS = 50;
const LIMIT = { timeout: 240_000 };
/** Less than a slow machine does; a stage that nothing reaches proves nothing. */
const LEAST = { 'host.toml': 500, readers: 9_000, translation: 50, 'full runs': 5 };

/** Core modules are for the readers alone; the others do what their first line says. */
const SEED_VERDICTS: ReadonlyMap<string, RegExp> = new Map([
  ['core-module.wat', /^PLUGIN_INVALID$/],
  ['two-data.wat', /^PLUGIN_INVALID$/],
  // It returns a resource, which is no value that may leave the guests' process.
  ['own-resource.wat', /^PLUGIN_INVALID$/],
  ['fails.wat', /^PLUGIN_ERROR$/],
  ['spins.wat', /^PLUGIN_DEADLINE$/],
  ['traps.wat', /^PLUGIN_TRAPPED$/],
]);

/** Their core names, which were the fault, are replaced before anything is made of them (docs/decisions/0013). */
const HARMLESS_NOW: ReadonlySet<string> = new Set(['byte-order-mark.wat']);

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

  it('is no longer what was found once', LIMIT, async (t) => {
    const run = await FullRun.open(scratchFolder(t));
    t.after(() => run.close());
    const judge = await translationJudge();
    for (const { name, bytes } of await corpus('findings')) {
      const { verdict, findings } = await run.run(bytes);
      assert.deepEqual([...judgeReaders(bytes).findings, ...judge(bytes).findings, ...findings], [], name);
      assert.equal(verdict, HARMLESS_NOW.has(name) ? 'answered' : 'PLUGIN_INVALID', name);
    }
  });

  it('is made of files that reach the end of every stage', LIMIT, async (t) => {
    const run = await FullRun.open(scratchFolder(t));
    t.after(() => run.close());
    for (const { name, bytes } of await corpus('seeds')) {
      const { verdict, findings } = await run.run(bytes);
      assert.deepEqual(findings, [], name);
      assert.match(verdict, SEED_VERDICTS.get(name) ?? /^answered/, name);
    }
  });

  it('is the same whenever it is made again', async () => {
    const seeds = await writtenSeeds();
    for (const index of [0, 1, 99]) assert.deepEqual(mutant(seeds, SEED, index), mutant(seeds, SEED, index));
    assert.notDeepEqual(mutant(seeds, SEED, 0), mutant(seeds, SEED + 1, 0));
  });
});
