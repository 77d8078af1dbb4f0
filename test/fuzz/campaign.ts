/**
 * A whole run: every mutant through the readers, as many as time allows of those that pass through the translation, and
 * of those that pass again through the real way. Reproducible: the seed number and a mutant's index make it again.
 */
import { FullRun } from './full-run';
import { CANARY_GLOBAL } from './hostile-names';
import { Leaks } from './leaks';
import type { Finding, Judged, ThreadStage } from './mutant-channel';
import { MutantThread } from './mutant-thread';
import { mutant } from './mutants';
import { hostTomls, slicedSeeds, writtenSeeds } from './seeds';

export interface CampaignWishes {
  readonly seed: number;
  readonly mutants: number;
  /** Only this one of them. */
  readonly only?: number;
  /** For translation and full runs, half each; the readers see all mutants. */
  readonly seconds: number;
  /** For files of this run; the caller removes it. */
  readonly folder: string;
}

export interface Report {
  /** How many mutants came to which end, by stage. */
  readonly stages: Readonly<Record<string, ReadonlyMap<string, number>>>;
  readonly findings: readonly Finding[];
}

/** Small enough that a lost time box costs little. */
const BATCH = 50;
/** Full runs that are made though the time is over: on a busy machine each takes seconds. */
const LEAST_FULL_RUNS = 5;
/** Full runs after which all code was run once. */
const WARM_UP = 10;
const LEAK_CHECK_EVERY = 20;
const MS_PER_S = 1_000;

export async function runCampaign({ seed, mutants, only, seconds, folder }: CampaignWishes): Promise<Report> {
  const seeds = await allSeeds();
  const tally = new Tally();
  const all = only === undefined ? Array.from({ length: mutants }, (_, index) => index) : [only];
  const stageMs = (seconds * MS_PER_S) / 2;
  await tally.take('host.toml', inThread('host.toml', hostTomls(), seed, all, stageMs));
  const read = await tally.take('readers', inThread('readers', seeds, seed, all, Number.POSITIVE_INFINITY));
  const translated = await tally.take('translation', inThread('translation', seeds, seed, read, stageMs));
  const first = translated.filter((index) => holdsCanary(mutant(seeds, seed, index)));
  const inOrder = [...new Set([...first, ...translated])];
  await tally.take('full runs', inFull(seeds, seed, inOrder, stageMs, folder));
  return tally;
}

/** Written seeds several times, since only they can run. */
export async function allSeeds(): Promise<Uint8Array[]> {
  const written = await writtenSeeds();
  const sliced = slicedSeeds();
  const times = Math.ceil(sliced.length / written.length);
  return [...Array.from({ length: times }, () => written).flat(), ...sliced];
}

/** Where such a name got so far, running it is what tells most. */
function holdsCanary(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).includes(CANARY_GLOBAL);
}

class Tally implements Report {
  readonly stages: Record<string, Map<string, number>> = {};
  readonly findings: Finding[] = [];

  /** Indices that passed. */
  async take(stage: string, judgements: AsyncIterable<Judged>): Promise<number[]> {
    const verdicts = new Map<string, number>();
    this.stages[stage] = verdicts;
    const passed: number[] = [];
    for await (const { index, verdict, passed: goesOn, findings } of judgements) {
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      this.findings.push(...findings.map((what) => ({ index, stage, what })));
      if (goesOn) passed.push(index);
    }
    return passed;
  }
}

async function* inThread(
  stage: ThreadStage,
  seeds: readonly Uint8Array[],
  seed: number,
  indices: readonly number[],
  limitMs: number,
): AsyncGenerator<Judged> {
  const thread = new MutantThread({ stage, seeds, seed });
  try {
    const end = performance.now() + limitMs;
    for (let at = 0; at < indices.length && performance.now() < end; at += BATCH) {
      yield* await thread.judge(indices.slice(at, at + BATCH));
    }
  } finally {
    await thread.close();
  }
}

async function* inFull(
  seeds: readonly Uint8Array[],
  seed: number,
  indices: readonly number[],
  limitMs: number,
  folder: string,
): AsyncGenerator<Judged> {
  const run = await FullRun.open(folder);
  try {
    const end = performance.now() + limitMs;
    let leaks: Leaks | undefined;
    for (const [nth, index] of indices.entries()) {
      const isOver = (runs: number) => runs >= LEAST_FULL_RUNS && performance.now() >= end;
      if (isOver(nth)) break;
      const { verdict, passed, findings } = await run.run(mutant(seeds, seed, index));
      if (nth === WARM_UP) leaks = Leaks.since();
      const isLast = nth === indices.length - 1 || isOver(nth + 1);
      const isTime = isLast || nth % LEAK_CHECK_EVERY === 0;
      yield { index, verdict, passed, findings: [...findings, ...(isTime ? (leaks?.found() ?? []) : [])] };
    }
  } finally {
    await run.close();
  }
}
