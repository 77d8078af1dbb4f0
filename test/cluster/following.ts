/** A follower with the other nodes that it feeds, in this process, and everything that it told. */

import { Endpoints } from '../../src/cluster/endpoints';
import { Follower, type FollowerState } from '../../src/cluster/follower';
import { OtherNodes } from '../../src/cluster/other-nodes';
import { systemClock } from '../../src/platform/clock';

export type Following = ReturnType<typeof follow>;

export function follow(urls: readonly string[]) {
  const clock = systemClock;
  const endpoints = new Endpoints(urls, {}, clock);
  const numbers: number[] = [];
  const timestamps: number[] = [];
  const states: FollowerState[] = [];
  const told = { missed: 0, warnings: [] as string[], infos: [] as string[] };
  const nodes = new OtherNodes('me', clock, {
    onReadings: (readings) => {
      numbers.push(...readings.map(({ values }) => Number(values['n'])));
      timestamps.push(...readings.map(({ timestamp }) => timestamp));
    },
    onMissed: (_node, readings) => {
      told.missed += readings;
    },
    onWarning: (text) => told.warnings.push(text),
  });
  const follower = new Follower({
    node: 'me',
    endpoints,
    clock,
    onSnapshot: (entries) => nodes.onSnapshot(entries),
    onLatest: (node, latest, batches) => nodes.onLatest(node, latest, batches),
    onBatches: (node, batches) => nodes.onBatches(node, batches),
    onChanges: (changes, isLive) => nodes.onChanges(changes, isLive),
    onState: (state) => states.push(state),
    log: (level, text) => (level === 'warn' ? told.warnings : told.infos).push(text),
  });
  follower.start();
  const close = async () => {
    await follower.close();
    endpoints.close();
  };
  return { follower, nodes, numbers, timestamps, states, told, close };
}

export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
