/**
 * The transactions on `leader` and `leader-renewed`, each bound to the revisions that were seen. Whoever does something
 * that only the leader may do to etcd itself binds it to `leader` having the token as its revision; outside etcd the token
 * goes with it, and whoever is told refuses one older than it knows.
 */

import { type KeyValue, transact, under } from './etcd/key-values';
import type { CallOptions, EtcdMember } from './etcd/member';
import { LEADER_KEY, meaningOf, PREFIX, RENEWED_KEY, wantsLeaderKey } from './keys';
import type { Sighting, Wish } from './leadership';

export interface Candidate {
  readonly node: string;
  readonly instance: string;
}

export interface LeaderView {
  readonly sighting: Sighting;
  readonly wishes: readonly Wish[];
}

const WANTS = under(wantsLeaderKey(''));
const LEADERS = under(`${PREFIX}leader`);

export async function viewLeader(member: EtcdMember, at: number, options: CallOptions): Promise<LeaderView> {
  const { ranges } = await transact(
    member,
    {
      compare: [],
      success: [
        { kind: 'range', ...LEADERS },
        { kind: 'range', ...WANTS },
      ],
    },
    options,
  );
  const [leaders = [], wants = []] = ranges;
  return { sighting: sightingOf(leaders, at), wishes: wishesOf(wants) };
}

/** Returns the token; undefined where somebody was there before. */
export async function takeOver(
  member: EtcdMember,
  from: Sighting,
  { node, instance }: Candidate,
  options: CallOptions,
): Promise<bigint | undefined> {
  const value = JSON.stringify({ node, instance });
  const { succeeded, revision } = await transact(
    member,
    {
      compare: [
        { key: LEADER_KEY, modRevision: from.token },
        { key: RENEWED_KEY, modRevision: from.renewed },
      ],
      success: [
        { kind: 'put', key: LEADER_KEY, value },
        { kind: 'put', key: RENEWED_KEY, value },
      ],
    },
    options,
  );
  return succeeded ? revision : undefined;
}

/** Who wants to lead instead; undefined where the token no longer holds. */
export async function renew(
  member: EtcdMember,
  token: bigint,
  { node, instance }: Candidate,
  options: CallOptions,
): Promise<readonly Wish[] | undefined> {
  const { succeeded, ranges } = await transact(
    member,
    {
      compare: [{ key: LEADER_KEY, modRevision: token }],
      success: [
        { kind: 'put', key: RENEWED_KEY, value: JSON.stringify({ node, instance }) },
        { kind: 'range', ...WANTS },
      ],
    },
    options,
  );
  return succeeded ? wishesOf(ranges[0] ?? []) : undefined;
}

/** Others need not wait for the lease to run out. */
export async function resign(member: EtcdMember, token: bigint, options: CallOptions): Promise<void> {
  await transact(
    member,
    { compare: [{ key: LEADER_KEY, modRevision: token }], success: [{ kind: 'delete', ...LEADERS }] },
    options,
  );
}

/** Where nobody leads: token 0. */
export function sightingOf(entries: readonly KeyValue[], at: number): Sighting {
  const leader = entries.find(({ key }) => key === LEADER_KEY);
  const renewed = entries.find(({ key }) => key === RENEWED_KEY);
  const { node, instance } = candidateOf(leader?.value ?? '');
  return { node, instance, token: leader?.modRevision ?? 0n, renewed: renewed?.modRevision ?? 0n, at };
}

function wishesOf(entries: readonly KeyValue[]): readonly Wish[] {
  return entries.flatMap(({ key, modRevision }) => {
    const meaning = meaningOf(key);
    return meaning.kind === 'wants-leader' ? [{ node: meaning.node, since: modRevision }] : [];
  });
}

function candidateOf(value: string): Candidate {
  try {
    const { node, instance } = JSON.parse(value);
    if (typeof node === 'string' && typeof instance === 'string') return { node, instance };
  } catch {
    // Not ours: nobody that is known leads, and the lease is waited for.
  }
  return { node: '', instance: '' };
}
