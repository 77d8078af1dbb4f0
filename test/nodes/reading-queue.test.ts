import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReadingQueue } from '../../nodes/cluster-watch/reading-queue';
import type { Reading } from '../../src/readings/reading';
import { readingOf } from '../readings/reading-of';
import { settled } from './flow';

function numbered(from: number, to: number, node = 'zero'): Reading[] {
  return Array.from({ length: to - from }, (_, at) => readingOf({ node, timestamp: from + at }));
}

function collected(sizes: { sliceSize: number; maxWaiting?: number }) {
  const slices: (readonly Reading[])[] = [];
  const dropped: number[] = [];
  const queue = new ReadingQueue({
    ...sizes,
    hand: (slice) => slices.push(slice),
    onDropped: (count) => dropped.push(count),
  });
  return { queue, slices, dropped, times: () => slices.map((slice) => slice.map(({ timestamp }) => timestamp)) };
}

describe('readings on their way into the flow', () => {
  it('are handed on in slices of one node, in order, after whoever brought them has gone on', async () => {
    const { queue, slices, times } = collected({ sliceSize: 2 });
    queue.add([...numbered(0, 3), ...numbered(3, 4, 'revpi')]);
    queue.add(numbered(4, 5));
    assert.deepEqual(slices, []);
    await settled();
    assert.deepEqual(times(), [[0, 1], [2], [3], [4]]);
  });

  it('are bounded: the oldest are left out, and counted once', async () => {
    const { queue, times, dropped } = collected({ sliceSize: 2, maxWaiting: 4 });
    queue.add(numbered(0, 6));
    queue.add(numbered(6, 8));
    await settled();
    assert.deepEqual(times(), [
      [4, 5],
      [6, 7],
    ]);
    assert.deepEqual(dropped, [4]);
    queue.add(numbered(8, 9));
    await settled();
    assert.deepEqual(dropped, [4]);
  });

  it('are forgotten when it is closed, also twice', async () => {
    const { queue, slices } = collected({ sliceSize: 2 });
    queue.add(numbered(0, 6));
    queue.close();
    queue.close();
    queue.add(numbered(6, 7));
    await settled();
    assert.deepEqual(slices, []);
  });
});
