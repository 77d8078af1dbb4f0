/** The thread that makes and judges mutants at one of the first two stages: indices come in, judgements go out. */
import { parentPort, workerData } from 'node:worker_threads';
import { judgeHostToml } from './judge-host-toml';
import { judgeReaders } from './judge-readers';
import { translationJudge } from './judge-translation';
import type { Judgement } from './judgement';
import type { FromMutantThread, Judged, MutantThreadData, ThreadStage } from './mutant-channel';
import { mutant } from './mutants';
import { textMutant } from './text-mutants';

const { stage, seeds, seed, progress }: MutantThreadData = workerData;
const make = stage === 'host.toml' ? textMutant : mutant;
const judge = judgeOf(stage);
const say = (message: FromMutantThread) => parentPort?.postMessage(message);

parentPort?.on('message', (indices: readonly number[]) => {
  void judge.then((judgeOne) => {
    const judged: Judged[] = [];
    for (const index of indices) {
      Atomics.store(progress, 0, index);
      const { verdict, passed, findings, poisoned } = judgeOne(make(seeds, seed, index));
      judged.push({ index, verdict, passed, findings });
      if (poisoned) {
        say({ kind: 'poisoned', judged });
        return;
      }
    }
    say({ kind: 'judged', judged });
  });
});

async function judgeOf(wanted: ThreadStage): Promise<(bytes: Uint8Array) => Judgement> {
  switch (wanted) {
    case 'readers':
      return judgeReaders;
    case 'translation':
      return translationJudge();
    case 'host.toml':
      return judgeHostToml;
  }
}
