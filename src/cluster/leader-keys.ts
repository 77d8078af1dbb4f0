/**
 * The transactions on `leader` and `leader-renewed`, each bound to the revisions that were seen. Whoever does something
 * that only the leader may do to etcd itself binds it to `leader` having the revision that it was written with; outside
 * etcd the token goes with it, and whoever is told refuses one smaller than it knows.
 *
 * `leader` stays when its node resigns, without a name: the next leader's token has to be larger than what it holds. Each
 * renewal writes another nonce, so that two histories of a store that was put back from a copy differ at every revision.
 *
 * A store without the key is marked first, with a nonce and no name. An empty store looks like any other: a node that saw
 * it empty, and sees it empty again, would take both for one, though another node led in between and the store was emptied.
 */
import { randomBytes } from 'node:crypto';

import { type KeyValue, transact, under } from './etcd/key-values';
import type { CallOptions, EtcdMember } from './etcd/member';
import { LEADER_KEY, meaningOf, RENEWED_KEY, wantsLeaderKey } from './keys';
import type { Sighting, Wish } from './leadership';

export interface Candidate {
  readonly node: string;
  readonly instance: string;
}

export interface LeaderView {
  readonly sighting: Sighting;
  readonly wishes: readonly Wish[];
}

const NOBODY: Candidate = { node: '', instance: '' };
const NONCE_BYTES = 8;
/** Half of what a number holds exactly: a larger one was not counted up to, and would leave no room to count further. */
const MAX_TOKEN = 2 ** 52;
const WANTS = under(wantsLeaderKey(''));

export async function viewLeader(member: EtcdMember, at: number, options: CallOptions): Promise<LeaderView> {
  const { ranges } = await transact(
    member,
    {
      compare: [],
      success: [
        { kind: 'range', key: LEADER_KEY },
        { kind: 'range', key: RENEWED_KEY },
        { kind: 'range', ...WANTS },
      ],
    },
    options,
  );
  const [leader = [], renewed = [], wants = []] = ranges;
  return { sighting: sightingOf([...leader, ...renewed], at), wishes: wishesOf(wants) };
}

/** Returns what is to be seen of it; undefined where another node has written `leader` meanwhile. */
export async function markStore(member: EtcdMember, options: CallOptions): Promise<Omit<Sighting, 'at'> | undefined> {
  const instance = nonce();
  const { succeeded, revision } = await transact(
    member,
    {
      compare: [
        { key: LEADER_KEY, modRevision: 0n },
        { key: RENEWED_KEY, modRevision: 0n },
      ],
      success: [{ kind: 'put', key: LEADER_KEY, value: leaderText({ node: '', instance, token: 0 }) }],
    },
    options,
  );
  return succeeded ? { node: '', instance, token: 0, leader: revision, renewed: 0n } : undefined;
}

/** Returns the revision of `leader`; undefined where somebody was there before. */
export async function takeOver(
  member: EtcdMember,
  from: Sighting,
  candidate: Candidate & { readonly token: number },
  options: CallOptions,
): Promise<bigint | undefined> {
  const { succeeded, revision } = await transact(
    member,
    {
      compare: [
        { key: LEADER_KEY, modRevision: from.leader },
        { key: RENEWED_KEY, modRevision: from.renewed },
      ],
      success: [
        { kind: 'put', key: LEADER_KEY, value: leaderText(candidate) },
        { kind: 'put', key: RENEWED_KEY, value: renewedText(candidate) },
      ],
    },
    options,
  );
  return succeeded ? revision : undefined;
}

/** Who wants to lead instead; undefined where another one has written `leader` since. */
export async function renew(
  member: EtcdMember,
  leader: bigint,
  candidate: Candidate,
  options: CallOptions,
): Promise<readonly Wish[] | undefined> {
  const { succeeded, ranges } = await transact(
    member,
    {
      compare: [{ key: LEADER_KEY, modRevision: leader }],
      success: [
        { kind: 'put', key: RENEWED_KEY, value: renewedText(candidate) },
        { kind: 'range', ...WANTS },
      ],
    },
    options,
  );
  return succeeded ? wishesOf(ranges[0] ?? []) : undefined;
}

/** Others need not wait for the lease to run out. */
export async function resign(
  member: EtcdMember,
  { token, leader }: { readonly token: number; readonly leader: bigint },
  options: CallOptions,
): Promise<void> {
  await transact(
    member,
    {
      compare: [{ key: LEADER_KEY, modRevision: leader }],
      success: [
        { kind: 'put', key: LEADER_KEY, value: leaderText({ ...NOBODY, token }) },
        { kind: 'delete', key: RENEWED_KEY },
      ],
    },
    options,
  );
}

/** Where nobody leads: `node` is empty, and there is no renewal. */
export function sightingOf(entries: readonly KeyValue[], at: number): Sighting {
  const leader = entries.find(({ key }) => key === LEADER_KEY);
  const renewed = entries.find(({ key }) => key === RENEWED_KEY);
  const { node, instance, token } = parseLeader(leader?.value ?? '');
  return { node, instance, token, leader: leader?.modRevision ?? 0n, renewed: renewed?.modRevision ?? 0n, at };
}

function wishesOf(entries: readonly KeyValue[]): readonly Wish[] {
  return entries.flatMap(({ key, modRevision }) => {
    const meaning = meaningOf(key);
    return meaning.kind === 'wants-leader' ? [{ node: meaning.node, since: modRevision }] : [];
  });
}

function leaderText({ node, instance, token }: Candidate & { readonly token: number }): string {
  return JSON.stringify({ node, instance, token });
}

function renewedText({ node, instance }: Candidate): string {
  return JSON.stringify({ node, instance, nonce: nonce() });
}

function nonce(): string {
  return randomBytes(NONCE_BYTES).toString('hex');
}

/** What is not ours names nobody that is known, and its lease is waited for. */
function parseLeader(value: string): Candidate & { readonly token: number } {
  try {
    const { node, instance, token } = JSON.parse(value);
    if (typeof node !== 'string' || typeof instance !== 'string') return { ...NOBODY, token: 0 };
    const isToken = Number.isSafeInteger(token) && token > 0 && token <= MAX_TOKEN;
    return { node, instance, token: isToken ? token : 0 };
  } catch {
    return { ...NOBODY, token: 0 };
  }
}
