/**
 * A whole run: every mutant through the readers, as many as time allows of those that pass through the translation, and
 * of those that pass again through the real way. Reproducible: the seed number and a mutant's index make it again.
 */
import { FullRun } from './full-run';
import type { Judgement } from './judgement';
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
const MS_PER_S = 1_000;

export async function runCampaign({ seed, mutants, only, seconds, folder }: CampaignWishes): Promise<Report> {
  const seeds = await allSeeds();
  const tally = new Tally();
  const all = only === undefined ? Array.from({ length: mutants }, (_, index) => index) : [only];
  const stageMs = (seconds * MS_PER_S) / 2;
  await tally.take('host.toml', inThread('host.toml', hostTomls(), seed, all, stageMs));
  const read = await tally.take('readers', inThread('readers', seeds, seed, all, Number.POSITIVE_INFINITY));
  const translated = await tally.take('translation', inThread('translation', seeds, seed, read, stageMs));
  await tally.take('full runs', inFull(seeds, seed, translated, stageMs, folder));
  return tally;
}

/** Written seeds several times, since only they can run. */
export async function allSeeds(): Promise<Uint8Array[]> {
  const written = await writtenSeeds();
  const sliced = slicedSeeds();
  const times = Math.ceil(sliced.length / written.length);
  return [...Array.from({ length: times }, () => written).flat(), ...sliced];
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
    for (let at = 0; at < indices.length && performance.now() < end; at += 1) {
      const index = indices[at] ?? 0;
      const judgement: Judgement = await run.run(mutant(seeds, seed, index));
      yield { ...judgement, index };
    }
  } finally {
    await run.close();
  }
}
