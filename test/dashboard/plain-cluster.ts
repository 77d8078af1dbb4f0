/** A cluster as its facade tells it, of three nodes: this one leads, one is gone, one has a clock that is ahead. */
import type { RuntimeCluster } from '../../src/runtime-api/cluster-api';

export const PLAIN_CLUSTER: RuntimeCluster = {
  state: {
    connected: true,
    leader: 'hub',
    isLeader: true,
    members: [
      { node: 'hub', role: 'leader-preferred', healthy: true, lastSeen: 2, skewMs: 0 },
      { node: 'pi4', role: 'voter', healthy: true, lastSeen: 2, skewMs: 90_250 },
      { node: 'zero', role: undefined, healthy: false, lastSeen: 0 },
    ],
  },
  counts: { waiting: 3, dropped: 7, missed: 12 },
  standing: () => ({ kind: 'leader', token: 5 }),
};

/** [cluster] is not enabled. */
export const NO_CLUSTER: RuntimeCluster = {
  state: undefined,
  counts: { waiting: 0, dropped: 0, missed: 0 },
  standing: () => ({ kind: 'alone' }),
};
