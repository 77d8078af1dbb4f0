/**
 * Memory of this process and of those that it started, in MB: the process of the guests, and while a component is prepared
 * the one that does it. Pages that several processes share count once altogether (PSS of proc_pid_smaps(5)). V8 shrinks the
 * heap of an idle process by some 20 MB, sometimes after 15 seconds and sometimes not within a minute: in a process that
 * imports this it does not, and garbage is collected before memory at rest is read. In the processes that it started V8 does
 * as it likes.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const BYTES_PER_MB = 2 ** 20;
const KILOBYTES_PER_MB = 2 ** 10;
/** V8 compiles a guest's code again, and frees the memory that starting took, within seconds of the start. */
const REST_AFTER_LOAD_MS = 12_000;
const SHORT_REST_MS = 1_500;
/** Until the system has taken back the memory that was collected. */
const COLLECTED_MS = 500;
/** Reading the memory of 300 MB takes some 5 ms; what preparing takes at its most lasts longer than this. */
const SAMPLE_EVERY_MS = 100;

setFlagsFromString('--no-memory-reducer');
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** `afterLoad`: a component was loaded since the last rest. `heapMb`: of this process alone. */
export async function memoryAtRest({ afterLoad }) {
  await pause(afterLoad ? REST_AFTER_LOAD_MS : SHORT_REST_MS);
  collectGarbage();
  await pause(COLLECTED_MS);
  return { totalMb: totalMb(), heapMb: process.memoryUsage().heapUsed / BYTES_PER_MB };
}

export function totalMb() {
  return family().reduce((sum, pid) => sum + proportionalMb(pid), 0);
}

/** The most that was seen from its making until `take`. */
export class PeakWatch {
  #most = 0;
  #timer = setInterval(() => this.#look(), SAMPLE_EVERY_MS);

  take() {
    clearInterval(this.#timer);
    this.#look();
    return this.#most;
  }

  #look() {
    this.#most = Math.max(this.#most, totalMb());
  }
}

/** This process, those that it started, and those that they started. */
function family() {
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(name) : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const withTheirs = (pid) => [pid, ...(children.get(pid) ?? []).flatMap(withTheirs)];
  return withTheirs(process.pid);
}

/** The fourth field; the second one is a name in parentheses, which may hold any character. */
function parentOf(pid) {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat && Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function proportionalMb(pid) {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/smaps_rollup`) ?? '')?.[1] ?? 0;
  return Number(kilobytes) / KILOBYTES_PER_MB;
}

/** undefined of a process that has just ended. */
function textOf(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined;
    throw error;
  }
}
