/**
 * The cluster as a message and as a status. Pure. Without [cluster] there is a message as well: nothing is connected, nobody
 * leads, and there are no members, so that a flow can tell a node that is alone from one that has lost its cluster, which
 * always has itself as a member.
 */
import type { Message } from '../../src/readings/messages';
import type { ClusterState, Standing } from '../../src/runtime-api/runtime-api';
import type { Shown } from '../status';

interface ClusterMessage extends Message {
  readonly topic: 'cluster';
  readonly payload: ClusterState;
  /** Where this node leads: grows with every change of the leader. */
  readonly token?: number;
}

const ALONE: ClusterState = { connected: false, leader: '', isLeader: false, members: [] };

/** Its payload is the flow's own: it may be changed. */
export function clusterMessage(state: ClusterState = ALONE, standing: Standing): ClusterMessage {
  const { connected, leader, isLeader, members } = state;
  const payload = { connected, leader, isLeader, members: members.map((member) => ({ ...member })) };
  const fencing = isLeader && standing.kind === 'leader' ? { token: standing.token } : {};
  return { topic: 'cluster', payload, ...fencing };
}

/** The same for messages that say the same: times and skews go on all the time. */
export function gistOf({ payload: { connected, leader, isLeader, members }, token }: ClusterMessage): string {
  const told = members.map(({ node, role, healthy }) => [node, role, healthy]);
  return JSON.stringify([connected, leader, isLeader, token, told]);
}

export function clusterShown(state: ClusterState | undefined): Shown {
  if (state === undefined) return { kind: 'no-cluster' };
  if (!state.connected) return { kind: 'failed', code: 'CLUSTER_UNAVAILABLE' };
  if (state.isLeader) return { kind: 'leading' };
  return state.leader === '' ? { kind: 'no-leader' } : { kind: 'led-by', node: state.leader };
}
