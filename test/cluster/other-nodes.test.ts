/** Other nodes as this one knows them: ages by its own clock, whatever theirs say, and nobody who was removed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { batchKey, cursorKey, presenceKey, RENEWED_KEY } from '../../src/cluster/keys';
import { OtherNodes } from '../../src/cluster/other-nodes';
import { batchText, presenceText, readingText } from '../../src/cluster/wire';
import type { Reading } from '../../src/readings/reading';
import { ManualClock } from '../support/manual-clock';
import { reading } from './numbered-readings';

const NOW = 1_700_000_000_000;
/** From the sensor to etcd, by the other's clock. */
const BEFORE_SENT_MS = 400;

async function seenBy(aheadMs: number, isLive = true) {
  const told: Reading[] = [];
  const others = new OtherNodes('own', new ManualClock(NOW), {
    onReadings: (readings) => told.push(...readings),
    onMissed: () => assert.fail('nothing is missing'),
    onWarning: (text) => assert.fail(text),
  });
  let first = 1;
  const send = async () => {
    const sentAt = NOW + aheadMs;
    const text = readingText({ ...reading('other', first), timestamp: sentAt - BEFORE_SENT_MS });
    const entry = entryOf(batchKey('other', 'ab', first), batchText('ab', first, sentAt, [text]));
    await others.onChanges([{ kind: 'put', entry }], isLive);
    first += 1;
  };
  await send();
  return { others, told, send };
}

function entryOf(key: string, value: string) {
  return { key, value, modRevision: 1n, createRevision: 1n, version: 1n, lease: '0' };
}

describe('other nodes', () => {
  for (const [says, aheadMs] of [
    ['an hour ahead', 3_600_000],
    ['an hour behind', -3_600_000],
    ['a second ahead', 1_000],
  ] as const) {
    it(`have readings of this node's time where their clock is ${says}`, async () => {
      const { others, told } = await seenBy(aheadMs);
      assert.deepEqual(
        told.map(({ timestamp }) => timestamp),
        [NOW - BEFORE_SENT_MS],
      );
      assert.equal(others.all()[0]?.skewMs, aheadMs);
    });
  }

  it('keep their time where the clocks agree but for the way, and where nothing was seen as it was sent', async () => {
    assert.equal((await seenBy(999)).told[0]?.timestamp, NOW + 999 - BEFORE_SENT_MS);
    const { others, told } = await seenBy(3_600_000, false);
    assert.equal(told[0]?.timestamp, NOW + 3_600_000 - BEFORE_SENT_MS);
    assert.equal(others.all()[0]?.skewMs, undefined);
  });

  it('are forgotten when they are removed, not when they leave', async () => {
    const { others, send } = await seenBy(0);
    const presence = presenceText({ role: 'voter', version: '1.0.0', clock: NOW, instance: 'x' });
    await others.onChanges([{ kind: 'put', entry: entryOf(presenceKey('other'), presence) }], true);
    const known = () => others.all().map(({ node, isPresent }) => [node, isPresent]);
    assert.deepEqual(known(), [['other', true]]);
    await others.onChanges([{ kind: 'delete', key: presenceKey('other'), modRevision: 2n }], true);
    assert.deepEqual(known(), [['other', false]]);
    await others.onChanges([{ kind: 'delete', key: cursorKey('other'), modRevision: 2n }], true);
    assert.deepEqual(known(), []);
    await send();
    assert.deepEqual(known(), [['other', false]]);
  });

  it('are forgotten where a fresh read has nothing of them, and tell nothing twice when they are back', async () => {
    const { others, told } = await seenBy(0);
    const known = () => others.all().map(({ node, isPresent }) => [node, isPresent]);
    const cursor = entryOf(cursorKey('other'), '');
    others.onSnapshot([cursor]);
    assert.deepEqual(known(), [['other', false]]);
    others.onSnapshot([]);
    assert.deepEqual(known(), []);
    await others.onChanges([{ kind: 'delete', key: presenceKey('other'), modRevision: 2n }], true);
    assert.deepEqual(known(), []);
    others.onSnapshot([cursor]);
    const again = readingText({ ...reading('other', 1), timestamp: NOW });
    await others.onBatches('other', [entryOf(batchKey('other', 'ab', 1), batchText('ab', 1, NOW, [again]))]);
    assert.deepEqual(known(), [['other', false]]);
    assert.equal(told.length, 1);
  });

  it('were last seen while their lease was known to live, whether they have readings or not', async () => {
    const clock = new ManualClock(NOW);
    const others = new OtherNodes('own', clock, {
      onReadings: () => assert.fail('nobody has any'),
      onMissed: () => assert.fail('nothing is missing'),
      onWarning: (text) => assert.fail(text),
    });
    const presence = presenceText({ role: 'voter', version: '1.0.0', clock: NOW, instance: 'x' });
    const came = entryOf(presenceKey('other'), presence);
    const minuteLater = async () => {
      await clock.advance(60_000);
      return clock.now();
    };
    const seen = () => others.all().map(({ isPresent, lastSeen }) => [isPresent, lastSeen]);
    others.onSnapshot([entryOf(cursorKey('other'), ''), came]);
    assert.deepEqual(seen(), [[true, NOW]]);
    const renewal = entryOf(RENEWED_KEY, '{}');
    const cutOffAt = await minuteLater();
    await others.onChanges([{ kind: 'put', entry: renewal }], true);
    assert.deepEqual(seen(), [[true, cutOffAt]], 'nothing but that somebody leads was told');
    await minuteLater();
    assert.deepEqual(seen(), [[true, cutOffAt]], 'nothing was told');
    const left = { kind: 'delete', key: presenceKey('other'), modRevision: 3n } as const;
    await others.onChanges([{ kind: 'put', entry: came }, left], false);
    assert.deepEqual(seen(), [[false, cutOffAt]], 'it went at some time since');
    await others.onChanges([{ kind: 'put', entry: came }], true);
    const goneAt = await minuteLater();
    await others.onChanges([left], true);
    await minuteLater();
    assert.deepEqual(seen(), [[false, goneAt]]);
    await others.onChanges([{ kind: 'put', entry: came }], true);
    const overslept = clock.now();
    await minuteLater();
    others.onSnapshot([entryOf(cursorKey('other'), '')]);
    assert.deepEqual(seen(), [[false, overslept]], 'it went before the fresh read');
  });

  it('tell many readings over several turns of the loop, in their order', async () => {
    const told: number[] = [];
    let thisTurn = 0;
    let mostInOne = 0;
    const others = new OtherNodes('own', new ManualClock(NOW), {
      onReadings: (readings) => {
        told.push(...readings.map(({ values }) => Number(values['n'])));
        thisTurn += readings.length;
        mostInOne = Math.max(mostInOne, thisTurn);
      },
      onMissed: () => assert.fail('nothing is missing'),
      onWarning: (text) => assert.fail(text),
    });
    let isOver = false;
    const turn = () => {
      thisTurn = 0;
      if (!isOver) setImmediate(turn);
    };
    turn();
    const batch = (first: number) => {
      const texts = Array.from({ length: 450 }, (_, i) => readingText(reading('other', first + i)));
      return entryOf(batchKey('other', 'ab', first), batchText('ab', first, NOW, texts));
    };
    await others.onBatches('other', [batch(1), batch(451)]);
    isOver = true;
    assert.deepEqual(
      told,
      Array.from({ length: 900 }, (_, i) => i + 1),
    );
    assert.ok(mostInOne <= 200, `${mostInOne} in one turn`);
  });
});

describe('a clock that is set', () => {
  const DAY_MS = 86_400_000;
  const EVERY_MS = 5_000;

  /** A node that sends a reading every five seconds, for longer than what is remembered of it. */
  async function watched() {
    const clock = new ManualClock(NOW);
    const told: Reading[] = [];
    const others = new OtherNodes('own', clock, {
      onReadings: (readings) => told.push(...readings),
      onMissed: () => assert.fail('nothing is missing'),
      onWarning: (text) => assert.fail(text),
    });
    let first = 1;
    /** How far what it sends is ahead of the time of the test, which is `clock` as it goes on. */
    const send = async (aheadMs: number) => {
      const sentAt = NOW + clock.monotonic() + aheadMs;
      const text = readingText({ ...reading('other', first), timestamp: sentAt });
      const entry = entryOf(batchKey('other', 'ab', first), batchText('ab', first, sentAt, [text]));
      first += 1;
      await others.onChanges([{ kind: 'put', entry }], true);
      return clock.now() - (told.at(-1)?.timestamp ?? Number.NaN);
    };
    for (let i = 0; i < 20; i++) {
      await clock.advance(EVERY_MS);
      assert.equal(await send(0), 0);
    }
    await clock.advance(EVERY_MS);
    const skew = () => others.all()[0]?.skewMs;
    return { clock, others, send, skew };
  }

  it('is believed of the other node, a day back, from the second message on', async () => {
    const { clock, send, skew } = await watched();
    assert.equal(await send(-DAY_MS), DAY_MS);
    await clock.advance(EVERY_MS);
    assert.equal(await send(-DAY_MS), 0);
    assert.equal(skew(), -DAY_MS);
    await clock.advance(EVERY_MS);
    assert.equal(await send(0), 0, 'forward at once');
  });

  it('is no step where messages are late, each less than the one before', async () => {
    const { clock, send, skew } = await watched();
    const HELD_MS = 600_000;
    await clock.advance(HELD_MS);
    for (let lateMs = HELD_MS; lateMs > HELD_MS / 2; lateMs -= 30_000) {
      await send(-lateMs);
      await clock.advance(200);
    }
    assert.equal(skew(), 0);
  });

  for (const stepMs of [-DAY_MS, DAY_MS]) {
    it(`is noticed of the own node at once, ${stepMs < 0 ? 'back' : 'forward'}`, async () => {
      const { clock, others, send, skew } = await watched();
      clock.step(stepMs);
      assert.equal(skew(), undefined, 'not known until it sends something');
      assert.equal(await send(0), 0);
      assert.equal(skew(), -stepMs);
      assert.equal(others.all()[0]?.lastSeen, clock.now());
      await clock.advance(EVERY_MS);
      assert.equal(await send(0), 0);
    });
  }

  it('of the own node moves when the others were seen', async () => {
    const { clock, others } = await watched();
    const before = others.all()[0]?.lastSeen ?? Number.NaN;
    clock.step(-DAY_MS);
    assert.equal(others.all()[0]?.lastSeen, before - DAY_MS);
  });
});
