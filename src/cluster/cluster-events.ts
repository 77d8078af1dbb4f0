/** What the cluster tells its users, and what they may ask of it at any moment. */
import type { Reading } from '../readings/reading';
import type { ClusterState } from './cluster-state';

export type ClusterEvent =
  /** Of other nodes, each once and in its node's order. */
  | { readonly kind: 'readings'; readonly readings: readonly Reading[] }
  | { readonly kind: 'state'; readonly state: ClusterState };

export type ClusterListener = (event: ClusterEvent) => void;

/** What this node may do now as the only one of the cluster; `token` grows with every change of the leader. */
export type Leading = { readonly isLeader: true; readonly token: number } | { readonly isLeader: false };

export interface ClusterCounts {
  /** Readings of this node that etcd has not acknowledged. */
  readonly waiting: number;
  /** Readings of this node that were dropped, since there was no more room for them. */
  readonly dropped: number;
  /** Readings of other nodes that etcd no longer had when this one came to read them. */
  readonly missed: number;
}
