/**
 * `npm run test:repeat -- GROUP N`: runs the tests of the groups with that word in their name N times (20 unless given)
 * while a busy loop occupies every processor, and reports what failed how often. `--all` takes the tests of
 * `npm run test:all`; `GROUP/FILE` one file of a group; `--quiet` leaves the processors alone.
 * Uses what the last `npm test` built.
 */
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { testGroups } from './test/groups.mjs';
import { runGroups, sumOf, totals } from './test/run-groups.mjs';

const USUAL_RUNS = 20;
const BUSY_LOOP = 'for (;;);';

const [word, runs = USUAL_RUNS] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
if (word === undefined || !(Number(runs) >= 1)) {
  console.error('usage: npm run test:repeat -- GROUP[/FILE] [N] [--all] [--quiet]');
  process.exit(2);
}

const [group, file] = word.split('/');
const groups = (await testGroups({ words: [group], slow: process.argv.includes('--all') }))
  .map((each) => ({ ...each, jobs: each.jobs.filter(({ name }) => file === undefined || name.endsWith(`/${file}`)) }))
  .filter(({ jobs }) => jobs.length > 0);
if (groups.length === 0) {
  console.error(`there are no such tests: ${word}`);
  process.exit(2);
}

const busy = process.argv.includes('--quiet') ? [] : cpus().map(() => spawn(process.execPath, ['-e', BUSY_LOOP]));
process.on('exit', () => {
  for (const child of busy) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const failures = new Map();
for (let run = 1; run <= Number(runs); run++) {
  const startedAt = performance.now();
  const results = await runGroups(
    groups,
    async () => undefined,
    () => undefined,
  );
  console.log(`run ${run}: ${totals(sumOf(results))} (${((performance.now() - startedAt) / 1_000).toFixed(0)} s)`);
  for (const { name, failures: failed, shown } of results) {
    if (failed.length > 0) console.log(`--- ${name}\n${shown}`);
    for (const test of failed) failures.set(`${name}: ${test}`, (failures.get(`${name}: ${test}`) ?? 0) + 1);
  }
}
for (const [test, count] of failures) console.log(`failed ${count} of ${runs} times: ${test}`);
if (failures.size === 0) console.log(`nothing failed in ${runs} runs`);
process.exit(failures.size > 0 ? 1 : 0);
