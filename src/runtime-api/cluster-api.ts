/**
 * What nodes may ask of the cluster, if there is one; implemented by `runtime/cluster-membership.ts`. All is answered at once,
 * whether etcd can be reached or not.
 */
import type { ClusterCounts } from '../cluster/cluster-events';
import type { ClusterState } from '../cluster/cluster-state';

export type { ClusterCounts, ClusterState };

/**
 * What this node may do now of that which only one node of a cluster may: carrying out Modbus writes, a bridge, alarms.
 * `token` grows with every change of the leader, also over an etcd that was set up anew: whoever is asked may refuse a smaller
 * one than it has seen.
 */
export type Standing =
  /** There is no cluster: this node is the only one. */
  { readonly kind: 'alone' } | { readonly kind: 'leader'; readonly token: number } | { readonly kind: 'follower' };

export interface RuntimeCluster {
  /** undefined where [cluster] is not enabled. */
  readonly state: ClusterState | undefined;
  readonly counts: ClusterCounts;
  /** Asked right before what only one node may do. */
  standing(): Standing;
}
