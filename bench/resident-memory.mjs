/**
 * Memory of this process at rest and at its peak, in MB, as Linux reports it. V8 shrinks the heap of an idle process by
 * some 20 MB, sometimes after 15 seconds and sometimes not within a minute: in a process that imports this it does not.
 * Instead, garbage is collected before memory at rest is read.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const BYTES_PER_MB = 2 ** 20;
const KILOBYTES_PER_MB = 2 ** 10;
/** Documented in proc_pid_clear_refs(5). */
const RESET_PEAK = '5';
/** The loader's thread ends ten seconds after the last load. */
const LOADER_REST_MS = 12_000;
const SHORT_REST_MS = 1_500;
/** Until the system has taken back the memory that was collected. */
const COLLECTED_MS = 500;

setFlagsFromString('--no-memory-reducer');
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** `afterLoad`: a component was loaded since the last rest. */
export async function memoryAtRest({ afterLoad }) {
  await pause(afterLoad ? LOADER_REST_MS : SHORT_REST_MS);
  collectGarbage();
  await pause(COLLECTED_MS);
  return { rssMb: residentMb(), heapMb: process.memoryUsage().heapUsed / BYTES_PER_MB };
}

export function residentMb() {
  return process.memoryUsage.rss() / BYTES_PER_MB;
}

/** The most since the process started, or since `resetPeak`. */
export function peakMb() {
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kilobytes) / KILOBYTES_PER_MB;
}

export function resetPeak() {
  writeFileSync('/proc/self/clear_refs', RESET_PEAK);
}
