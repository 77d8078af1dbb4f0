/**
 * The cluster as this node sees it, for /metrics and /api/health; nothing where there is none. Connected is what readings
 * need, leading what only one may do; readings are counted since Node-RED started its runtime, skews are in seconds.
 */
import type { ClusterCounts, ClusterState, RuntimeCluster } from '../runtime-api/cluster-api';
import type { Family } from './exposition';

const MS_PER_SECOND = 1_000;

/** Of /api/health. */
export interface ClusterHealth extends ClusterCounts {
  readonly connected: boolean;
  /** "" where nobody leads, or it is not known. */
  readonly leader: string;
}

/** undefined where [cluster] is not enabled. */
export function clusterHealth({ state, counts }: RuntimeCluster): ClusterHealth | undefined {
  return state && { connected: state.connected, leader: state.leader, ...counts };
}

export function clusterFamilies(cluster: RuntimeCluster): Family[] {
  const { state, counts } = cluster;
  if (state === undefined) return [];
  const isLeading = cluster.standing().kind === 'leader';
  return [
    gauge(
      'wasi_cluster_connected',
      'Whether readings go to the cluster and come from it: 1, or 0.',
      Number(state.connected),
    ),
    gauge(
      'wasi_cluster_leading',
      'Whether this node is the one that does what only one may: 1, or 0.',
      Number(isLeading),
    ),
    membersFamily(state),
    gauge('wasi_cluster_readings_waiting', 'Readings of this node that the cluster does not have yet.', counts.waiting),
    counter(
      'wasi_cluster_readings_dropped',
      'Readings of this node that were dropped for want of room.',
      counts.dropped,
    ),
    counter(
      'wasi_cluster_readings_missed',
      'Readings of other nodes that the cluster no longer had when this node came to read them.',
      counts.missed,
    ),
    skewFamily(state),
  ];
}

function gauge(name: string, help: string, value: number): Family {
  return { name, type: 'gauge', help, samples: [{ labels: {}, value }] };
}

function counter(name: string, help: string, value: number): Family {
  return { name, type: 'counter', help, samples: [{ labels: {}, value }] };
}

function membersFamily({ members }: ClusterState): Family {
  const well = members.filter(({ healthy }) => healthy).length;
  return {
    name: 'wasi_cluster_members',
    type: 'gauge',
    help: 'Nodes of the cluster, this one among them, by whether they are well.',
    samples: [
      { labels: { healthy: 'true' }, value: well },
      { labels: { healthy: 'false' }, value: members.length - well },
    ],
  };
}

function skewFamily({ members }: ClusterState): Family {
  return {
    name: 'wasi_cluster_clock_skew_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: "How far each node's clock is ahead of this node's, where that is known.",
    samples: members.flatMap(({ node, skewMs }) =>
      skewMs === undefined ? [] : [{ labels: { node }, value: skewMs / MS_PER_SECOND }],
    ),
  };
}
