/** Histories of an outbox by chance: readings, answers, writes that are cut off, restarts, in any order. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { Batch } from '../../src/cluster/outbox/outbox';
import { opened } from './opened-outbox';
import { MemoryFiles, numbered } from './outbox-files';

describe('the outbox', () => {
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
