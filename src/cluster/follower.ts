/**
 * Everything in the cluster's keys, told once as it is and then as it changes: a watch at a voter, the own member first,
 * that goes on from the last revision after an interruption, and from a fresh read where etcd has compacted that. A watch
 * that is silent is looked after: is there something newer that it does not tell? Then it is left for another member.
 *
 * Where no voter is reachable, the own member is asked every two seconds for what it knows (a learner, or a voter without
 * a leader, still has what the cluster had), which is not what was deleted: the next watch begins before all that. Never
 * gives up; `close` ends what is under way.
 */
import { type ClusterClock, pause } from './clock';
import type { Endpoints } from './endpoints';
import { asEtcdError, EtcdError, isOfMember } from './etcd/etcd-error';
import { range } from './etcd/key-values';
import type { EtcdMember } from './etcd/member';
import { type Change, watch } from './etcd/watch';
import { EVERYTHING } from './keys';
import { readWholeStore, type StoreReader } from './whole-store';

export type FollowerState =
  | { readonly kind: 'opening' }
  /** `endpoint`: where its watch is. */
  | { readonly kind: 'following'; readonly endpoint: string }
  /** No voter answers, and the own member does. */
  | { readonly kind: 'reading-locally'; readonly fault: EtcdError }
  | { readonly kind: 'cut-off'; readonly fault: EtcdError }
  | { readonly kind: 'closed' };

export interface FollowerSurroundings extends StoreReader {
  readonly node: string;
  readonly endpoints: Endpoints;
  readonly clock: ClusterClock;
  /** `isLive`: just made; else found, some time later. */
  onChanges(changes: readonly Change[], isLive: boolean): Promise<void>;
  onState(state: FollowerState): void;
}

/** The leader shows every second that it is there, so that a watch is seldom silent. */
const SILENT_MS = 3_000;
/** From when a change is stored until a watch that works has told it. */
const LATE_MS = 1_000;
const READ_LOCALLY_EVERY_MS = 2_000;
/** Before the next member, or the next look for one. */
const LOOK_AGAIN_MS = 250;
const NOT_ASKED = { revision: 0n, at: Number.NEGATIVE_INFINITY };

export class Follower {
  readonly #around: FollowerSurroundings;
  #state: FollowerState = { kind: 'opening' };
  /** Everything up to it has been told; undefined: read afresh. */
  #told: bigint | undefined;
  /** Up to where the own member was asked since no voter can be, and when that was. */
  #local = NOT_ASKED;
  /** Goes on for some turns after a watch was given up; nothing else is told meanwhile. */
  #telling: Promise<void> = Promise.resolve();
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;

  constructor(around: FollowerSurroundings) {
    this.#around = around;
    this.#running = this.#run();
  }

  get state(): FollowerState {
    return this.#state;
  }

  /** May be called twice. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      try {
        await this.#follow();
      } catch (error) {
        if (!this.#ending.signal.aborted) await this.#withoutVoter(asEtcdError(error));
      }
    }
    this.#enter({ kind: 'closed' });
  }

  /** Comes back after an interruption that the next member, or a fresh read, may mend; throws where no voter answers. */
  async #follow(): Promise<void> {
    const { endpoints } = this.#around;
    const { member, revision } = await endpoints.ask(async (one) => ({ member: one, ...(await newest(one)) }));
    // A cluster that was made anew, or put back from a copy, has forgotten what was told.
    if (this.#told !== undefined && revision < this.#told) this.#told = undefined;
    this.#local = NOT_ASKED;
    try {
      await this.#watchAt(member, revision);
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      const fault = asEtcdError(error);
      if (fault.kind === 'compacted') this.#told = undefined;
      else if (!isOfMember(fault.kind)) throw fault;
      else endpoints.blame(member, fault);
      await pause(this.#around.clock, LOOK_AGAIN_MS, this.#ending.signal);
    }
  }

  /** `revision`: the store's, just now. */
  async #watchAt(member: EtcdMember, revision: bigint): Promise<void> {
    const { node, onSnapshot, onBatches } = this.#around;
    let madeBefore = revision;
    if (this.#told === undefined) {
      this.#told = await readWholeStore(member, node, { onSnapshot, onBatches }, this.#ending.signal);
      madeBefore = (await newest(member, this.#ending.signal)).revision;
    }
    this.#enter({ kind: 'following', endpoint: member.endpoint });
    const ending = new AbortController();
    const stop = () => ending.abort();
    this.#ending.signal.addEventListener('abort', stop, { once: true });
    const silence = this.#lookAfter(member, ending.signal);
    try {
      await Promise.race([this.#watch(member, madeBefore, ending.signal), silence]);
    } finally {
      ending.abort();
      this.#ending.signal.removeEventListener('abort', stop);
      // Its error, if it had one, is what was thrown; or the watch's came first.
      await silence.catch(() => undefined);
      await this.#telling;
    }
  }

  /** What was made up to `madeBefore` is caught up on. */
  #watch(member: EtcdMember, madeBefore: bigint, signal: AbortSignal): Promise<never> {
    return watch(member, {
      ...EVERYTHING,
      fromRevision: (this.#told ?? 0n) + 1n,
      signal,
      onChanges: async (changes, revision) => {
        if (signal.aborted) return;
        this.#telling = this.#tell(changes, revision, madeBefore);
        await this.#telling;
      },
    });
  }

  async #tell(changes: readonly Change[], revision: bigint, madeBefore: bigint): Promise<void> {
    const firstLive = changes.findIndex((change) => revisionOf(change) > madeBefore);
    const old = firstLive === -1 ? changes : changes.slice(0, firstLive);
    if (old.length > 0) await this.#around.onChanges(old, false);
    if (firstLive !== -1) await this.#around.onChanges(changes.slice(firstLive), true);
    if (revision > (this.#told ?? 0n)) this.#told = revision;
  }

  /** Throws once the watch lags behind what its member, or the cluster, has. */
  async #lookAfter(member: EtcdMember, signal: AbortSignal): Promise<never> {
    const { clock } = this.#around;
    for (;;) {
      const before = this.#told;
      await clock.wait(SILENT_MS, signal);
      // One that tells still is not silent, however slowly it is listened to.
      await this.#telling;
      if (this.#told !== before) continue;
      const modRevision = await this.#newestAt(member, signal);
      if (modRevision <= (this.#told ?? 0n)) continue;
      await clock.wait(LATE_MS, signal);
      await this.#telling;
      if ((this.#told ?? 0n) >= modRevision) continue;
      throw new EtcdError('no-answer', member.endpoint, `etcd at ${member.endpoint}: its watch has fallen silent`);
    }
  }

  /** While the voters elect a leader nothing changes, and the watch lives on; one member without leader is cut off. */
  async #newestAt(member: EtcdMember, signal: AbortSignal): Promise<bigint> {
    try {
      return (await newest(member, signal)).modRevision;
    } catch (error) {
      const fault = asEtcdError(error);
      if (fault.kind !== 'no-leader') throw fault;
      try {
        await this.#around.endpoints.ask((other) => newest(other, signal));
      } catch (everywhere) {
        if (asEtcdError(everywhere).kind === 'no-leader') return this.#told ?? 0n;
      }
      throw fault;
    }
  }

  async #withoutVoter(fault: EtcdError): Promise<void> {
    const now = this.#around.clock.monotonic();
    if (now - this.#local.at >= READ_LOCALLY_EVERY_MS) await this.#readLocally(fault, now);
    await pause(this.#around.clock, LOOK_AGAIN_MS, this.#ending.signal);
  }

  async #readLocally(fault: EtcdError, at: number): Promise<void> {
    const { endpoints, onChanges } = this.#around;
    const { revision } = this.#local;
    const known = this.#told === undefined || revision > this.#told ? revision : this.#told;
    this.#local = { revision, at };
    try {
      const query = { ...EVERYTHING, changedSince: known + 1n, isSerializable: true };
      const answer = await range(endpoints.own, query, { signal: this.#ending.signal });
      this.#enter({ kind: 'reading-locally', fault });
      const changes = answer.entries.map((entry): Change => ({ kind: 'put', entry }));
      if (changes.length > 0) await onChanges(changes.sort(byRevision), false);
      // A member that lags may know less than was told already.
      if (answer.revision > known) this.#local = { revision: answer.revision, at };
    } catch {
      // The own member cannot be asked either; what the voters said is what is told.
      this.#enter({ kind: 'cut-off', fault });
    }
  }

  #enter(state: FollowerState): void {
    this.#state = state;
    this.#around.onState(state);
  }
}

async function newest(member: EtcdMember, signal?: AbortSignal): Promise<{ revision: bigint; modRevision: bigint }> {
  const query = { ...EVERYTHING, limit: 1, isKeysOnly: true, newestFirst: true };
  const { revision, entries } = await range(member, query, { signal });
  return { revision, modRevision: entries[0]?.modRevision ?? 0n };
}

function revisionOf(change: Change): bigint {
  return change.kind === 'put' ? change.entry.modRevision : change.modRevision;
}

function byRevision(a: Change, b: Change): number {
  return Number(revisionOf(a) - revisionOf(b));
}
