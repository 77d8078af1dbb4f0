/** What of another node is told: each reading once, in whatever order and how often its batches come. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { Arrivals } from '../../src/cluster/arrivals';
import { reading } from './numbered-readings';

const EPOCH = 'abc';

function batch(first: number, count: number) {
  const readings = Array.from({ length: count }, (_, i) => reading('other', first + i));
  return { epoch: EPOCH, first, sentAt: 0, readings };
}

function numbers(arrival: { readonly readings: readonly { readonly values: Readonly<Record<string, unknown>> }[] }) {
  return arrival.readings.map(({ values }) => Number(values['n']));
}

describe('arrivals', () => {
  it('no reading is told twice and none goes back in time, whatever batches come and come again', () => {
    const range = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 10 }));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 60 }), (ranges) => {
        const arrivals = new Arrivals();
        const told: number[] = [];
        let missed = 0;
        for (const [first, count] of ranges) {
          const arrival = arrivals.batch(batch(first, count), count);
          told.push(...numbers(arrival));
          missed += arrival.missed;
        }
        const begin = told[0] ?? 1;
        for (const [i, n] of told.entries()) assert.ok(i === 0 || n > (told[i - 1] ?? 0), `${told}`);
        const highest = Math.max(begin - 1, ...told);
        assert.equal(told.length + missed, highest - begin + 1);
      }),
    );
  });

  it('the newest of a sensor is told where its batch is gone, and left to its batch where that is there', () => {
    const arrivals = new Arrivals();
    arrivals.batch(batch(1, 5), 5);
    const latest = [8, 12, 20].map((seq) => ({ epoch: EPOCH, seq, reading: reading('other', seq) }));
    const news = arrivals.latest(latest, new Map([[EPOCH, 15]]));
    assert.deepEqual(numbers(news), [8, 12]);
    assert.equal(news.missed, 12 - 5 - 2);
    assert.deepEqual(numbers(arrivals.batch(batch(15, 2), 2)), [15, 16]);
    assert.deepEqual(numbers(arrivals.latest(latest, new Map([[EPOCH, 15]]))), []);
  });

  it('a node that was started anew counts from one again', () => {
    const arrivals = new Arrivals();
    arrivals.batch(batch(1, 5), 5);
    assert.deepEqual(numbers(arrivals.batch({ ...batch(1, 2), epoch: 'def' }, 2)), [1, 2]);
    assert.deepEqual(numbers(arrivals.batch(batch(1, 6), 6)), [6]);
  });

  it('what a node that was started many times has in etcd is told once, however often all of it is read', () => {
    const arrivals = new Arrivals();
    const epochs = Array.from({ length: 200 }, (_, i) => i.toString(16));
    const readAll = () => epochs.flatMap((epoch) => numbers(arrivals.batch({ ...batch(1, 2), epoch }, 2)));
    assert.equal(readAll().length, 400);
    assert.deepEqual(readAll(), []);
  });
});
