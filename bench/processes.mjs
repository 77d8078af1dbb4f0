/** Starts the measured processes of bench/ and collects their figures. */
import { fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
/** Ends a process that hangs. On a slow machine the longest one, of the cluster, takes some minutes. */
const RUN_LIMIT_MS = 240_000;
const MS_PER_SECOND = 1_000;

/** Rejects when the process fails, exceeds the limit or ends without figures. */
function measure(script, task) {
  return new Promise((resolve, reject) => {
    const child = fork(join(HERE, `${script}.mjs`), [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const timeout = setTimeout(() => child.kill('SIGKILL'), RUN_LIMIT_MS);
    let figures;
    child.on('message', (message) => {
      figures = message;
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(timeout);
      if (code === 0 && figures) resolve(figures);
      else
        reject(new Error(`bench/${script}.mjs ended with ${signal ?? code}${figures ? '' : ' and without figures'}`));
    });
    child.send(task);
  });
}

/** One process after the other: what one uses would change the times of another. `taskOf` gets the number of the run. */
export async function repeat(runs, script, taskOf) {
  const results = [];
  for (let run = 0; run < runs; run += 1) {
    const startedAt = performance.now();
    results.push(await measure(script, taskOf(run)));
    console.log(`bench: ${script} ${run + 1}/${runs}, ${secondsSince(startedAt)} s`);
  }
  return results;
}

/** All of `scripts` at once, with the task that `taskOf` makes of each name. Waits for all of them, also where one fails. */
export async function together(scripts, taskOf) {
  const startedAt = performance.now();
  const outcomes = await Promise.allSettled(scripts.map((script) => measure(script, taskOf(script))));
  const failed = outcomes.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
  console.log(`bench: ${scripts.join(', ')}, ${secondsSince(startedAt)} s`);
  return outcomes.map(({ value }) => value);
}

function secondsSince(startedAt) {
  return ((performance.now() - startedAt) / MS_PER_SECOND).toFixed(0);
}
