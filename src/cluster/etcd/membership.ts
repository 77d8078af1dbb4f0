/**
 * Who belongs to the cluster, and what one member says of itself. Ids are decimal text, as etcd's JSON has them (etcdctl
 * shows them in hexadecimal). A learner answers `status` alone.
 */
import { id, int64, type Json, object, objects, positive, text, texts, WrongField, yes } from './json-fields';
import { type CallOptions, type EtcdMember, STATUS_PATH } from './member';

export interface ClusterMember {
  readonly id: string;
  /** Empty until it has been started. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

export interface MemberStatus {
  readonly memberId: string;
  readonly clusterId: string;
  readonly version: string;
  /** "0": it knows none. */
  readonly leaderId: string;
  readonly isLearner: boolean;
  /** On disk, and of it in use. */
  readonly dbBytes: number;
  readonly dbBytesInUse: number;
  readonly revision: bigint;
  /** The quota of one of the members is used up, as far as this one knows. */
  readonly hasNoSpace: boolean;
}

export interface Alarm {
  readonly memberId: string;
  readonly kind: 'no-space' | 'corrupt' | 'unknown';
}

const ALARMS: Readonly<Record<string, Alarm['kind']>> = { NOSPACE: 'no-space', CORRUPT: 'corrupt' };
/** It reads and writes the whole file: 64 MB on an SD card. */
const DEFRAGMENT_DEADLINE_MS = 60_000;

export async function status(member: EtcdMember, options: CallOptions = {}): Promise<MemberStatus> {
  return await member.ask(STATUS_PATH, {}, memberStatus, { ...options, isLocal: true });
}

function memberStatus(answer: Json): MemberStatus {
  const header = object(answer, 'header');
  return {
    memberId: id(header, 'member_id'),
    clusterId: id(header, 'cluster_id'),
    version: text(answer, 'version'),
    leaderId: id(answer, 'leader'),
    isLearner: yes(answer, 'isLearner'),
    dbBytes: Number(int64(answer, 'dbSize')),
    dbBytesInUse: Number(int64(answer, 'dbSizeInUse')),
    revision: int64(header, 'revision'),
    hasNoSpace: texts(answer, 'errors').some((error) => error.includes('NOSPACE')),
  };
}

export async function members(member: EtcdMember, options: CallOptions = {}): Promise<readonly ClusterMember[]> {
  return await member.ask('/v3/cluster/member/list', {}, membersOf, options);
}

/** It counts as soon as it is added, started or not: a voter is better added as a learner and promoted. */
export async function addMember(
  member: EtcdMember,
  added: { readonly peerUrls: readonly string[]; readonly isLearner: boolean },
  options: CallOptions = {},
): Promise<ClusterMember> {
  const body = { peerURLs: added.peerUrls, isLearner: added.isLearner };
  return await member.ask('/v3/cluster/member/add', body, (answer) => clusterMember(object(answer, 'member')), options);
}

/** Throws `refused` while the learner still lags, or is none. */
export async function promoteMember(member: EtcdMember, memberId: string, options: CallOptions = {}): Promise<void> {
  await member.call('/v3/cluster/member/promote', { ID: memberId }, options);
}

export async function removeMember(member: EtcdMember, memberId: string, options: CallOptions = {}): Promise<void> {
  await member.call('/v3/cluster/member/remove', { ID: memberId }, options);
}

/** `leader` is the member that leads now: others refuse it. The target must be a voter. */
export async function transferLeadership(leader: EtcdMember, toId: string, options: CallOptions = {}): Promise<void> {
  await leader.call('/v3/maintenance/transfer-leadership', { targetID: toId }, options);
}

export async function alarms(member: EtcdMember, options: CallOptions = {}): Promise<readonly Alarm[]> {
  const read = (answer: Json) =>
    objects(answer, 'alarms').map((alarm) => ({
      memberId: id(alarm, 'memberID'),
      kind: ALARMS[text(alarm, 'alarm')] ?? 'unknown',
    }));
  return await member.ask('/v3/maintenance/alarm', { action: 'GET' }, read, options);
}

/** Of every member. It comes back by itself where there is still no space. */
export async function disarmNoSpace(member: EtcdMember, options: CallOptions = {}): Promise<void> {
  for (const alarm of await alarms(member, options)) {
    if (alarm.kind !== 'no-space') continue;
    const body = { action: 'DEACTIVATE', memberID: alarm.memberId, alarm: 'NOSPACE' };
    await member.call('/v3/maintenance/alarm', body, options);
  }
}

/** Of this member alone; it serves nothing meanwhile. */
export async function defragment(member: EtcdMember): Promise<void> {
  await member.call('/v3/maintenance/defragment', {}, { deadlineMs: DEFRAGMENT_DEADLINE_MS, isLocal: true });
}

function membersOf(answer: Json): readonly ClusterMember[] {
  const found = objects(answer, 'members').map(clusterMember);
  if (found.length === 0) throw new WrongField('names no member of the cluster');
  return found;
}

function clusterMember(json: Json): ClusterMember {
  return {
    id: positive(json, 'ID').toString(),
    name: text(json, 'name'),
    peerUrls: texts(json, 'peerURLs'),
    clientUrls: texts(json, 'clientURLs'),
    isLearner: yes(json, 'isLearner'),
  };
}
