/**
 * Runs the jobs of groups, in the groups' order, and reports each group when its last job has ended. There are as many jobs
 * at a time as there are processors, and as many again of groups that mostly wait.
 */
import { cpus } from 'node:os';
import { reasonAgainst } from './groups.mjs';
import { runJob } from './job.mjs';

const JOBS_AT_A_TIME = Math.max(2, cpus().length);

/** `ready(group)` resolves when what the group needs is there. Returns the results of all jobs. */
export async function runGroups(groups, ready, report) {
  const open = new Map(groups.map((group) => [group, { results: [], left: group.jobs.length, startedAt: undefined }]));
  const runLane = async (lane) => {
    const waiting = lane.flatMap((group) =>
      group.serial ? [{ group, jobs: group.jobs }] : group.jobs.map((job) => ({ group, jobs: [job] })),
    );
    const runNext = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { group, jobs } = next;
        await ready(group);
        const state = open.get(group);
        state.startedAt ??= performance.now();
        for (const job of jobs) state.results.push(await resultOf(job));
        state.left -= jobs.length;
        if (state.left === 0) report(group, state.results, (performance.now() - state.startedAt) / 1_000);
      }
    };
    await Promise.all(Array.from({ length: JOBS_AT_A_TIME }, runNext));
  };
  await Promise.all([true, false].map((waits) => runLane(groups.filter((group) => group.waits === waits))));
  return [...open.values()].flatMap(({ results }) => results);
}

async function resultOf(job) {
  const reason = await reasonAgainst(job);
  if (reason === undefined) return runJob(job);
  const reasons = [`${job.name}: ${reason}`];
  return { name: job.name, passed: 0, failed: 0, skipped: 1, reasons, failures: [], shown: '', seconds: 0 };
}

export function sumOf(results) {
  const total = (what) => results.reduce((sum, result) => sum + result[what], 0);
  return { passed: total('passed'), failed: total('failed'), skipped: total('skipped'), seconds: total('seconds') };
}

export function totals({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
