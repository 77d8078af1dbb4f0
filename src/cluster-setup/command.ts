/** `edge-wasi cluster …`: what was wanted is done, and how it ended is the exit code that USAGE names. */
import { setTimeout as pause } from 'node:timers/promises';
import { EtcdError } from '../cluster/etcd/etcd-error';
import { clusterStatus } from './cluster-status';
import { parseClusterCommand, USAGE, type Wanted } from './command-line';
import { init } from './init';
import { join } from './join';
import { thisMachine } from './machine';
import { promote } from './promote';
import { Refusal } from './refusal';
import { remove } from './remove';
import type { Surroundings } from './surroundings';

const DONE = 0;
const NOT_DONE = 1;
const USAGE_ERROR = 2;
/** Voters that have only just met refuse a new member for 5 s; a learner on a slow card takes its time to catch up. */
const PATIENCE_MS = 120_000;
const TRY_AGAIN_MS = 500;

export async function clusterCommand(args: readonly string[]): Promise<number> {
  return runCluster(args, {
    machine: thisMachine,
    patience: { limitMs: PATIENCE_MS, pauseMs: TRY_AGAIN_MS, pause: (ms) => pause(ms), now: () => performance.now() },
    say: (line) => process.stdout.write(`${line}\n`),
    complain: (line) => process.stderr.write(`${line}\n`),
  });
}

export async function runCluster(args: readonly string[], around: Surroundings): Promise<number> {
  const wanted = parseClusterCommand(args, process.cwd());
  try {
    return await done(wanted, around);
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof EtcdError)) throw error;
    const next = error instanceof Refusal ? error.next : [];
    around.complain(`edge-wasi: ${[error.message, ...next.map((line) => `  ${line}`)].join('\n')}`);
    return NOT_DONE;
  }
}

async function done(wanted: Wanted, around: Surroundings): Promise<number> {
  switch (wanted.kind) {
    case 'help':
      around.say(USAGE.trimEnd());
      return DONE;
    case 'usage':
      around.complain(`edge-wasi: ${wanted.problem}.\n\n${USAGE.trimEnd()}`);
      return USAGE_ERROR;
    case 'init':
      await init(wanted.target, wanted.access, around);
      return DONE;
    case 'join':
      await join(wanted.target, wanted.access, around);
      return DONE;
    case 'status':
      return (await clusterStatus(wanted.access, wanted.root, wanted.json, around)) ? DONE : NOT_DONE;
    case 'promote':
      await promote(wanted.name, wanted.access, wanted.root, around);
      return DONE;
    case 'remove':
      await remove(wanted.name, wanted.access, wanted.root, around);
      return DONE;
  }
}
