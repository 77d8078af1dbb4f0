/**
 * What is done to etcd itself, seldom and harmless when done twice:
 *
 * - the leader compacts what is older than a minute where etcd's file fills up faster than its own compaction (10 min)
 *   empties it, as when several nodes hand over a day's backlog;
 * - a preferred leader that leads has etcd's leadership moved to its own member, so that its writes need one way less and
 *   one failure does not cost two elections;
 * - where the quota is used up (NOSPACE: nobody may write, the leader can renew nothing), every node makes room: it
 *   compacts, defragments its own member and disarms the alarm.
 *
 * A user without the right to some of it is told once what an administrator has to do.
 */
import { type ClusterClock, pause } from './clock';
import type { Endpoints } from './endpoints';
import { EtcdError } from './etcd/etcd-error';
import { compact, range } from './etcd/key-values';
import type { EtcdMember } from './etcd/member';
import { defragment, disarmNoSpace, type MemberStatus, status, transferLeadership } from './etcd/membership';
import { PREFIX } from './keys';

export interface CaretakerSurroundings {
  readonly endpoints: Endpoints;
  readonly clock: ClusterClock;
  readonly isPreferred: boolean;
  isLeading(): boolean;
  isOutOfSpace(): boolean;
  onWarning(text: string): void;
}

const EVERY_MS = 30_000;
/** A quarter of the quota that is set on a Pi. */
const FULL_BYTES = 16 * 2 ** 20;
/** While nobody can write. */
const LOOK_FOR_SPACE_MS = 5_000;

export class Caretaker {
  readonly #around: CaretakerSurroundings;
  /** Of the round before, half a minute ago or more. */
  #before: bigint | undefined;
  #isDenied = false;
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;

  constructor(around: CaretakerSurroundings) {
    this.#around = around;
    this.#running = this.#run();
  }

  /** May be called twice. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, isOutOfSpace, isLeading } = this.#around;
    let lastRound = clock.monotonic();
    for (;;) {
      await pause(clock, LOOK_FOR_SPACE_MS, this.#ending.signal);
      if (this.#ending.signal.aborted) return;
      try {
        if (isOutOfSpace()) await this.#makeRoom();
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

  async #makeRoom(): Promise<void> {
    const { endpoints } = this.#around;
    const { revision } = await endpoints.ask((member) => range(member, { key: PREFIX, limit: 1 }));
    try {
      await endpoints.ask((member) => compact(member, revision));
    } catch (error) {
      // Another node was faster.
      if (!(error instanceof EtcdError) || error.kind !== 'compacted') throw error;
    }
    await defragment(endpoints.own);
    await endpoints.ask((member) => disarmNoSpace(member));
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
