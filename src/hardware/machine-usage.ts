/**
 * Memory, processor and uptime of the machine itself, which every backend reports alike, simulated hardware included.
 */
import { cpus, freemem, totalmem, uptime } from 'node:os';
import type { MemoryUsage } from './hardware';

const BYTES_PER_MIB = 1_048_576;

/** What the kernel would give a new process counts as free (MemAvailable). */
export function memoryUsage(): MemoryUsage {
  const total = totalmem();
  return Object.freeze({ usedMb: (total - freemem()) / BYTES_PER_MIB, totalMb: total / BYTES_PER_MIB });
}

export function uptimeSeconds(): number {
  return uptime();
}

/** Time all cores spent, in ms since the machine started. */
export interface CpuTimes {
  readonly busy: number;
  readonly idle: number;
}

export function cpuTimes(): CpuTimes {
  return cpus().reduce(
    ({ busy, idle }, { times }) => ({
      busy: busy + times.user + times.nice + times.sys + times.irq,
      idle: idle + times.idle,
    }),
    { busy: 0, idle: 0 },
  );
}

/** The kernel counts in ticks of 10 ms: a share of fewer than some ticks is chance. */
const MIN_COUNTED_MS = 100;

/** Further digits are chance, too. */
const STEPS_PER_PERCENT = 10;

export class CpuUsage {
  readonly #read: () => CpuTimes;
  #last: CpuTimes = { busy: 0, idle: 0 };
  #percent = 0;

  constructor(read: () => CpuTimes = cpuTimes) {
    this.#read = read;
  }

  /** %, since the last call; the first one since the machine started. Too soon after a call, that call's answer. */
  percent(): number {
    const now = this.#read();
    const busy = now.busy - this.#last.busy;
    const all = busy + now.idle - this.#last.idle;
    if (all < MIN_COUNTED_MS) return this.#percent;
    this.#last = now;
    const percent = Math.min(Math.max((100 * busy) / all, 0), 100);
    this.#percent = Math.round(percent * STEPS_PER_PERCENT) / STEPS_PER_PERCENT;
    return this.#percent;
  }
}
