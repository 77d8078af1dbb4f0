/** Readings that can be told apart, and what of a node's readings is in etcd. */

import assert from 'node:assert/strict';
import { range, under } from '../../src/cluster/etcd/key-values';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { batchesOf } from '../../src/cluster/keys';
import { parseBatch, readingText } from '../../src/cluster/wire';
import type { Reading } from '../../src/readings/reading';

/** ms since 1970; readings of years ago are not kept as anybody's newest. */
const BEGIN = Date.now();

export function reading(node: string, n: number, sensorId = 'room'): Reading {
  return {
    node,
    plugin: 'counter',
    sensorId,
    timestamp: BEGIN + n,
    values: { n },
    units: { n: '°C' },
  };
}

export function texts(node: string, from: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => readingText(reading(node, from + i)));
}

/** The numbers of a node's readings in etcd, in the order they were written. */
export async function storedNumbers(url: string, node: string): Promise<number[]> {
  const member = new EtcdMember(url);
  try {
    const { entries } = await range(member, under(batchesOf(node)));
    for (const { key, version } of entries) assert.equal(version, 1n, `${key} was written more than once`);
    const inOrder = [...entries].sort((a, b) => Number(a.modRevision - b.modRevision));
    return inOrder.flatMap(
      ({ value }) => parseBatch(node, value)?.readings.map(({ values }) => Number(values['n'])) ?? [],
    );
  } finally {
    member.close();
  }
}

/** The same numbers on every machine (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
