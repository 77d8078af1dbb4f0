/** The thread that makes and judges mutants at one of the first two stages: indices come in, judgements go out. */
import { parentPort, workerData } from 'node:worker_threads';
import { judgeReaders } from './judge-readers';
import { translationJudge } from './judge-translation';
import type { FromMutantThread, Judged, MutantThreadData } from './mutant-channel';
import { mutant } from './mutants';

const { stage, seeds, seed, progress }: MutantThreadData = workerData;
const judge = stage === 'readers' ? Promise.resolve(judgeReaders) : translationJudge();
const say = (message: FromMutantThread) => parentPort?.postMessage(message);

parentPort?.on('message', (indices: readonly number[]) => {
  void judge.then((judgeOne) => {
    const judged: Judged[] = [];
    for (const index of indices) {
      Atomics.store(progress, 0, index);
      const { verdict, passed, findings, poisoned } = judgeOne(mutant(seeds, seed, index));
      judged.push({ index, verdict, passed, findings });
      if (poisoned) {
        say({ kind: 'poisoned', judged });
        return;
      }
    }
    say({ kind: 'judged', judged });
  });
});
