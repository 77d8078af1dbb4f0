/**
 * The cluster as flows, dashboard and Modbus map see it, made of what the parts know. Pure. Members are this node and every
 * other that was ever seen, by name; `lastSeen` in ms since 1970 by this node's clock.
 */

import type { ClusterRole } from '../host-config/host-config';
import type { EtcdError } from './etcd/etcd-error';
import type { OtherNode } from './other-nodes';

export interface MemberState {
  readonly node: string;
  /** undefined for one that has left before this node came. */
  readonly role: ClusterRole | undefined;
  readonly healthy: boolean;
  readonly lastSeen: number;
  /** How far its clock is ahead of this node's, ms, where that is known. */
  readonly skewMs?: number;
}

export interface ClusterState {
  /** Readings go to etcd, and those of others come from it. */
  readonly connected: boolean;
  /** "" where nobody leads, or it is not known. */
  readonly leader: string;
  readonly isLeader: boolean;
  readonly members: readonly MemberState[];
}

export interface KnownParts {
  readonly own: { readonly node: string; readonly role: ClusterRole };
  readonly now: number;
  readonly connected: boolean;
  /** What is known of others is too old to say that they are well. */
  readonly isBlind: boolean;
  readonly leader: string;
  readonly others: readonly OtherNode[];
}

export function clusterState({ own, now, connected, isBlind, leader, others }: KnownParts): ClusterState {
  const members = others.map(({ node, role, isPresent, lastSeen, skewMs }): MemberState => {
    const skew = skewMs === undefined ? {} : { skewMs: Math.round(skewMs) };
    return Object.freeze({ node, role, healthy: isPresent && !isBlind, lastSeen, ...skew });
  });
  const self: MemberState = Object.freeze({ ...own, healthy: connected, lastSeen: now, skewMs: 0 });
  return Object.freeze({
    connected,
    leader: isBlind ? '' : leader,
    isLeader: leader === own.node,
    members: Object.freeze([...members, self].sort((a, b) => (a.node < b.node ? -1 : 1))),
  });
}

/** Whether it is worth telling: times go on all the time. */
export function isNews(before: ClusterState | undefined, now: ClusterState): boolean {
  return before === undefined || gist(before) !== gist(now);
}

function gist({ connected, leader, isLeader, members }: ClusterState): string {
  const told = members.map(({ node, role, healthy }) => [node, role, healthy]);
  return JSON.stringify([connected, leader, isLeader, told]);
}

/** What to do about it: as the fault says, else by its kind. */
export function outageText(fault: EtcdError): string {
  return `${fault.message}. ${fault.advice ?? remedy(fault)}`;
}

function remedy({ kind }: EtcdError): string {
  switch (kind) {
    case 'no-leader':
      return 'Fewer than half of the voters see each other: see which are down with "edge-wasi cluster status"';
    case 'no-space':
      return "etcd's space is used up; the nodes try to make room by themselves";
    case 'denied':
    case 'unauthenticated':
      return "Look at [cluster] user and its password, and at the user's role in etcd";
    case 'learner':
      return 'Every endpoint is a learner, which stores nothing: add a voter to [cluster] endpoints';
    case 'broken-answer':
      return 'Look whether [cluster] endpoints are those of etcd itself: another service, or a proxy, responds there';
    case 'other-cluster':
      return 'Let [cluster] endpoints in host.toml name members of one cluster';
    case 'too-large':
      return 'Somebody else keeps large values under /edge-wasi/v1/ in this etcd: take them out';
    default:
      return 'Look whether etcd runs there and the network is up ("edge-wasi cluster status")';
  }
}
