/**
 * A run as it would be if all promises were kept, of any length and by a seed: three nodes publish, some attempts go
 * unanswered and are repeated, two readers follow, the lease moves. What history-checker.test.ts plants its faults in.
 */
import { Random } from '../fuzz/random';
import { History, type HistoryEvent, type ReadingId } from './history';
import type { Outcome } from './history-checker';

const NODES: readonly [string, ...string[]] = ['a', 'b', 'c'];
export const READERS = ['r', 's'];
const EPOCH = 'e1';

export interface Run {
  readonly events: readonly HistoryEvent[];
  readonly outcome: Outcome;
}

export function keptPromises(seed: number, readings: number): Run {
  const random = new Random(seed, 0);
  const events: HistoryEvent[] = [];
  const stored: ReadingId[] = [];
  const seqs = new Map(NODES.map((node) => [node, 0]));
  let [at, token, holder] = [1_000, 10, 'a'];
  for (let i = 0; i < readings; i++) {
    at += 1 + random.below(20);
    const node = random.pick(NODES);
    const seq = (seqs.get(node) ?? 0) + 1;
    seqs.set(node, seq);
    const reading = { node, epoch: EPOCH, seq };
    events.push({ kind: 'invoked', reading, at });
    if (random.oneIn(5))
      events.push({ kind: 'unanswered', reading, at: at + 5 }, { kind: 'invoked', reading, at: at + 6 });
    events.push({ kind: 'acknowledged', reading, at: at + 8 });
    stored.push(reading);
    for (const reader of READERS) events.push({ kind: 'observed', reader, reading, at: at + 9 });
    if (random.oneIn(30)) {
      at += 100;
      token += 1 + random.below(50);
      holder = random.pick(NODES);
    }
    events.push({ kind: 'held', node: holder, token, at }, { kind: 'acted', node: holder, token, at });
  }
  return { events, outcome: { stored, readers: READERS } };
}

export function historyOf(seed: number, events: readonly HistoryEvent[]): History {
  let at = 0;
  const history = new History(seed, () => at);
  for (const event of events) {
    at = event.at;
    history.add(event);
  }
  return history;
}
