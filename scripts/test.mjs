/**
 * `npm test`: sets up, builds and runs the tests that need only npm, Python and their registries; `npm test -- wasm` runs
 * the groups with that word in their name. `npm run test:all` (`--all`) runs all other tests, and first installs what they
 * need where it may (scripts/test-programs.mjs). What a job prints goes to build/test/ and is shown where something
 * failed, skipped tests with their reason. Ends with the time of each group and a line `N passed, N failed`; the exit code
 * is 1 where anything failed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { INSTALL } from './debian-packages.mjs';
import { REPOSITORY } from './guest-tools.mjs';
import { testGroups } from './test/groups.mjs';
import { LOGS } from './test/job.mjs';
import { runGroups, sumOf, totals } from './test/run-groups.mjs';

const SLOWEST_SHOWN = 8;

const slow = process.argv.includes('--all');
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));

function script(name, ...args) {
  const { status } = spawnSync(process.execPath, [join(REPOSITORY, 'scripts', name), ...args], {
    cwd: REPOSITORY,
    stdio: 'inherit',
  });
  if (status !== 0) {
    console.error(`test: scripts/${name} failed, see above`);
    process.exit(1);
  }
}

function started(name, ...args) {
  const child = spawn(process.execPath, [join(REPOSITORY, 'scripts', name), ...args], {
    cwd: REPOSITORY,
    stdio: 'inherit',
  });
  process.on('exit', () => child.kill());
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`scripts/${name} failed, see above`));
    });
  });
}

function build() {
  script('setup.mjs');
  script('build-js.mjs');
  script('build-plugins.mjs');
  script('build-plugins.mjs', '--fixtures');
  script('build-prepared.mjs');
}

async function main() {
  const startedAt = performance.now();
  const secondsSinceStart = () => ((performance.now() - startedAt) / 1_000).toFixed(0);
  build();
  const groups = await testGroups({ words, slow });
  if (groups.length === 0) {
    const all = (await testGroups({ words: [], slow })).map(({ name }) => name);
    throw new Error(`no group is called like ${words.join(', ')}; there are ${all.join(', ')}`);
  }
  if (slow) script('test-programs.mjs');
  const names = new Set(groups.flatMap(({ builds }) => builds));
  const builds = new Map([...names].map((name) => [name, started(name, INSTALL)]));
  for (const name of new Set(groups.flatMap(({ needs }) => needs))) script(name);
  console.log(`test: set up and built in ${secondsSinceStart()} s`);
  await rm(LOGS, { recursive: true, force: true });
  await mkdir(LOGS, { recursive: true });

  const times = [];
  const results = await runGroups(
    groups,
    (group) => Promise.all(group.builds.map((name) => builds.get(name))),
    ({ name }, ofGroup, seconds) => {
      const sum = sumOf(ofGroup);
      times.push(`${name}: ${seconds.toFixed(0)} s, its processes ${sum.seconds.toFixed(0)} s`);
      console.log(`${name}: ${totals(sum)} (${seconds.toFixed(0)} s)`);
      for (const reason of ofGroup.flatMap(({ reasons }) => reasons)) console.log(`  skipped: ${reason}`);
      for (const { name: job, shown } of ofGroup.filter(({ failed }) => failed > 0))
        console.log(`--- ${job}\n${shown}`);
    },
  );
  const slowest = [...results].sort((a, b) => b.seconds - a.seconds).slice(0, SLOWEST_SHOWN);
  console.log(`\nTime of each group, from its first file to its last:\n${times.join('\n')}`);
  console.log(`Slowest files: ${slowest.map(({ name, seconds }) => `${name} ${seconds.toFixed(0)} s`).join(', ')}`);
  console.log(`All of it: ${secondsSinceStart()} s`);
  const sum = sumOf(results);
  console.log(totals(sum));
  process.exitCode = sum.failed > 0 ? 1 : 0;
}

await main().catch((error) => {
  console.error(`test: ${error.message}`);
  process.exitCode = 1;
});
