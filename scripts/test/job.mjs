/**
 * One job of the tests as a process: its output goes to build/test/<name>.log, its results are counted. A job that fails
 * without a failed test (a crash, a hang, nothing that ran) counts as one failed test, named after the job.
 */
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { REPOSITORY } from '../guest-tools.mjs';

export const LOGS = join(REPOSITORY, 'build', 'test');
/** Ends a job that hangs. The longest takes a few minutes on a machine that does nothing else. */
const LIMIT_MS = 20 * 60_000;
/**
 * Ends a job that reports nothing more: a test that failed may have left something open, which keeps its process alive. No
 * single test takes half as long on a busy machine.
 */
const SILENCE_LIMIT_MS = 6 * 60_000;
/** Where the runner's list of failed tests begins; what stands before it is the whole run. */
const FAILURES = '✖ failing tests:';

/** `{name, passed, failed, skipped, reasons, failures, shown, seconds}`. */
export async function runJob(job) {
  const startedAt = performance.now();
  const tap = join(LOGS, `${job.name}.tap`);
  await mkdir(dirname(tap), { recursive: true });
  const { status, output } = await spawned(job, job.kind === 'node:test' ? [...reporters(tap), ...job.args] : job.args);
  const counted = await COUNTERS[job.kind]({ output, status, tap });
  const hasRun = counted.passed + counted.skipped > 0 || counted.reasons.length > 0;
  const isUnnamed = counted.failed === 0 && (status !== 0 || !hasRun);
  const failures = isUnnamed ? [`(ended with ${status} and no failed test)`] : counted.failures;
  return {
    ...counted,
    name: job.name,
    failed: counted.failed + (isUnnamed ? 1 : 0),
    failures,
    shown: output.slice(Math.max(0, output.indexOf(FAILURES))),
    seconds: (performance.now() - startedAt) / 1_000,
  };
}

function reporters(tap) {
  return ['spec', 'stdout', 'tap', tap].map(
    (value, i) => `--test-reporter${i % 2 === 0 ? '' : '-destination'}=${value}`,
  );
}

function spawned({ name, program, env = {} }, args) {
  const log = createWriteStream(join(LOGS, `${name}.log`));
  const chunks = [];
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: REPOSITORY,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const end = () => child.kill('SIGKILL');
    const late = setTimeout(end, LIMIT_MS);
    const silent = setTimeout(end, SILENCE_LIMIT_MS);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        silent.refresh();
        chunks.push(chunk);
        log.write(chunk);
      });
    }
    child.on('error', (error) => chunks.push(Buffer.from(String(error))));
    child.on('close', (code, signal) => {
      clearTimeout(late);
      clearTimeout(silent);
      log.end();
      resolve({ status: signal ?? code, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}

const COUNTERS = {
  async 'node:test'({ tap }) {
    const text = await readFile(tap, 'utf8').catch(() => '');
    const total = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    const skips = [...text.matchAll(/^\s*ok \d+ - (.*) # (?:SKIP|TODO)(.*)$/gm)];
    const reasons = skips.map(([, name, why]) => `${name}:${why}`);
    return {
      passed: total('pass'),
      failed: total('fail') + total('cancelled'),
      // A whole suite that is skipped counts as no test.
      skipped: Math.max(total('skipped') + total('todo'), reasons.length),
      reasons,
      failures: [...text.matchAll(/^\s*not ok \d+ - (.*)$/gm)].map(([, name]) => name),
    };
  },

  pytest({ output }) {
    const total = (what) => Number(new RegExp(`(\\d+) ${what}`).exec(output)?.[1] ?? 0);
    const failures = [...output.matchAll(/^(?:FAILED|ERROR) (\S+)/gm)].map(([, name]) => name);
    const failed = total('failed') + total('error');
    return { passed: total('passed'), failed, skipped: total('skipped'), reasons: [], failures };
  },

  command({ status }) {
    return {
      passed: status === 0 ? 1 : 0,
      failed: status === 0 ? 0 : 1,
      skipped: 0,
      reasons: [],
      failures: ['it failed'],
    };
  },
};
