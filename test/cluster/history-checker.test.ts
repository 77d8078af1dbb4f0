/** The judge itself: it lets every kept promise pass, and finds each broken one wherever it is hidden. */
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Random } from '../fuzz/random';
import type { HistoryEvent, ReadingId, Recorded } from './history';
import { assertSound, type FindingKind, judge } from './history-checker';
import { historyOf, keptPromises, READERS, type Run } from './simulated-history';

const SEEDS = Array.from({ length: 40 }, (_, seed) => seed + 1);
const READINGS = 400;

type Plant = (run: Run, random: Random) => Run;

function pick<T>(list: readonly T[], random: Random): T {
  const found = random.pickAny(list);
  assert.ok(found !== undefined);
  return found;
}

function ofKind<K extends HistoryEvent['kind']>(run: Run, kind: K): readonly Recorded<K>[] {
  return run.events.filter((event): event is Recorded<K> => event.kind === kind);
}

const withStored = (run: Run, stored: readonly ReadingId[]): Run => ({ ...run, outcome: { ...run.outcome, stored } });
const withEvents = (run: Run, events: readonly HistoryEvent[]): Run => ({ ...run, events });
const sameAs = (one: ReadingId) => (other: ReadingId) => other.node === one.node && other.seq === one.seq;
const UNKNOWN: ReadingId = { node: 'x', epoch: 'e1', seq: 1 };

const PLANTS: Readonly<Record<string, { readonly kind: FindingKind; readonly plant: Plant }>> = {
  'an acknowledged reading that is gone': {
    kind: 'lost',
    plant: (run, random) => {
      const gone = pick(run.outcome.stored, random);
      return withStored(
        run,
        run.outcome.stored.filter((reading) => !sameAs(gone)(reading)),
      );
    },
  },
  'a reading that is stored twice': {
    kind: 'stored-twice',
    plant: (run, random) => withStored(run, [...run.outcome.stored, pick(run.outcome.stored, random)]),
  },
  'a reading from nowhere': {
    kind: 'never-published',
    plant: (run) => withStored(run, [...run.outcome.stored, UNKNOWN]),
  },
  'a reading from nowhere that is only shown': {
    kind: 'never-published',
    plant: (run) => withEvents(run, [...run.events, { kind: 'observed', reader: 'r', reading: UNKNOWN, at: 1e6 }]),
  },
  'a reading that was refused and is there': {
    kind: 'refused-yet-stored',
    plant: (run) => {
      const refused: readonly HistoryEvent[] = [
        { kind: 'invoked', reading: UNKNOWN, at: 1e6 },
        { kind: 'refused', reading: UNKNOWN, at: 1e6 },
      ];
      return withStored(withEvents(run, [...run.events, ...refused]), [...run.outcome.stored, UNKNOWN]);
    },
  },
  'a reading that one reader shows again, much later': {
    kind: 'shown-twice',
    plant: (run, random) => withEvents(run, [...run.events, { ...pick(ofKind(run, 'observed'), random), at: 1e6 }]),
  },
  'a reading that one reader never saw': {
    kind: 'never-shown',
    plant: (run, random) => {
      const gone = pick(ofKind(run, 'observed'), random);
      return withEvents(
        run,
        run.events.filter((event) => event !== gone),
      );
    },
  },
  'a reading that one reader saw after a later one': {
    kind: 'out-of-order',
    plant: (run, random) => {
      const mine = ofKind(run, 'observed').filter(({ reader, reading }) => reader === 's' && reading.node === 'b');
      const late = pick(mine.slice(0, -1), random);
      return withEvents(run, [...run.events.filter((event) => event !== late), { ...late, at: 1e6 }]);
    },
  },
  'a second holder for a moment': {
    kind: 'two-holders',
    plant: (run, random) => {
      const held = ofKind(run, 'held');
      const i = 1 + random.below(held.length - 2);
      const [term, at] = [held[i - 1], held[i]?.at ?? 0];
      assert.ok(term);
      // Its own term, stretched into that of the next: a holder that did not see its lease end.
      const next = held.find(({ node, token }) => token > term.token && node !== term.node);
      const moment: HistoryEvent = next
        ? { ...term, at: next.at + 0.5 }
        : { kind: 'held', node: 'late', token: 1e6, at: at - 0.5 };
      return withEvents(run, [...run.events, moment]);
    },
  },
  'a token that two nodes have': {
    kind: 'token-shared',
    plant: (run, random) => {
      const { token, at } = pick(ofKind(run, 'acted'), random);
      return withEvents(run, insertAfter(run.events, at, { kind: 'acted', node: 'thief', token, at }));
    },
  },
  'a token smaller than the one before': {
    kind: 'token-went-back',
    plant: (run) => withEvents(run, [...run.events, { kind: 'held', node: 'a', token: 1, at: 1e6 }]),
  },
  'an order of a holder that slept': {
    kind: 'stale-order',
    plant: (run) => {
      const [first] = ofKind(run, 'acted');
      assert.ok(first);
      return withEvents(run, [...run.events, { ...first, at: 1e6 }]);
    },
  },
  'a learner that holds the lease': {
    kind: 'learner-led',
    plant: (run, random) => {
      const { node } = pick(ofKind(run, 'held'), random);
      return { ...run, outcome: { ...run.outcome, learners: [node] } };
    },
  },
};

function insertAfter(events: readonly HistoryEvent[], at: number, event: HistoryEvent): HistoryEvent[] {
  const i = events.findIndex((other) => other.kind === 'acted' && other.at === at);
  return [...events.slice(0, i + 1), event, ...events.slice(i + 1)];
}

describe('the judge of histories', () => {
  it('finds nothing where every promise is kept', () => {
    for (const seed of SEEDS) {
      const { events, outcome } = keptPromises(seed, READINGS);
      const { findings, acknowledged, observed } = judge(historyOf(seed, events), outcome);
      assert.deepEqual(findings, [], `seed ${seed}`);
      assert.deepEqual([acknowledged, observed], [READINGS, READINGS * READERS.length]);
    }
  });

  for (const [what, { kind, plant }] of Object.entries(PLANTS)) {
    it(`finds ${what}, wherever it is, and nothing else`, () => {
      for (const seed of SEEDS) {
        const { events, outcome } = plant(keptPromises(seed, READINGS), new Random(seed, 1));
        const kinds = judge(historyOf(seed, events), outcome).findings.map((finding) => finding.kind);
        assert.deepEqual([...new Set(kinds)], [kind], `seed ${seed}`);
      }
    });
  }

  it('takes what was never answered as it comes: stored or not', () => {
    const events: readonly HistoryEvent[] = [
      { kind: 'invoked', reading: UNKNOWN, at: 1 },
      { kind: 'unanswered', reading: UNKNOWN, at: 2 },
    ];
    const killed = historyOf(1, events.slice(0, 1));
    for (const history of [historyOf(1, events), killed])
      for (const stored of [[], [UNKNOWN]]) assert.deepEqual(judge(history, { stored, readers: [] }).findings, []);
  });

  it('tells how long nothing was acknowledged and nobody held the lease', () => {
    const acknowledged = (at: number): HistoryEvent => ({ kind: 'acknowledged', reading: { ...UNKNOWN, seq: at }, at });
    const invoked = (at: number): HistoryEvent => ({ kind: 'invoked', reading: { ...UNKNOWN, seq: at }, at });
    const events = [0, 10, 3_210, 3_220].flatMap((at) => [invoked(at), acknowledged(at)]);
    const held: readonly HistoryEvent[] = [
      { kind: 'held', node: 'a', token: 1, at: 5 },
      { kind: 'held', node: 'b', token: 2, at: 2_505 },
    ];
    const stored = [0, 10, 3_210, 3_220].map((seq) => ({ ...UNKNOWN, seq }));
    const verdict = judge(historyOf(1, [...events, ...held]), { stored, readers: [] });
    assert.deepEqual([verdict.findings, verdict.longestPauseMs, verdict.longestVacancyMs], [[], 3_200, 2_500]);
  });

  it('keeps the history of a run that it condemns, and says its seed', () => {
    const { events } = keptPromises(77, 3);
    let file = '';
    assert.throws(
      () => assertSound('planted', historyOf(77, events), { stored: [], readers: [] }),
      ({ message }: Error) => {
        file = /\((\/.*)\)/.exec(message)?.[1] ?? '';
        return /^planted, seed 77: 3 findings/.test(message) && message.includes('lost: ');
      },
    );
    assert.equal(existsSync(file), true);
    rmSync(file);
  });
});
