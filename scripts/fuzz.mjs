/**
 * `npm run fuzz -- --seed N --mutants N --seconds N`: mutates components and sends them through the package's readers,
 * jco's generator and a guest (test/fuzz/campaign.ts); `--only INDEX` makes one mutant of a run again, judges it at every stage
 * and leaves it in build/fuzz/. Needs a built tree (`npm run build`). Exit code 1 when something was found.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { REPOSITORY } from './guest-tools.mjs';

const DEFAULTS = { mutants: 100_000, seconds: 300 };

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    mutants: { type: 'string', default: String(DEFAULTS.mutants) },
    seconds: { type: 'string', default: String(DEFAULTS.seconds) },
    only: { type: 'string' },
  },
});
const { runCampaign, allSeeds } = await import(
  pathToFileURL(join(REPOSITORY, 'dist', 'test', 'fuzz', 'campaign.js')).href
);
const seed = Number(values.seed);
const folder = mkdtempSync(join(tmpdir(), 'wasi-fuzz-'));
try {
  if (values.only !== undefined) await keep(Number(values.only));
  const report = await runCampaign({
    seed,
    mutants: Number(values.mutants),
    seconds: Number(values.seconds),
    folder,
    ...(values.only === undefined ? {} : { only: Number(values.only) }),
  });
  console.log(`seed ${seed}`);
  for (const [stage, verdicts] of Object.entries(report.stages)) {
    const counts = [...verdicts].sort(([, a], [, b]) => b - a).map(([verdict, count]) => `${verdict} ${count}`);
    console.log(`${stage}: ${[...verdicts.values()].reduce((sum, count) => sum + count, 0)} (${counts.join(', ')})`);
  }
  for (const { index, stage, what } of report.findings)
    console.log(`FOUND --seed ${seed} --only ${index} (${stage}): ${what}`);
  process.exitCode = report.findings.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** For whoever looks closer. */
async function keep(index) {
  const { mutant } = await import(pathToFileURL(join(REPOSITORY, 'dist', 'test', 'fuzz', 'mutants.js')).href);
  const path = join(REPOSITORY, 'build', 'fuzz', `${seed}-${index}.wasm`);
  mkdirSync(join(REPOSITORY, 'build', 'fuzz'), { recursive: true });
  writeFileSync(path, mutant(await allSeeds(), seed, index));
  console.log(path);
}
