/**
 * The other nodes as this one knows them: their readings, each told once (arrivals.ts), whether they are there, and how far
 * their clocks are off. Fed by the follower, one call after the other. Bounded: a cluster has some tens of nodes; further ones
 * are passed over, and said once. Many readings are handed on in pieces,
 * one piece in each turn of the event loop.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ClusterRole } from '../host-config/host-config';
import type { Clock } from '../platform/clock';
import { piecesOf } from '../readings/loop-breaks';
import type { Reading } from '../readings/reading';
import { VALUES_AT_ONCE, weightOf } from '../readings/reading-size';
import { Arrivals } from './arrivals';
import type { KeyValue } from './etcd/key-values';
import type { Change } from './etcd/watch';
import { meaningOf } from './keys';
import { offsetOf, Skew } from './skew';
import { parseBatch, parseLatest, parsePresence } from './wire';

export interface OtherNode {
  readonly node: string;
  /** undefined for one that is not there and was never seen. */
  readonly role: ClusterRole | undefined;
  readonly isPresent: boolean;
  /** By this node's clock, ms since 1970. */
  readonly lastSeen: number;
  readonly skewMs: number | undefined;
}

export interface OtherNodesEvents {
  /** In their order, never twice. */
  onReadings(readings: readonly Reading[]): void;
  /** Readings of a node that etcd no longer has. */
  onMissed(node: string, readings: number): void;
  onWarning(text: string): void;
}

/** Present: its lease lives. Removed: nothing of it is in etcd any more; what it told before is remembered nevertheless. */
type Standing = 'present' | 'away' | 'removed';

interface Known {
  readonly arrivals: Arrivals;
  readonly skew: Skew;
  standing: Standing;
  role: ClusterRole | undefined;
  lastSeen: number;
}

const MAX_NODES = 128;
/** Less is what clocks that are set by NTP, and the way, make of it. */
const SKEW_THAT_COUNTS_MS = 1_000;

export class OtherNodes {
  readonly #known = new Map<string, Known>();
  readonly #warned = new Set<string>();
  /** When etcd was last known to have nothing newer, by this node's clock: whoever is present was so then. */
  #currentAt = 0;
  /** Of the wall clock over the monotonic one, when all times above were right. */
  #offset: number;
  #toldSincePause = 0;

  constructor(
    readonly own: string,
    readonly clock: Clock,
    readonly events: OtherNodesEvents,
  ) {
    this.#offset = offsetOf(clock);
  }

  /** By name. */
  all(): readonly OtherNode[] {
    this.#followOwnClock();
    return [...this.#known]
      .filter(([, { standing }]) => standing !== 'removed')
      .map(([node, known]) => {
        const { role, standing, skew } = known;
        return { node, role, isPresent: standing === 'present', lastSeen: this.#lastSeen(known), skewMs: skew.ms };
      })
      .sort((a, b) => (a.node < b.node ? -1 : 1));
  }

  onSnapshot(entries: readonly KeyValue[]): void {
    this.#followOwnClock();
    for (const known of this.#known.values()) this.#stand(known, 'removed');
    this.#currentAt = this.clock.now();
    for (const { key, value } of entries) {
      const meaning = meaningOf(key);
      if (meaning.kind === 'cursor') this.#noteThere(meaning.node);
      else if (meaning.kind === 'presence') this.#takePresence(meaning.node, value, false);
    }
  }

  /** `batches`: the names of those that will be told, with their places. */
  async onLatest(node: string, latest: KeyValue, batches: readonly KeyValue[]): Promise<void> {
    const known = this.#nodeCalled(node);
    if (known === undefined) return;
    const firstKept = new Map<string, number>();
    for (const { key } of batches) {
      const meaning = meaningOf(key);
      if (meaning.kind !== 'batch') continue;
      firstKept.set(meaning.epoch, Math.min(meaning.first, firstKept.get(meaning.epoch) ?? meaning.first));
    }
    const newest = known.arrivals.latest(parseLatest(node, latest.value) ?? [], firstKept);
    if (newest.missed > 0) this.events.onMissed(node, newest.missed);
    await this.#tell(known, newest.readings);
  }

  async onBatches(node: string, batches: readonly KeyValue[]): Promise<void> {
    if (this.#nodeCalled(node) === undefined) return;
    for (const entry of batches) await this.#take(entry, false);
  }

  async onChanges(changes: readonly Change[], isLive: boolean): Promise<void> {
    this.#followOwnClock();
    if (isLive) this.#currentAt = this.clock.now();
    for (const change of changes) {
      if (change.kind === 'put') await this.#take(change.entry, isLive);
      else this.#leave(change.key);
    }
  }

  async #take({ key, value }: KeyValue, isLive: boolean): Promise<void> {
    const meaning = meaningOf(key);
    if (meaning.kind === 'batch') await this.#takeBatch(meaning.node, value, isLive);
    else if (meaning.kind === 'presence') this.#takePresence(meaning.node, value, isLive);
  }

  async #takeBatch(node: string, value: string, isLive: boolean): Promise<void> {
    const known = this.#nodeCalled(node);
    if (known === undefined) return;
    const batch = parseBatch(node, value);
    if (batch === undefined) {
      this.#tellOfForeign(node);
      return;
    }
    if (known.standing === 'removed') known.standing = 'away';
    this.#see(known, batch.sentAt, isLive);
    const { readings, missed } = known.arrivals.batch(batch, batch.count);
    if (missed > 0) this.events.onMissed(node, missed);
    if (batch.readings.length < batch.count) this.#tellOfForeign(node);
    await this.#tell(known, readings);
  }

  #takePresence(node: string, value: string, isLive: boolean): void {
    const known = this.#nodeCalled(node);
    if (known === undefined) return;
    const presence = parsePresence(value);
    if (presence === undefined) {
      this.#tellOfForeign(node);
      return;
    }
    known.standing = 'present';
    known.role = presence.role;
    this.#see(known, presence.clock, isLive);
  }

  #leave(key: string): void {
    const meaning = meaningOf(key);
    if (meaning.kind !== 'cursor' && meaning.kind !== 'presence') return;
    const known = this.#known.get(meaning.node);
    // Nobody but an administrator who removes the node deletes its cursor.
    if (known === undefined) return;
    if (meaning.kind === 'cursor') this.#stand(known, 'removed');
    else if (known.standing === 'present') this.#stand(known, 'away');
  }

  /** A node that has a cursor is one of the cluster, whether it is there or not. */
  #noteThere(node: string): void {
    const known = this.#nodeCalled(node);
    if (known?.standing === 'removed') known.standing = 'away';
  }

  /** No longer present, or not even known. */
  #stand(known: Known, standing: 'away' | 'removed'): void {
    known.lastSeen = this.#lastSeen(known);
    known.standing = standing;
  }

  #lastSeen({ standing, lastSeen }: Known): number {
    return standing === 'present' ? Math.max(lastSeen, this.#currentAt) : lastSeen;
  }

  /** Set back, it would show the others as seen in time to come. Set forward, it may as well have slept. */
  #followOwnClock(): void {
    const offset = offsetOf(this.clock);
    const stepMs = offset - this.#offset;
    this.#offset = offset;
    if (stepMs > -SKEW_THAT_COUNTS_MS) return;
    this.#currentAt += Math.round(stepMs);
    for (const known of this.#known.values()) known.lastSeen += Math.round(stepMs);
  }

  #see(known: Known, clock: number, isLive: boolean): void {
    this.#followOwnClock();
    const now = this.clock.now();
    if (isLive) known.skew.add(clock);
    known.lastSeen = Math.max(known.lastSeen, isLive ? now : Math.min(now, clock));
  }

  /** undefined for this node itself, and for one too many. */
  #nodeCalled(node: string): Known | undefined {
    if (node === this.own) return undefined;
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_NODES) this.#forgetRemoved();
    if (this.#known.size >= MAX_NODES) {
      this.#warn('nodes', `the cluster has more than ${MAX_NODES} nodes: readings of "${node}" are not shown`);
      return undefined;
    }
    const made: Known = {
      arrivals: new Arrivals(),
      skew: new Skew(this.clock),
      standing: 'away',
      role: undefined,
      lastSeen: 0,
    };
    this.#known.set(node, made);
    return made;
  }

  #forgetRemoved(): void {
    for (const [node, { standing }] of this.#known) if (standing === 'removed') this.#known.delete(node);
  }

  /** By this node's clock, so that their ages are right here, and so is their place among its own. */
  async #tell({ skew }: Known, readings: readonly Reading[]): Promise<void> {
    const ahead = skew.ms ?? 0;
    const here =
      Math.abs(ahead) < SKEW_THAT_COUNTS_MS
        ? readings
        : readings.map((one) => Object.freeze({ ...one, timestamp: Math.round(one.timestamp - ahead) }));
    for (const piece of piecesOf(here, VALUES_AT_ONCE, weightOf)) {
      const weight = piece.reduce((sum, reading) => sum + weightOf(reading), 0);
      // To everybody who listens: the history, the page, Modbus, flows.
      if (this.#toldSincePause + weight > VALUES_AT_ONCE) {
        await nextTurn();
        this.#toldSincePause = 0;
      }
      this.#toldSincePause += weight;
      this.events.onReadings(piece);
    }
  }

  #tellOfForeign(node: string): void {
    this.#warn(node, `node "${node}" writes what this version of @edge-wasi/node-red-wasi does not read: update both`);
  }

  #warn(about: string, text: string): void {
    if (this.#warned.has(about)) return;
    this.#warned.add(about);
    this.events.onWarning(text);
  }
}
