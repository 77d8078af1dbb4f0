/**
 * Who leads, as states and what follows from what was seen: pure. All times are monotonic ms of the node that sees.
 *
 * The leader writes `leader-renewed` every second. Its lease runs out for itself HOLDS_MS after it *sent* the last renewal
 * that was confirmed; for everybody else LEASE_MS after they *saw* the last one, and only if etcd then still has that one:
 * taking over is a transaction on the very revisions that were seen. What was confirmed was sent before it was seen, so
 * that, with clocks that run equally fast (within MARGIN_MS), two never hold at once.
 *
 * Why no lease of etcd: etcd makes none shorter than one and a half election timeouts, 4 s with those of a Pi, and a new
 * etcd leader starts each anew and adds an election timeout. When the node goes that leads and whose member leads, that
 * is ten seconds without a leader; this way it is the election of etcd and half a second.
 */
export const RENEW_EVERY_MS = 1_000;
export const LEASE_MS = 3_000;
/** A clock of 1 % more or less, and what lies between asking and acting. */
export const MARGIN_MS = 500;
export const HOLDS_MS = LEASE_MS - MARGIN_MS;

/** What a node saw of the two keys. */
export interface Sighting {
  /** "" where nobody leads. */
  readonly node: string;
  /** Of the start of the process that leads; where nobody has led in this store, the nonce that marks it. */
  readonly instance: string;
  /** Fencing token of the node that leads, or led last; 0 where nobody has led in this store. */
  readonly token: number;
  /** Revision of `leader`; 0 where there is no such key. */
  readonly leader: bigint;
  /** Revision of `leader-renewed`. */
  readonly renewed: bigint;
  /** When this was first seen as it is. */
  readonly at: number;
}

export type Leadership =
  | { readonly kind: 'following' }
  /** `leader`: revision of that key, which every renewal is bound to. `until`: it holds; after that another may. */
  | { readonly kind: 'leading'; readonly token: number; readonly leader: bigint; readonly until: number };

/** A node that is preferred, and has been healthy for a while, wants to lead. It outlives its node by PRESENCE_MS. */
export interface Wish {
  readonly node: string;
  /** Revision. */
  readonly since: bigint;
}

/**
 * The same revisions are the same sighting, and as old as it. Revisions of a store that was set up again may be the same
 * by chance; the token is another one then, or the nonce where nobody has led there.
 */
export function seen(before: Sighting | undefined, now: Sighting): Sighting {
  if (before === undefined) return now;
  const isSame =
    before.leader === now.leader &&
    before.renewed === now.renewed &&
    before.token === now.token &&
    before.instance === now.instance;
  return isSame ? before : now;
}

/**
 * The fencing token of a new leader. It grows with every change of the leader, in one store and over all of them: where
 * etcd was set up anew, its revisions begin at 1 again, and a consumer that refuses smaller tokens would refuse the leader.
 * `highest`: that this node ever saw, in this store or an earlier one. Where all nodes were started anew as well, nobody
 * remembers it; the time of day is larger than any token that was given before, unless a clock was set back by more than
 * the store was away. ms since 1970, or more.
 */
export function nextToken(highest: number, now: number): number {
  return Math.max(highest + 1, Math.floor(now));
}

/** Another may be leader-preferred, or already there: they begin later, so that few try at once. */
export interface Patience {
  readonly isPreferred: boolean;
  /** Somebody else, preferred, wants to lead. */
  readonly othersWant: boolean;
  /** 0 ≤ x < 1. */
  readonly random: number;
  /** When etcd last failed to answer: the leader was cut off too, and is given the time to renew. */
  readonly lastFaultAt: number;
}

const UNPREFERRED_MS = 200;
const SPREAD_MS = 200;
const OTHERS_WANT_MS = 2_000;
const AFTER_FAULT_MS = 500;

/** From when this node may try to take over. */
export function mayTakeOverAt(sighting: Sighting, patience: Patience): number {
  // A node that resigns leaves the key with its token and without its name. Without a token the store is new, or was
  // emptied under a node that may still hold what was confirmed there.
  const isResigned = sighting.node === '' && sighting.renewed === 0n && sighting.token !== 0;
  const free = isResigned ? sighting.at : sighting.at + LEASE_MS;
  const politeness = patience.isPreferred ? 0 : UNPREFERRED_MS + patience.random * SPREAD_MS;
  const yielding = patience.othersWant ? OTHERS_WANT_MS : 0;
  return Math.max(free + politeness + yielding, patience.lastFaultAt + AFTER_FAULT_MS);
}

/** Longer than what a lost node said of itself lasts: ten seconds, and an election of etcd that prolongs them. */
export const KEEPS_MS = 15_000;

/**
 * Whether whoever leads hands over. A wish that is older than its leading may be of the very node whose loss made it lead:
 * only if it is still there when that one would be forgotten, it is of one that lives.
 */
export function yieldsTo(wishes: readonly Wish[], leading: { node: string; leader: bigint; forMs: number }): boolean {
  return wishes.some(
    ({ node, since }) => node !== leading.node && (since > leading.leader || leading.forMs >= KEEPS_MS),
  );
}

/** Whether others are given the time to take over first: whoever led and is gone does not come by itself. */
export function yieldsBefore(wishes: readonly Wish[], own: string, lost: string): boolean {
  return wishes.some(({ node }) => node !== own && node !== lost);
}
