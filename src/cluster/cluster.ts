/**
 * One node's part in the cluster: takes this node's readings, gives those of the others, and says who leads. Opens
 * endpoints, outbox, publisher, follower, presence, election and caretaker, and closes them in reverse; closing is bounded,
 * may be called twice, and leaves what etcd has not acknowledged on disk.
 *
 * Whether etcd answers or not, `publish` and `state` do at once: a node without its cluster works on alone, says so once,
 * and catches up. Throws CONFIG_INVALID where passwords or certificates cannot be had.
 */
import { randomBytes } from 'node:crypto';
import type { HostConfig } from '../host-config/host-config';
import { NO_REPORT, type StorageReport } from '../platform/storage-report';
import type { Reading } from '../readings/reading';
import { Caretaker } from './caretaker';
import { type ClusterClock, systemClock } from './clock';
import type { ClusterCounts, ClusterEvent, ClusterListener, Leading } from './cluster-events';
import { type ClusterState, clusterState, isNews } from './cluster-state';
import { Connection } from './connection';
import { Election } from './election';
import { Endpoints } from './endpoints';
import { Follower } from './follower';
import { Losses } from './losses';
import { memberAccess } from './member-access';
import { OtherNodes } from './other-nodes';
import { Outbox } from './outbox/outbox';
import { segmentFolder } from './outbox/segment-files';
import { OwnPresence } from './presence';
import { Publisher } from './publisher';
import { readingText } from './wire';

export interface ClusterOptions {
  readonly config: HostConfig['cluster'];
  /** Of Node-RED's credentials, for `[cluster] user` without a password file. */
  readonly password?: string | undefined;
  /** `<userDir>/wasi/outbox`. */
  readonly outboxFolder: string;
  /** Of the outbox. */
  readonly report?: StorageReport;
  /** Of this package. */
  readonly version: string;
  readonly clock?: ClusterClock;
  log(level: 'info' | 'warn', text: string): void;
  onListenerError(error: unknown): void;
}

/** A reading larger than this is a plugin's fault, and would fill etcd. */
const MAX_READING_BYTES = 32 * 2 ** 10;
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
  readonly #listeners = new Set<ClusterListener>();
  readonly #tick: NodeJS.Timeout;
  #told: ClusterState | undefined;
  #closing: Promise<void> | undefined;

  private constructor(
    readonly options: ClusterOptions,
    readonly clock: ClusterClock,
    readonly outbox: Outbox,
    readonly losses: Losses,
    endpoints: Endpoints,
  ) {
    const { config, version } = options;
    const node = config.nodeId;
    const instance = randomBytes(8).toString('hex');
    const { role } = config;
    const random = Math.random;
    const onWarning = (text: string) => options.log('warn', text);
    const shared = { node, instance, role, endpoints, clock, random, onWarning };
    this.#endpoints = endpoints;
    this.#connection = new Connection(clock, options.log, () => this.outbox.pending);
    this.#others = new OtherNodes(node, clock, {
      onReadings: (readings) => this.#tell({ kind: 'readings', readings }),
      onMissed: (other, readings) => losses.miss(other, readings),
      onWarning,
    });
    this.#publisher = new Publisher({ ...shared, outbox, onState: (state) => this.#connection.published(state) });
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
    this.#tick = setInterval(() => this.#look(), TICK_MS);
  }

  static async open(options: ClusterOptions): Promise<Cluster> {
    const { config, log, outboxFolder, clock = systemClock } = options;
    const { options: access, warnings } = await memberAccess(config, options.password);
    for (const text of warnings) log('warn', text);
    const losses = new Losses(clock, log);
    const outbox = await Outbox.open({
      files: segmentFolder(outboxFolder),
      report: options.report ?? NO_REPORT,
      clock,
      onWarning: (text) => log('warn', text),
      onDropped: (readings) => losses.drop(readings),
    });
    return new Cluster(options, clock, outbox, losses, new Endpoints(config.endpoints, access, clock));
  }

  /** Of this node. Comes back at once; they are on their way, or in the outbox until there is one. */
  publish(readings: readonly Reading[]): void {
    if (this.#closing !== undefined) return;
    const texts = readings.map(readingText);
    const taken = texts.filter(({ length }) => length <= MAX_READING_BYTES);
    if (taken.length < texts.length) this.losses.drop(texts.length - taken.length);
    this.outbox.add(taken);
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
    this.#listeners.add(listener);
    this.#hand(listener, { kind: 'state', state: this.state });
    return () => {
      this.#listeners.delete(listener);
    };
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
    await this.outbox.close();
    this.#endpoints.close();
    this.#listeners.clear();
  }

  #look(): void {
    if (this.#closing !== undefined) return;
    this.#connection.look();
    const state = this.state;
    if (!isNews(this.#told, state)) return;
    this.#told = state;
    this.#tell({ kind: 'state', state });
  }

  #tell(event: ClusterEvent): void {
    for (const listener of [...this.#listeners]) this.#hand(listener, event);
  }

  #hand(listener: ClusterListener, event: ClusterEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.options.onListenerError(error);
    }
  }
}
