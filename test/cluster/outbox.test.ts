/** The outbox: what it promises of a reading, whatever happens to the disk and the power. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { type Batch, Outbox, type OutboxLimits } from '../../src/cluster/outbox/outbox';
import { type SegmentFiles, segmentFolder } from '../../src/cluster/outbox/segment-files';
import { ManualClock } from './manual-clock';
import { MemoryFiles, numbered } from './outbox-files';

const LIMITS: OutboxLimits = { maxBytes: 2 ** 20, maxReadings: 10_000, maxMemoryBytes: 2 ** 20 };

async function opened(files: SegmentFiles, limits: Partial<OutboxLimits> = {}) {
  const clock = new ManualClock();
  const told = { warnings: [] as string[], dropped: 0 };
  const outbox = await Outbox.open({
    files,
    clock,
    limits: { ...LIMITS, ...limits },
    onWarning: (text) => told.warnings.push(text),
    onDropped: (readings) => {
      told.dropped += readings;
    },
  });
  return { outbox, clock, told };
}

/** Everything, as a publisher takes it. */
async function drain(outbox: Outbox, at = 7): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const batch = await outbox.next(at, 1_000_000);
    if (batch === undefined) return texts;
    texts.push(...batch.entries.map(({ text }) => text));
    outbox.acknowledge(batch.epoch, batch.entries.at(-1)?.seq ?? 0);
  }
}

describe('the outbox', () => {
  it('gives readings back in their order and keeps nothing that is acknowledged', async () => {
    const { outbox } = await opened(new MemoryFiles());
    outbox.add(numbered(0, 20));
    assert.deepEqual(await drain(outbox), numbered(0, 20));
    assert.equal(outbox.pending, 0);
    await outbox.close();
  });

  it('writes nothing while readings are acknowledged in time', async () => {
    const files = new MemoryFiles();
    const { outbox, clock } = await opened(files);
    for (let second = 0; second < 100; second++) {
      outbox.add(numbered(second, 10));
      await drain(outbox);
      await clock.advance(1_000);
    }
    await outbox.close();
    assert.equal(files.writes, 0);
    assert.equal(files.files.size, 0);
  });

  it('writes at most once a second while nothing is acknowledged', async () => {
    const files = new MemoryFiles();
    const { outbox, clock } = await opened(files);
    for (let tick = 0; tick < 200; tick++) {
      outbox.add(numbered(tick, 1));
      await clock.advance(50);
    }
    assert.ok(files.writes <= 10, `${files.writes} writes in ten seconds`);
    assert.ok(files.writes >= 7, `${files.writes} writes in ten seconds`);
    await outbox.close();
  });

  it('a batch has no more readings and bytes than asked for, and one reading at least', async () => {
    const { outbox } = await opened(new MemoryFiles());
    outbox.add(['x'.repeat(100), 'y'.repeat(10), 'z'.repeat(10)]);
    assert.equal((await outbox.next(10, 50))?.entries.length, 1);
    assert.equal((await outbox.next(2, 1_000))?.entries.length, 2);
    await outbox.close();
  });

  it('what was acknowledged while it was on its way to disk is not published again', async () => {
    const files = new MemoryFiles();
    const { outbox, clock } = await opened(files);
    outbox.add(numbered(0, 10));
    const batch = await outbox.next(4, 1_000);
    await clock.advance(4_000);
    outbox.acknowledge(batch?.epoch ?? '', 4);
    assert.deepEqual(await drain(outbox), numbered(4, 6));
    await outbox.close();
    assert.equal(files.files.size, 0);
  });

  it('what goes to a file is not forgotten with what was acknowledged of that file meanwhile', async () => {
    const files = new MemoryFiles();
    const { outbox, clock } = await opened(files);
    outbox.add(numbered(0, 4));
    const batch = await outbox.next(4, 1_000);
    await clock.advance(3_000);
    outbox.add(numbered(4, 6));
    files.hold();
    await clock.advance(3_000);
    outbox.acknowledge(batch?.epoch ?? '', 4);
    files.release();
    assert.equal(outbox.pending, 6);
    assert.deepEqual(await drain(outbox), numbered(4, 6));
    await outbox.close();
    assert.deepEqual([files.writes, files.files.size], [2, 0]);
  });

  it('a file goes once, however often its readings are acknowledged before it is gone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wasi-outbox-'));
    const { outbox, clock, told } = await opened(segmentFolder(folder));
    outbox.add(numbered(0, 10));
    for (let second = 0; second < 4; second++) await clock.advance(1_000);
    await outbox.next(100, 1_000_000);
    outbox.acknowledge(outbox.epoch, 10);
    outbox.acknowledge(outbox.epoch, 10);
    await outbox.close();
    assert.deepEqual([readdirSync(folder), told.warnings], [[], []]);
    rmSync(folder, { recursive: true });
  });

  it('when it is full the oldest go, counted', async () => {
    const { outbox, clock, told } = await opened(new MemoryFiles(), { maxReadings: 100 });
    for (let i = 0; i < 50; i++) {
      outbox.add(numbered(i * 10, 10));
      await clock.advance(3_000);
      // Read from, so that what is on disk is in many segments.
      await outbox.next(1, 1);
    }
    const left = await drain(outbox);
    assert.ok(left.length <= 100, `${left.length} are left`);
    assert.equal(told.dropped + left.length, 500);
    assert.deepEqual(left, numbered(500 - left.length, left.length));
    await outbox.close();
  });

  it('a full disk costs no reading while memory holds them, and then the oldest, counted', async () => {
    const files = new MemoryFiles();
    files.room = 200;
    const { outbox, clock, told } = await opened(files, { maxMemoryBytes: 1_000 });
    outbox.add(numbered(0, 50));
    await clock.advance(10_000);
    assert.equal(told.warnings.filter((text) => /ENOSPC.*kept in memory/.test(text)).length, 1);
    assert.equal(told.dropped, 0);
    outbox.add(numbered(50, 100));
    const left = await drain(outbox);
    assert.ok(told.dropped > 0);
    assert.equal(told.dropped + left.length, 150);
    assert.equal(left.at(-1), '{"n":149}');
    await outbox.close();
  });

  it('a disk with room again takes what had to wait in memory', async () => {
    const files = new MemoryFiles();
    files.room = 10;
    const { outbox, clock } = await opened(files);
    outbox.add(numbered(0, 50));
    await clock.advance(5_000);
    files.room = Number.POSITIVE_INFINITY;
    await clock.advance(2_000);
    await outbox.close();
    const next = await opened(files);
    assert.deepEqual(await drain(next.outbox), numbered(0, 50));
    await next.outbox.close();
  });

  it('whatever is done, and wherever a write is cut off, a restart finds a run of readings without one missing', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), count: fc.integer({ min: 1, max: 30 }) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), count: fc.integer({ min: 1, max: 50 }) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('send' as const), count: fc.integer({ min: 1, max: 40 }) }) },
      // As a publisher does over a slow line: an answer comes at any time, also in the middle of a write.
      { weight: 2, arbitrary: fc.record({ do: fc.constant('take' as const), count: fc.integer({ min: 1, max: 40 }) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('answer' as const), count: fc.constant(0) }) },
      {
        weight: 3,
        arbitrary: fc.record({ do: fc.constant('write' as const), count: fc.integer({ min: 1, max: 50 }) }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), count: fc.constant(0) }) },
      {
        weight: 1,
        arbitrary: fc.record({ do: fc.constant('crash' as const), count: fc.integer({ min: 0, max: 100 }) }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const files = new MemoryFiles();
        let { outbox, clock, told } = await opened(files);
        const accepted: string[] = [];
        const arrived = new Set<string>();
        const acknowledgedOf = new Map<string, number>();
        let lost = 0;
        let asked: Batch | undefined;
        const answer = () => {
          if (asked === undefined) return false;
          const batch = asked;
          asked = undefined;
          for (const { text, seq } of batch.entries) {
            // What etcd knows by its cursor is not taken twice.
            if (seq > (acknowledgedOf.get(batch.epoch) ?? 0)) {
              assert.ok(!arrived.has(text), `${text} came twice`);
              arrived.add(text);
            }
          }
          const last = batch.entries.at(-1)?.seq ?? 0;
          acknowledgedOf.set(batch.epoch, Math.max(last, acknowledgedOf.get(batch.epoch) ?? 0));
          outbox.acknowledge(batch.epoch, last);
          return true;
        };
        const send = async (most: number) => {
          asked ??= await outbox.next(most, 1_000_000);
          return answer();
        };
        const reopen = async () => {
          ({ outbox, clock, told } = await opened(files));
          for (const [epoch, seq] of acknowledgedOf) outbox.acknowledge(epoch, seq);
        };
        for (const { do: what, count } of steps) {
          if (what !== 'add' && what !== 'answer') files.release();
          if (what === 'add') {
            const texts = numbered(accepted.length, count);
            accepted.push(...texts);
            outbox.add(texts);
          } else if (what === 'wait') await clock.advance(count * 100);
          else if (what === 'send') await send(count);
          else if (what === 'take') asked ??= await outbox.next(count, 1_000_000);
          else if (what === 'answer') answer();
          else if (what === 'write') {
            files.hold();
            await clock.advance(count * 100);
          } else if (what === 'restart') {
            answer();
            await outbox.close();
            await reopen();
          } else {
            answer();
            const before = outbox.pending;
            const kept = files.readings();
            files.failsAfter = count / 100;
            await clock.advance(3_000);
            await outbox.close();
            files.powerOn();
            const survived = files.readings();
            const isAcknowledged = (place: string) => {
              const [epoch = '', seq] = place.split(' ');
              return Number(seq) <= (acknowledgedOf.get(epoch) ?? 0);
            };
            // Files whose readings are acknowledged may go at any time.
            for (const place of kept)
              assert.ok(survived.has(place) || isAcknowledged(place), `${place} was on disk and is gone`);
            await reopen();
            const survivingAcknowledged = [...survived].filter(isAcknowledged);
            assert.ok(outbox.pending >= survived.size - survivingAcknowledged.length);
            lost += before - outbox.pending;
          }
        }
        files.release();
        while (await send(9)) {
          // Until nothing is left.
        }
        assert.equal(arrived.size + lost + told.dropped, accepted.length);
        const order = [...arrived].map((text) => Number(/\d+/.exec(text)?.[0]));
        assert.deepEqual(
          order,
          [...order].sort((a, b) => a - b),
        );
        await outbox.close();
        assert.equal(files.files.size, 0);
      }),
      { numRuns: 4_000 },
    );
  });
});

describe('the outbox on a real disk', () => {
  it('keeps readings over a restart, readable by nobody else, in files that go when all is acknowledged', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'outbox-')), 'wasi', 'outbox');
    const first = await opened(segmentFolder(folder));
    first.outbox.add(numbered(0, 1_000));
    await first.outbox.close();
    const [name] = readdirSync(folder);
    assert.equal(statSync(join(folder, name ?? '')).mode & 0o777, 0o600);
    const second = await opened(segmentFolder(folder));
    assert.equal(second.outbox.pending, 1_000);
    second.outbox.add(numbered(1_000, 10));
    assert.deepEqual(await drain(second.outbox, 100), numbered(0, 1_010));
    await second.outbox.close();
    assert.deepEqual(readdirSync(folder), []);
    rmSync(folder, { recursive: true });
  });

  it('leaves out what a power failure tore, says so, and passes over what is not its own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'outbox-'));
    const first = await opened(segmentFolder(folder));
    first.outbox.add(numbered(0, 10));
    await first.outbox.close();
    const name = readdirSync(folder)[0] ?? '';
    const data = readFileSync(join(folder, name));
    writeFileSync(join(folder, name), data.subarray(0, data.length - 5));
    writeFileSync(join(folder, 'notes.txt'), 'not a segment');
    const second = await opened(segmentFolder(folder));
    assert.deepEqual(await drain(second.outbox), numbered(0, 9));
    assert.match(second.told.warnings[0] ?? '', /the last \d+ bytes of .* are not whole/);
    await second.outbox.close();
    assert.deepEqual(readdirSync(folder), ['notes.txt']);
    rmSync(folder, { recursive: true });
  });
});
