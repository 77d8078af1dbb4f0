/**
 * What is done to etcd itself, seldom and harmless when done twice:
 *
 * - the leader compacts what is older than a minute where etcd's file fills up faster than its own compaction (10 min)
 *   empties it, as when several nodes hand over a day's backlog;
 * - a preferred leader that leads has etcd's leadership moved to its own member, so that its writes need one way less and
 *   one failure does not cost two elections;
 * - where the quota is used up (NOSPACE: nobody may write, the leader can renew nothing), every node makes room, whether it
 *   has something to write or not: it compacts, defragments its own member, then others that nobody looked after, one at a
 *   time, and disarms the alarm. Each member has its own file and its own quota, and raises the alarm anew for all while its
 *   file is larger: one that is left out keeps the whole cluster from writing.
 *
 * A user without the right to some of it is told once what an administrator has to do.
 */
import { type Clock, pause } from '../platform/clock';
import type { Endpoints } from './endpoints';
import { EtcdError } from './etcd/etcd-error';
import { compact, range } from './etcd/key-values';
import type { EtcdMember } from './etcd/member';
import { defragment, disarmNoSpace, type MemberStatus, status, transferLeadership } from './etcd/membership';
import { PREFIX } from './keys';

export interface CaretakerSurroundings {
  readonly endpoints: Endpoints;
  readonly clock: Clock;
  readonly isPreferred: boolean;
  /** 0 ≤ x < 1. */
  random(): number;
  isLeading(): boolean;
  isOutOfSpace(): boolean;
  onWarning(text: string): void;
}

const EVERY_MS = 30_000;
/** A quarter of the quota that is set on a Pi. */
const FULL_BYTES = 16 * 2 ** 20;
/** While nobody can write. */
const LOOK_FOR_SPACE_MS = 5_000;
/** All of a quota of 64 MB on an SD card. */
const COMPACT_DEADLINE_MS = 30_000;
/** What defragmenting gives back, of a member's file and in bytes: less is not worth writing all of it anew. */
const WORTHWHILE_SHARE = 0.1;
const WORTHWHILE_BYTES = 256 * 2 ** 10;
/** A member that is defragmented serves nothing. */
const SERVES_WITHIN_MS = 500;
/** Then the others are not being defragmented, but gone. */
const MAX_POSTPONED = 3;
/** A compaction takes its time on each member. */
const ROUNDS_BEFORE_OWN_IS_DUE = 2;
/** Rounds of making room after which what is kept is too much. */
const FRUITLESS_ROUNDS = 6;

export class Caretaker {
  readonly #around: CaretakerSurroundings;
  /** Of the round before, half a minute ago or more. */
  #before: bigint | undefined;
  #isDenied = false;
  /** Endpoints that have room to give back, as seen in the last round of making room. */
  #roomy: ReadonlySet<string> = new Set();
  #postponed = 0;
  /** Rounds of making room since there was space, and whether the own member was defragmented in one of them. */
  #rounds = 0;
  #isOwnDone = false;
  #isOwnLearner = false;
  #isLearnerTold = false;
  /** Of these, those that found none. */
  #fruitless = 0;
  #isTold = false;
  readonly #ending = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(around: CaretakerSurroundings) {
    this.#around = around;
  }

  /** Works in the background until it is closed. */
  start(): void {
    this.#running = this.#run();
  }

  /** May be called twice. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, random, isLeading } = this.#around;
    let lastRound = clock.monotonic();
    for (;;) {
      // Not in step with other nodes.
      await pause(clock, LOOK_FOR_SPACE_MS * (0.75 + random() / 2), this.#ending.signal);
      if (this.#ending.signal.aborted) return;
      try {
        await this.#lookForSpace();
        if (clock.monotonic() - lastRound < EVERY_MS) continue;
        lastRound = clock.monotonic();
        if (isLeading()) await this.#round();
      } catch (error) {
        this.#tell(error);
      }
    }
  }

  async #round(): Promise<void> {
    const { endpoints, isPreferred } = this.#around;
    const own = await status(endpoints.own);
    await this.#compactOld(own);
    const isElsewhere = own.leaderId !== '0' && own.leaderId !== own.memberId;
    if (!isPreferred || own.isLearner || !isElsewhere) return;
    const leader = await this.#memberWithId(own.leaderId);
    if (leader !== undefined) await transferLeadership(leader, own.memberId);
  }

  async #compactOld({ revision, dbBytesInUse }: MemberStatus): Promise<void> {
    const before = this.#before;
    this.#before = revision;
    if (before === undefined || dbBytesInUse < FULL_BYTES) return;
    await this.#around.endpoints.ask((member) => compact(member, before));
  }

  async #lookForSpace(): Promise<void> {
    const { isOutOfSpace, endpoints } = this.#around;
    const own = await statusIfAny(endpoints.own);
    this.#isOwnLearner = own?.isLearner === true;
    if (isOutOfSpace() || own?.hasNoSpace) {
      if ((await this.#makeRoom()) === 'nothing to give back') this.#fruitless += 1;
      if (this.#fruitless !== FRUITLESS_ROUNDS || this.#isTold) return;
      this.#isTold = true;
      this.#tellOfFull(own);
    } else {
      this.#fruitless = 0;
      this.#rounds = 0;
      this.#isOwnDone = false;
      this.#isTold = false;
    }
  }

  async #makeRoom(): Promise<'under way' | 'nothing to give back'> {
    const { endpoints } = this.#around;
    await this.#forgetOld();
    const before = this.#roomy;
    const roomy = await this.#membersWithRoom();
    this.#roomy = new Set(roomy.map(({ endpoint }) => endpoint));
    // Others only when their own nodes had the time to.
    this.#rounds += 1;
    // Once in any case: what it says of itself may be old, and the others not be known here.
    const isOwnDue = !this.#isOwnDone && !this.#isOwnLearner && this.#rounds > ROUNDS_BEFORE_OWN_IS_DUE;
    const next = isOwnDue
      ? endpoints.own
      : roomy.find((member) => member === endpoints.own || before.has(member.endpoint));
    if (next !== undefined) {
      if (!(await this.#mayTake(next))) return 'under way';
      await defragment(next);
      if (next === endpoints.own) this.#isOwnDone = true;
      this.#roomy = new Set([...this.#roomy].filter((endpoint) => endpoint !== next.endpoint));
    }
    if (this.#roomy.size === 0) await endpoints.ask((member) => disarmNoSpace(member));
    return next === undefined && roomy.length === 0 ? 'nothing to give back' : 'under way';
  }

  async #forgetOld(): Promise<void> {
    const { endpoints } = this.#around;
    const { revision } = await endpoints.ask((member) => range(member, { key: PREFIX, limit: 1 }));
    const options = { physical: true, deadlineMs: COMPACT_DEADLINE_MS };
    try {
      await endpoints.ask((member) => compact(member, revision, options));
    } catch (error) {
      // Another node was faster.
      if (!(error instanceof EtcdError) || error.kind !== 'compacted') throw error;
    }
  }

  /**
   * Own one first; one that does not answer comes in a later round. What a member says is in use may be old: it counts what a
   * compaction freed when it next writes, which may be never. All have the same data, so that none needs more than the
   * smallest file. etcd defragments no learner: an administrator has to.
   */
  async #membersWithRoom(): Promise<readonly EtcdMember[]> {
    const { members } = this.#around.endpoints;
    const known = await Promise.all(members.map(statusIfAny));
    const smallest = Math.min(...known.flatMap((one) => (one === undefined ? [] : [one.dbBytes])));
    const roomy = members.filter((_, i) => {
      const { dbBytes = 0, dbBytesInUse = 0 } = known[i] ?? {};
      const room = dbBytes - Math.min(dbBytesInUse, smallest);
      return room > Math.max(WORTHWHILE_BYTES, dbBytes * WORTHWHILE_SHARE);
    });
    const isLearner = (member: EtcdMember) => known[members.indexOf(member)]?.isLearner === true;
    const learner = roomy.find(isLearner);
    if (learner !== undefined) this.#tellOfLearner(learner);
    return roomy.filter((member) => !isLearner(member));
  }

  #tellOfLearner({ endpoint }: EtcdMember): void {
    if (this.#isLearnerTold) return;
    this.#isLearnerTold = true;
    this.#around.onWarning(
      `the file of the learner at ${endpoint} is larger than its data, and etcd defragments no learner while it runs: if ` +
        'its space stays used up, stop etcd there, run "etcdctl defrag --data-dir" with its data folder, and start it',
    );
  }

  /** Never two at once, as far as it can be seen: every other member serves what it has. */
  async #mayTake(member: EtcdMember): Promise<boolean> {
    const others = this.#around.endpoints.members.filter((one) => one !== member);
    const query = { key: PREFIX, limit: 1, isSerializable: true };
    const answers = await Promise.allSettled(others.map((one) => range(one, query, { deadlineMs: SERVES_WITHIN_MS })));
    const isFree = answers.every(({ status: outcome }) => outcome === 'fulfilled');
    this.#postponed = isFree ? 0 : this.#postponed + 1;
    if (!isFree && this.#postponed <= MAX_POSTPONED) return false;
    this.#postponed = 0;
    return true;
  }

  #tellOfFull(own: MemberStatus | undefined): void {
    const used = own === undefined ? '' : `, ${(own.dbBytesInUse / 2 ** 20).toFixed(1)} MB in this node's member`;
    this.#around.onWarning(
      `etcd's space is used up by what is kept in it${used}: nobody can write until keys of others are deleted, or its ` +
        'quota is raised (ETCD_QUOTA_BACKEND_BYTES) on every member. The nodes go on by themselves then',
    );
  }

  /** Among the endpoints that are configured: others may not be reachable from here. */
  async #memberWithId(id: string): Promise<EtcdMember | undefined> {
    for (const member of this.#around.endpoints.members) {
      try {
        if ((await status(member)).memberId === id) return member;
      } catch {
        // It is asked again in the next round.
      }
    }
    return undefined;
  }

  /** What fails otherwise is tried again, and told by publisher and follower. */
  #tell(error: unknown): void {
    if (!(error instanceof EtcdError && error.kind === 'denied') || this.#isDenied) return;
    this.#isDenied = true;
    this.#around.onWarning(
      `this node's user may not look after etcd itself (${error.message}): an administrator has to move its leadership, ` +
        'and to compact, defragment and disarm it when its space is used up',
    );
  }
}

/** undefined where it does not answer. */
async function statusIfAny(member: EtcdMember): Promise<MemberStatus | undefined> {
  try {
    return await status(member);
  } catch {
    return undefined;
  }
}
