/**
 * One node's part in the cluster: hands over what is in this node's outbox, gives the readings of the others, and says who
 * leads. Opens endpoints, publisher, follower, presence, election and caretaker, and closes them in reverse; closing is
 * bounded and may be called twice. The outbox is its owner's: it is there before, and closed after it.
 *
 * Whether etcd answers or not, `wake` and `state` do at once: a node without its cluster works on alone, says so once, and
 * catches up.
 */

import { randomBytes } from 'node:crypto';
import type { HostConfig } from '../host-config/host-config';
import { type Clock, systemClock } from '../platform/clock';
import { EventEmitter } from '../platform/event-emitter';
import { Caretaker } from './caretaker';
import type { ClusterCounts, ClusterEvent, ClusterListener, Leading } from './cluster-events';
import { type ClusterState, clusterState, isNews } from './cluster-state';
import { Connection } from './connection';
import { Election } from './election';
import { Endpoints } from './endpoints';
import type { MemberOptions } from './etcd/member';
import { Follower } from './follower';
import type { Losses } from './losses';
import { OtherNodes } from './other-nodes';
import type { Outbox } from './outbox/outbox';
import { OwnPresence } from './presence';
import { Publisher } from './publisher';

export interface ClusterOptions {
  readonly config: HostConfig['cluster'];
  /** Of [cluster]: how its members are asked. */
  readonly access: MemberOptions;
  readonly outbox: Outbox;
  readonly losses: Losses;
  /** Of this package. */
  readonly version: string;
  readonly clock?: Clock;
  log(level: 'info' | 'warn', text: string): void;
  onListenerError(error: unknown): void;
}

const TICK_MS = 1_000;
/** Node-RED ends a node's closing after 15 s. */
const CLOSE_LIMIT_MS = 3_000;

export class Cluster {
  readonly #endpoints: Endpoints;
  readonly #connection: Connection;
  readonly #others: OtherNodes;
  readonly #publisher: Publisher;
  readonly #follower: Follower;
  readonly #presence: OwnPresence;
  readonly #election: Election;
  readonly #caretaker: Caretaker;
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly losses: Losses;
  readonly #events: EventEmitter<ClusterEvent>;
  #tick: NodeJS.Timeout | undefined;
  #told: ClusterState | undefined;
  #closing: Promise<void> | undefined;

  constructor(readonly options: ClusterOptions) {
    const { config, version, access, outbox, losses, clock = systemClock } = options;
    this.clock = clock;
    this.outbox = outbox;
    this.losses = losses;
    this.#events = new EventEmitter(options.onListenerError);
    const onWarning = (text: string) => options.log('warn', text);
    const endpoints = new Endpoints(config.endpoints, { ...access, onWarning }, clock);
    const node = config.nodeId;
    const instance = randomBytes(8).toString('hex');
    const { role } = config;
    const random = Math.random;
    const shared = { node, instance, role, endpoints, clock, random, onWarning };
    this.#endpoints = endpoints;
    this.#connection = new Connection(clock, options.log, () => this.outbox.pending);
    this.#others = new OtherNodes(node, clock, {
      onReadings: (readings) => this.#events.emit({ kind: 'readings', readings }),
      onMissed: (other, readings) => losses.miss(other, readings),
      onWarning,
    });
    this.#publisher = new Publisher({
      ...shared,
      outbox,
      onState: (state) => this.#connection.published(state),
      onRefused: (readings) => losses.drop(readings, 'refused'),
    });
    this.#follower = new Follower({
      ...shared,
      onSnapshot: (entries) => this.#others.onSnapshot(entries),
      onLatest: (other, latest, batches) => this.#others.onLatest(other, latest, batches),
      onBatches: (other, batches) => this.#others.onBatches(other, batches),
      onChanges: (changes, isLive) => this.#others.onChanges(changes, isLive),
      onState: (state) => this.#connection.followed(state),
      log: options.log,
    });
    this.#presence = new OwnPresence({ ...shared, version });
    this.#election = new Election({ ...shared, onChange: () => this.#look() });
    this.#caretaker = new Caretaker({
      ...shared,
      isPreferred: role === 'leader-preferred',
      isLeading: () => this.leading().isLeader,
      isOutOfSpace: () => this.#connection.isOutOfSpace,
    });
  }

  /** Everything works in the background until it is closed. */
  start(): void {
    for (const part of [this.#publisher, this.#follower, this.#presence, this.#election, this.#caretaker]) part.start();
    this.#tick = setInterval(() => this.#look(), TICK_MS);
  }

  /** There is something in the outbox. */
  wake(): void {
    this.#publisher.wake();
  }

  get state(): ClusterState {
    const { nodeId: node, role } = this.options.config;
    return clusterState({
      own: { node, role },
      now: this.clock.now(),
      connected: this.#connection.isUp,
      isBlind: this.#connection.isBlind,
      leader: this.#election.leader,
      others: this.#others.all(),
    });
  }

  get counts(): ClusterCounts {
    return { waiting: this.outbox.pending, dropped: this.losses.dropped, missed: this.losses.missed };
  }

  /** As it is now: ask right before what only one node may do, and let the token go with it. */
  leading(): Leading {
    const leadership = this.#election.leadership;
    if (leadership.kind !== 'leading') return { isLeader: false };
    return { isLeader: true, token: leadership.token };
  }

  /** Returns how to stop listening. The state as it is comes first. */
  subscribe(listener: ClusterListener): () => void {
    const unsubscribe = this.#events.subscribe(listener);
    this.#events.deliver(listener, { kind: 'state', state: this.state });
    return unsubscribe;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#tick);
    // Calls to members that do not answer are given up then, which lets everything else end.
    const late = setTimeout(() => this.#endpoints.close(), CLOSE_LIMIT_MS);
    await this.#caretaker.close();
    await Promise.all([
      this.#election.close(),
      this.#presence.close(),
      this.#follower.close(),
      this.#publisher.close(),
    ]);
    clearTimeout(late);
    this.#endpoints.close();
    this.#events.close();
  }

  #look(): void {
    if (this.#closing !== undefined) return;
    this.#connection.look();
    const state = this.state;
    if (!isNews(this.#told, state)) return;
    this.#told = state;
    this.#events.emit({ kind: 'state', state });
  }
}
