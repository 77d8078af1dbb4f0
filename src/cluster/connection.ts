/**
 * Whether this node has its cluster, made of what publisher and follower meet: up while both work, and for a few seconds
 * longer, since an election of etcd is no outage. An outage is said once when it begins, with what to do, and once when it
 * ends.
 */
import type { Clock } from '../platform/clock';
import { outageText } from './cluster-state';
import type { EtcdError } from './etcd/etcd-error';
import type { FollowerState } from './follower';
import type { PublisherState } from './publisher';

type Up =
  | { readonly kind: 'opening'; readonly since: number }
  | { readonly kind: 'up' }
  /** Faults, and nobody needs to know yet. */
  | { readonly kind: 'shaky'; readonly since: number; readonly wasUp: boolean }
  | { readonly kind: 'down'; readonly since: number };

/** An election takes some 3 s. */
const BEARABLE_MS = 5_000;
/** As long as a node's presence outlives it. */
const BLIND_AFTER_MS = 10_000;

export class Connection {
  #up: Up;
  #publisherFault: EtcdError | undefined;
  #followerFault: EtcdError | undefined;
  #isFollowing = false;
  #isSlowTold = false;

  constructor(
    readonly clock: Clock,
    readonly log: (level: 'info' | 'warn', text: string) => void,
    readonly waiting: () => number,
  ) {
    this.#up = { kind: 'opening', since: clock.monotonic() };
  }

  get isUp(): boolean {
    return this.#up.kind === 'up' || (this.#up.kind === 'shaky' && this.#up.wasUp);
  }

  /** What is known of others is older than it may be. */
  get isBlind(): boolean {
    return this.#up.kind !== 'up' && this.clock.monotonic() - this.#up.since > BLIND_AFTER_MS;
  }

  get isOutOfSpace(): boolean {
    return this.#publisherFault?.kind === 'no-space';
  }

  published(state: PublisherState): void {
    if (state.kind === 'closed') return;
    this.#publisherFault = state.kind === 'failing' ? state.fault : undefined;
    this.look();
  }

  followed(state: FollowerState): void {
    if (state.kind === 'closed') return;
    this.#isFollowing = state.kind === 'following';
    this.#followerFault = 'fault' in state ? state.fault : undefined;
    this.look();
  }

  /** Time has passed, or something has changed. */
  look(): void {
    const fault = this.#publisherFault ?? this.#followerFault;
    const now = this.clock.monotonic();
    if (fault === undefined) {
      if (this.#up.kind === 'up') return;
      if (this.#isFollowing) this.#rise();
      else if (now - this.#up.since >= BEARABLE_MS) this.#tellThatItIsSlow();
      return;
    }
    if (this.#up.kind === 'up') this.#up = { kind: 'shaky', since: now, wasUp: true };
    else if (this.#up.kind === 'opening') this.#up = { ...this.#up, kind: 'shaky', wasUp: false };
    else if (this.#up.kind === 'shaky' && now - this.#up.since >= BEARABLE_MS) this.#fall(fault, this.#up.since);
  }

  #rise(): void {
    const waiting = this.waiting();
    if (this.#up.kind === 'down') {
      const backlog = waiting > 0 ? `; ${waiting} readings that waited are handed over` : '';
      this.log('info', `the cluster is reached again${backlog}`);
    }
    this.#up = { kind: 'up' };
  }

  #tellThatItIsSlow(): void {
    if (this.#isSlowTold) return;
    this.#isSlowTold = true;
    this.log('info', 'this node is still reading what the cluster has, and is connected when it has read all of it');
  }

  #fall(fault: EtcdError, since: number): void {
    this.#up = { kind: 'down', since };
    this.log(
      'warn',
      `this node works alone and keeps its readings until the cluster is there (CLUSTER_UNAVAILABLE): ${outageText(fault)}`,
    );
  }
}
