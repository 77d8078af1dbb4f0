/**
 * Everything in the cluster's keys, told once as it is and then as it changes: a watch at a voter, the own member first,
 * that goes on from the last revision after an interruption. Where much was written meanwhile that is read page by page
 * first (store-reading.ts), and where etcd has compacted it, or has another history than before (store-identity.ts),
 * everything is read afresh. A watch that is silent is looked after: is there something newer that it does not tell? Then it
 * is left for another member.
 *
 * Where no voter is reachable, the own member is asked every two seconds for what it knows: a learner, or a voter without
 * a leader, still has what the cluster had. Never gives up; `close` ends what is under way.
 */
import { type Clock, pause } from '../platform/clock';
import type { Endpoints } from './endpoints';
import { asEtcdError, EtcdError, isOfMember } from './etcd/etcd-error';
import type { EtcdMember } from './etcd/member';
import { type Change, watch } from './etcd/watch';
import { ForeignKeys } from './foreign-keys';
import { EVERYTHING, meaningOf, PREFIX, STORE_KEY } from './keys';
import { idOf, lookAtStore, type StoreCursor, type StoreSight, whatHappened, writeStoreId } from './store-identity';
import { readStore, type StoreReader, type StoreReadingOptions } from './store-reading';

export type FollowerState =
  | { readonly kind: 'opening' }
  /** `endpoint`: where its watch is. */
  | { readonly kind: 'following'; readonly endpoint: string }
  /** Its watch has ended; what was missed is being read, or another watch opened. */
  | { readonly kind: 'interrupted'; readonly fault: EtcdError }
  /** No voter answers, and the own member does. */
  | { readonly kind: 'reading-locally'; readonly fault: EtcdError }
  | { readonly kind: 'cut-off'; readonly fault: EtcdError }
  | { readonly kind: 'closed' };

export interface FollowerSurroundings extends StoreReader {
  readonly node: string;
  readonly endpoints: Endpoints;
  readonly clock: Clock;
  /** `isLive`: just made; else found, some time later. */
  onChanges(changes: readonly Change[], isLive: boolean): Promise<void>;
  onState(state: FollowerState): void;
  log(level: 'info' | 'warn', text: string): void;
}

/** More revisions than these are read in pages instead of being told by a watch: it may tell 350 KB for each. */
const TOLD_BY_WATCH = 64n;
/** Of reading what was written while it was read. */
const MOST_ROUNDS = 8;
/** The leader shows every second that it is there, so that a watch is seldom silent. */
const SILENT_MS = 3_000;
/** From when a change is stored until a watch that works has told it. */
const LATE_MS = 1_000;
const READ_LOCALLY_EVERY_MS = 2_000;
/** Before the next member, or the next look for one. */
const LOOK_AGAIN_MS = 250;
/** The same after a watch that told nothing, since what it might have told is read then; longer after each further one. */
const AFTER_BARREN_MS = 1_000;
const LONGER_AFTER_BARREN = 4;
const MAX_AFTER_BARREN_MS = 8_000;
const NOT_ASKED = { revision: 0n, at: Number.NEGATIVE_INFINITY };
const NOTHING_TOLD = 0n;

export class Follower {
  readonly #around: FollowerSurroundings;
  #state: FollowerState = { kind: 'opening' };
  readonly #foreign: ForeignKeys;
  /** Up to where everything has been told; undefined: read afresh. */
  #cursor: StoreCursor | undefined;
  /** Watches in a row that ended without telling anything: what is missing is read in pages then, however little it is. */
  #barrenWatches = 0;
  #isTooLargeTold = false;
  /** Up to where the own member was asked since no voter can be, and when that was. */
  #local = NOT_ASKED;
  /** Goes on for some turns after a watch was given up; nothing else is told meanwhile. */
  #telling: Promise<void> = Promise.resolve();
  readonly #ending = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(around: FollowerSurroundings) {
    this.#around = around;
    this.#foreign = new ForeignKeys((text) => around.log('warn', text));
  }

  /** Follows in the background until it is closed. */
  start(): void {
    this.#running = this.#run();
  }

  get state(): FollowerState {
    return this.#state;
  }

  /** Keys below the prefix that are not this package's. */
  get foreignKeys(): number {
    return this.#foreign.size;
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

  get #restMs(): number {
    if (this.#barrenWatches === 0) return LOOK_AGAIN_MS;
    return Math.min(MAX_AFTER_BARREN_MS, AFTER_BARREN_MS * LONGER_AFTER_BARREN ** (this.#barrenWatches - 1));
  }

  get #told(): bigint {
    return this.#cursor?.revision ?? NOTHING_TOLD;
  }

  /** Comes back after an interruption that the next member, or a fresh read, may mend; throws where no voter answers. */
  async #follow(): Promise<void> {
    const { endpoints } = this.#around;
    const { signal } = this.#ending;
    const { member, seen } = await endpoints.ask(async (one) => ({
      member: one,
      seen: await lookAtStore(one, { signal }),
    }));
    this.#local = NOT_ASKED;
    try {
      await this.#recognize(member, seen);
      await this.#watchAt(member);
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      const fault = asEtcdError(error);
      if (fault.kind === 'compacted') this.#cursor = undefined;
      else if (fault.kind === 'too-large') this.#tellOfTooLarge(fault);
      else if (!isOfMember(fault.kind)) throw fault;
      else endpoints.blame(member, fault);
      this.#enter({ kind: 'interrupted', fault });
      await pause(this.#around.clock, this.#restMs, this.#ending.signal);
    }
  }

  /** Forgets what is known where etcd has another history, and sees to it that it has an id. */
  async #recognize(member: EtcdMember, seen: StoreSight): Promise<void> {
    const { signal } = this.#ending;
    if (this.#cursor !== undefined) {
      const happened = await whatHappened(member, this.#cursor, seen, { signal });
      if (happened !== undefined) this.#forget(happened);
    }
    const storeId = seen.storeId ?? (await writeStoreId(member, this.#cursor?.storeId, signal));
    this.#cursor &&= Object.freeze({ ...this.#cursor, storeId });
  }

  #forget(happened: string): void {
    this.#cursor = undefined;
    this.#around.log('info', `etcd ${happened}; everything in it is read again, and nothing is told twice`);
  }

  async #watchAt(member: EtcdMember): Promise<void> {
    const seen = await this.#catchUp(member);
    const before = this.#told;
    const ending = new AbortController();
    const stop = () => ending.abort();
    this.#ending.signal.addEventListener('abort', stop, { once: true });
    const silence = this.#lookAfter(member, ending.signal);
    try {
      await Promise.race([this.#watch(member, seen, ending.signal), silence]);
    } finally {
      ending.abort();
      this.#ending.signal.removeEventListener('abort', stop);
      // Its error, if it had one, is what was thrown; or the watch's came first.
      await silence.catch(() => undefined);
      await this.#telling;
      this.#barrenWatches = this.#told === before ? this.#barrenWatches + 1 : 0;
    }
  }

  /** Until a watch has little to tell. Returns the store as it was just now. */
  async #catchUp(member: EtcdMember): Promise<StoreSight> {
    const { signal } = this.#ending;
    let hasRead = false;
    for (let round = 0; ; round++) {
      const seen = await lookAtStore(member, { signal });
      const { revision = NOTHING_TOLD, last } = this.#cursor ?? {};
      // What was told is known to be there still up to its last put; beyond that, another history may have something else.
      const isKnown = hasRead || (last !== undefined && last.modRevision >= revision && this.#barrenWatches === 0);
      if ((isKnown && seen.revision - revision <= TOLD_BY_WATCH) || round === MOST_ROUNDS) return seen;
      const since = hasRead || last === undefined || last.modRevision > revision ? revision : last.modRevision;
      await this.#read(member, seen, last === undefined ? undefined : since);
      hasRead = true;
    }
  }

  /** `since`: undefined for everything. */
  async #read(member: EtcdMember, { clusterId, storeId, revision }: StoreSight, since?: bigint): Promise<void> {
    const read = await readStore(member, this.#reading(revision, since, false));
    const before = this.#cursor?.last;
    const last = read !== undefined && read.modRevision > (before?.modRevision ?? 0n) ? read : before;
    this.#cursor = Object.freeze({ clusterId, storeId, revision, last });
  }

  #reading(revision: bigint, since: bigint | undefined, isSerializable: boolean): StoreReadingOptions {
    const { node, onSnapshot, onLatest, onBatches } = this.#around;
    const reader = { onSnapshot, onLatest, onBatches };
    return { node, reader, foreign: this.#foreign, signal: this.#ending.signal, isSerializable, revision, since };
  }

  /** What was there when `seen` was is caught up on. */
  #watch(member: EtcdMember, seen: StoreSight, signal: AbortSignal): Promise<never> {
    const { endpoint } = member;
    const look = () => {
      if (signal.aborted || this.#state.kind === 'following' || this.#told < seen.modRevision) return;
      this.#enter({ kind: 'following', endpoint });
    };
    return watch(member, {
      ...EVERYTHING,
      fromRevision: this.#told + 1n,
      signal,
      onCreated: look,
      onChanges: async (changes, revision) => {
        if (signal.aborted) return;
        this.#telling = this.#tell(changes, revision, seen.revision);
        await this.#telling;
        look();
        await this.#keepStoreId(member, changes);
      },
    });
  }

  /** What was made up to `madeBefore` is caught up on. */
  async #tell(changes: readonly Change[], revision: bigint, madeBefore: bigint): Promise<void> {
    const firstLive = changes.findIndex((change) => revisionOf(change) > madeBefore);
    const old = firstLive === -1 ? changes : changes.slice(0, firstLive);
    if (old.length > 0) await this.#around.onChanges(old, false);
    if (firstLive !== -1) await this.#around.onChanges(changes.slice(firstLive), true);
    if (this.#cursor === undefined) return;
    let { storeId, last } = this.#cursor;
    for (const change of changes) {
      if (change.kind === 'delete') continue;
      const { kind } = meaningOf(change.entry.key);
      if (kind === 'store') storeId = idOf(change.entry);
      if (kind === 'foreign') this.#foreign.among([change.entry]);
      else if (kind !== 'latest') last = change.entry;
    }
    this.#foreign.tell();
    const told = revision > this.#cursor.revision ? revision : this.#cursor.revision;
    this.#cursor = Object.freeze({ ...this.#cursor, storeId, last, revision: told });
  }

  /** An administrator who deletes everything, or that alone, deletes no history. */
  async #keepStoreId(member: EtcdMember, changes: readonly Change[]): Promise<void> {
    const last = changes.filter((change) => keyOf(change) === STORE_KEY).at(-1);
    if (last?.kind !== 'delete' || this.#cursor === undefined) return;
    const storeId = await writeStoreId(member, this.#cursor.storeId, this.#ending.signal);
    if (storeId !== undefined) this.#cursor = Object.freeze({ ...this.#cursor, storeId });
  }

  #tellOfTooLarge(fault: EtcdError): void {
    this.#barrenWatches = Math.max(1, this.#barrenWatches);
    if (this.#isTooLargeTold) return;
    this.#isTooLargeTold = true;
    const why = `somebody has written a very large value below ${PREFIX}`;
    this.#around.log('warn', `${fault.message}: ${why}; what this node missed is read in pages`);
  }

  /** Throws once the watch lags behind what its member, or the cluster, has. */
  async #lookAfter(member: EtcdMember, signal: AbortSignal): Promise<never> {
    const { clock } = this.#around;
    const fallenSilent = () =>
      new EtcdError('no-answer', member.endpoint, `etcd at ${member.endpoint}: its watch has fallen silent`);
    for (;;) {
      const before = this.#told;
      await clock.wait(SILENT_MS, signal);
      // One that tells still is not silent, however slowly it is listened to.
      await this.#telling;
      if (this.#told !== before) continue;
      const { modRevision, revision } = await this.#newestAt(member, signal);
      // Set up anew meanwhile, a watch would wait until it has so many revisions.
      if (revision < this.#told) throw fallenSilent();
      if (modRevision <= this.#told) continue;
      await clock.wait(LATE_MS, signal);
      await this.#telling;
      if (this.#told < modRevision) throw fallenSilent();
    }
  }

  /** While the voters elect a leader nothing changes, and the watch lives on; one member without leader is cut off. */
  async #newestAt(member: EtcdMember, signal: AbortSignal): Promise<Pick<StoreSight, 'modRevision' | 'revision'>> {
    try {
      return await lookAtStore(member, { signal });
    } catch (error) {
      const fault = asEtcdError(error);
      if (fault.kind !== 'no-leader') throw fault;
      try {
        await this.#around.endpoints.ask((other) => lookAtStore(other, { signal }));
      } catch (everywhere) {
        if (asEtcdError(everywhere).kind === 'no-leader') return { modRevision: this.#told, revision: this.#told };
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
    this.#local = { ...this.#local, at };
    try {
      this.#local = { revision: await this.#readNewsLocally(fault), at };
    } catch {
      // The own member cannot be asked either; what the voters said is what is told.
      this.#enter({ kind: 'cut-off', fault });
    }
  }

  /** Returns up to where everything is known now. */
  async #readNewsLocally(fault: EtcdError): Promise<bigint> {
    const { own } = this.#around.endpoints;
    const asked = { isSerializable: true, signal: this.#ending.signal };
    const seen = await lookAtStore(own, asked);
    this.#enter({ kind: 'reading-locally', fault });
    const isBehind =
      this.#cursor !== undefined && seen.clusterId === this.#cursor.clusterId && seen.revision < this.#told;
    const happened = this.#cursor && !isBehind ? await whatHappenedAt(own, this.#cursor, seen, asked) : undefined;
    if (happened !== undefined) {
      this.#forget(happened);
      this.#local = { ...this.#local, revision: NOTHING_TOLD };
    }
    let known = this.#told;
    if (this.#local.revision > known) known = this.#local.revision;
    // A member that lags may know less than was told already.
    if (seen.revision <= known) return known;
    const since = known === NOTHING_TOLD ? undefined : known;
    try {
      await readStore(own, this.#reading(seen.revision, since, true));
    } catch (error) {
      if (asEtcdError(error).kind !== 'compacted') throw error;
      await readStore(own, this.#reading(seen.revision, undefined, true));
    }
    return seen.revision;
  }

  #enter(state: FollowerState): void {
    this.#state = state;
    this.#around.onState(state);
  }
}

/** What a member has compacted cannot be compared: the next look at a voter tells. */
async function whatHappenedAt(
  ...[own, cursor, seen, options]: Parameters<typeof whatHappened>
): Promise<string | undefined> {
  try {
    return await whatHappened(own, cursor, seen, options);
  } catch (error) {
    if (asEtcdError(error).kind !== 'compacted') throw error;
    return undefined;
  }
}

function keyOf(change: Change): string {
  return change.kind === 'put' ? change.entry.key : change.key;
}

function revisionOf(change: Change): bigint {
  return change.kind === 'put' ? change.entry.modRevision : change.modRevision;
}
