/**
 * Judges a run, as Jepsen does: by what was promised to whom, never by what the product says of itself. The promises:
 *
 * - a reading that was acknowledged is in the end stored, and every reader that was there all the time has seen it;
 * - no reading is stored or shown twice, and none that nobody published;
 * - each reader sees the readings of a node in their order;
 * - at most one node holds the lease at any time, and what it guards takes no order of an older one (lease-checks.ts);
 * - a learner never holds it.
 *
 * Each breach is one finding. How long nothing went on is told, not judged: what is bearable depends on the fault.
 */
import type { History, ReadingId } from './history';
import { nameOf } from './history';
import { leaseFindings, longestGap } from './lease-checks';

export type FindingKind =
  | 'lost'
  | 'stored-twice'
  | 'shown-twice'
  | 'never-published'
  | 'refused-yet-stored'
  | 'out-of-order'
  | 'never-shown'
  | 'two-holders'
  | 'token-shared'
  | 'token-went-back'
  | 'stale-order'
  | 'learner-led';

export interface Finding {
  readonly kind: FindingKind;
  readonly says: string;
}

export interface Outcome {
  /** What etcd holds when all is over, once for each time it holds it. */
  readonly stored: readonly ReadingId[];
  /** Readers that followed from beginning to end, so that they must have seen everything. */
  readonly readers: readonly string[];
  /** Nodes that must never hold the lease. */
  readonly learners?: readonly string[];
}

export interface Verdict {
  readonly findings: readonly Finding[];
  readonly acknowledged: number;
  readonly unanswered: number;
  readonly observed: number;
  /** Longest time between two acknowledgements, ms. */
  readonly longestPauseMs: number;
  /** Longest time between two moments at which somebody held the lease, ms. */
  readonly longestVacancyMs: number;
}

export function judge(history: History, { stored, readers, learners = [] }: Outcome): Verdict {
  const leases = leaseFindings(history.of('held'), history.of('acted'));
  return {
    findings: [
      ...storedFindings(history, stored),
      ...readers.flatMap((reader) => shownFindings(history, reader)),
      ...leases.findings,
      ...[...new Set(history.of('held').map(({ node }) => node))]
        .filter((node) => learners.includes(node))
        .map((node): Finding => ({ kind: 'learner-led', says: `${node} is a learner` })),
    ],
    acknowledged: names(history, 'acknowledged').size,
    unanswered: history.of('unanswered').length,
    observed: history.of('observed').length,
    longestPauseMs: longestGap(history.of('acknowledged').map(({ at }) => at)),
    longestVacancyMs: leases.longestVacancyMs,
  };
}

/** Throws with the seed, every kind of finding and the history's file, where there is any. */
export function assertSound(name: string, history: History, outcome: Outcome): Verdict {
  const verdict = judge(history, outcome);
  if (verdict.findings.length === 0) return verdict;
  const shown = verdict.findings.slice(0, 20).map(({ kind, says }) => `  ${kind}: ${says}`);
  const file = history.keep(name);
  throw new Error(`${name}, seed ${history.seed}: ${verdict.findings.length} findings (${file})\n${shown.join('\n')}`);
}

export function summary({ acknowledged, unanswered, observed, longestPauseMs, longestVacancyMs }: Verdict): string {
  const pauses = `longest pause ${Math.round(longestPauseMs)} ms, longest vacancy ${Math.round(longestVacancyMs)} ms`;
  return `${acknowledged} acknowledged, ${unanswered} unanswered, ${observed} shown; ${pauses}`;
}

type Told = 'invoked' | 'acknowledged' | 'refused' | 'unanswered';

function names(history: History, kind: Told): Set<string> {
  return new Set(history.of(kind).map(({ reading }) => nameOf(reading)));
}

function storedFindings(history: History, stored: readonly ReadingId[]): Finding[] {
  const invoked = names(history, 'invoked');
  const inStore = new Set(stored.map(nameOf));
  const mayBeStored = new Set([...names(history, 'acknowledged'), ...names(history, 'unanswered'), ...open(history)]);
  return [
    ...[...names(history, 'acknowledged')]
      .filter((name) => !inStore.has(name))
      .map((name): Finding => ({ kind: 'lost', says: `${name} was acknowledged and is not stored` })),
    ...repeated(stored.map(nameOf)).map((name): Finding => ({ kind: 'stored-twice', says: name })),
    ...[...inStore].flatMap((name): Finding[] => {
      if (!invoked.has(name)) return [{ kind: 'never-published', says: `${name} is stored` }];
      return mayBeStored.has(name) ? [] : [{ kind: 'refused-yet-stored', says: name }];
    }),
  ];
}

/** Attempts that nobody told the end of, since whoever made them was killed. */
function open(history: History): string[] {
  const attempts = new Map<string, number>();
  for (const { kind, ...event } of history.events) {
    if (!('reading' in event) || kind === 'observed') continue;
    const name = nameOf(event.reading);
    attempts.set(name, (attempts.get(name) ?? 0) + (kind === 'invoked' ? 1 : -1));
  }
  return [...attempts].filter(([, count]) => count > 0).map(([name]) => name);
}

function shownFindings(history: History, reader: string): Finding[] {
  const seen = history.of('observed').filter((event) => event.reader === reader);
  const shown = seen.map(({ reading }) => nameOf(reading));
  const inShown = new Set(shown);
  const invoked = names(history, 'invoked');
  return [
    ...repeated(shown).map((name): Finding => ({ kind: 'shown-twice', says: `${name} by ${reader}` })),
    ...[...inShown]
      .filter((name) => !invoked.has(name))
      .map((name): Finding => ({ kind: 'never-published', says: `${name} was shown by ${reader}` })),
    ...[...names(history, 'acknowledged')]
      .filter((name) => !inShown.has(name))
      .map((name): Finding => ({ kind: 'never-shown', says: `${name} by ${reader}` })),
    ...disorder(seen.map(({ reading }) => reading)).map(
      (text): Finding => ({ kind: 'out-of-order', says: `${text} by ${reader}` }),
    ),
  ];
}

/** What was shown again is told of elsewhere: only what comes for the first time can come too late. */
function disorder(readings: readonly ReadingId[]): string[] {
  const newest = new Map<string, number>();
  const known = new Set<string>();
  return readings.flatMap((reading) => {
    const line = `${reading.node}/${reading.epoch}`;
    const last = newest.get(line) ?? Number.NEGATIVE_INFINITY;
    const isNew = !known.has(nameOf(reading));
    known.add(nameOf(reading));
    newest.set(line, Math.max(last, reading.seq));
    return isNew && reading.seq < last ? [`${nameOf(reading)} after ${last}`] : [];
  });
}

function repeated(all: readonly string[]): string[] {
  const seen = new Set<string>();
  return all.filter((name) => seen.size === seen.add(name).size);
}
