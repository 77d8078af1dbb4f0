/**
 * Whether this node leads. It looks at etcd every half second, renews every second while it leads, and takes over where the
 * lease of whoever led has run out (leadership.ts says when, and why never two at once). A preferred leader that has been
 * healthy for a while wants the leadership back: whoever else has it resigns. A learner's node never leads.
 *
 * `leadership` is right at the moment it is asked, whatever this is waiting for. Users ask it right before they act, and
 * give the token with what they do. `onChange` tells of what began or ended; an end is told when it is due, not when etcd
 * answers. `close` resigns.
 */

import type { ClusterRole } from '../host-config/host-config';
import { type Clock, pause } from '../platform/clock';
import type { Endpoints } from './endpoints';
import { type Candidate, markStore, renew, resign, takeOver, viewLeader } from './leader-keys';
import {
  HOLDS_MS,
  type Leadership,
  mayTakeOverAt,
  nextToken,
  RENEW_EVERY_MS,
  type Sighting,
  seen,
  yieldsBefore,
  yieldsTo,
} from './leadership';

export interface ElectionSurroundings extends Candidate {
  readonly role: ClusterRole;
  readonly endpoints: Endpoints;
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  random(): number;
  /** This node began or ceased to lead, or another one leads. */
  onChange(): void;
}

const LOOK_EVERY_MS = 500;
/** Two members can be asked before the lease runs out. */
const CALL_DEADLINE_MS = 900;
const RESIGN_DEADLINE_MS = 1_000;

export class Election {
  readonly #around: ElectionSurroundings;
  #state: Leadership = { kind: 'following' };
  #sighting: Sighting | undefined;
  /** In this store or an earlier one. */
  #highestToken = 0;
  /** Monotonic. */
  #leadsSince = Number.NEGATIVE_INFINITY;
  #othersWant = false;
  #lastFaultAt = Number.NEGATIVE_INFINITY;
  #expiry = new AbortController();
  readonly #ending = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(around: ElectionSurroundings) {
    this.#around = around;
  }

  /** Takes part in the background until it is closed. */
  start(): void {
    this.#running = this.#run();
  }

  /** As it is now. */
  get leadership(): Leadership {
    const state = this.#state;
    if (state.kind === 'leading' && this.#around.clock.monotonic() >= state.until) return { kind: 'following' };
    return state;
  }

  /** Who leads, as far as this node saw; "" where nobody does. */
  get leader(): string {
    const { node } = this.#around;
    if (this.leadership.kind === 'leading') return node;
    // What etcd still says of this node is of before: its lease ran out, or is not confirmed yet.
    const led = this.#sighting?.node ?? '';
    return led === node ? '' : led;
  }

  /** May be called twice. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      try {
        await (this.leadership.kind === 'leading' ? this.#lead() : this.#lookOut());
      } catch {
        // Whatever it was, nothing was confirmed: the lease runs out by itself, and publisher and follower tell of faults.
        this.#lastFaultAt = this.#around.clock.monotonic();
      }
      await pause(
        this.#around.clock,
        this.leadership.kind === 'leading' ? RENEW_EVERY_MS : LOOK_EVERY_MS,
        this.#ending.signal,
      );
    }
    await this.#resign();
  }

  async #lead(): Promise<void> {
    const { endpoints, clock, node } = this.#around;
    const state = this.leadership;
    if (state.kind !== 'leading') return;
    const { token, leader } = state;
    const sentAt = clock.monotonic();
    const wishes = await endpoints.ask((member) => renew(member, leader, this.#around, this.#options()));
    if (wishes === undefined) return this.#follow();
    this.#hold({ token, leader }, sentAt);
    const forMs = clock.monotonic() - this.#leadsSince;
    if (this.#around.role === 'leader-preferred' || !yieldsTo(wishes, { node, leader, forMs })) return;
    this.#othersWant = true;
    await this.#resign();
  }

  async #lookOut(): Promise<void> {
    const { endpoints, clock, role, node, instance, random } = this.#around;
    const { sighting, wishes } = await endpoints.ask((member) => viewLeader(member, 0, this.#options()));
    const now = clock.monotonic();
    this.#see({ ...sighting, at: now });
    this.#othersWant = yieldsBefore(wishes, node, sighting.node);
    const known = this.#sighting;
    if (known === undefined || role === 'learner' || this.#ending.signal.aborted) return;
    if (known.leader === 0n && known.renewed === 0n) return await this.#mark();
    // A transaction whose answer was lost: this node leads in etcd, and holds once that is confirmed.
    if (known.instance === instance) return await this.#reclaim(known);
    const isPreferred = role === 'leader-preferred';
    const patience = { isPreferred, othersWant: this.#othersWant, random: random(), lastFaultAt: this.#lastFaultAt };
    if (now < mayTakeOverAt(known, patience)) return;
    const token = nextToken(this.#highestToken, clock.now());
    const candidate = { node, instance, token };
    const leader = await endpoints.ask((member) => takeOver(member, known, candidate, this.#options()));
    if (leader !== undefined) this.#hold({ token, leader }, now);
  }

  /** The time until this node may take over begins when the mark is written, not when the store was first seen empty. */
  async #mark(): Promise<void> {
    const { endpoints, clock } = this.#around;
    const marked = await endpoints.ask((member) => markStore(member, this.#options()));
    if (marked !== undefined) this.#see({ ...marked, at: clock.monotonic() });
  }

  async #reclaim({ token, leader }: Sighting): Promise<void> {
    const { endpoints, clock } = this.#around;
    const sentAt = clock.monotonic();
    const wishes = await endpoints.ask((member) => renew(member, leader, this.#around, this.#options()));
    if (wishes !== undefined) this.#hold({ token, leader }, sentAt);
  }

  /** `sentAt`: of what was confirmed. */
  #hold({ token, leader }: { readonly token: number; readonly leader: bigint }, sentAt: number): void {
    const { clock, onChange } = this.#around;
    const before = this.leadership;
    const until = sentAt + HOLDS_MS;
    if (clock.monotonic() >= until) return;
    this.#state = { kind: 'leading', token, leader, until };
    this.#highestToken = Math.max(this.#highestToken, token);
    this.#expiry.abort();
    this.#expiry = new AbortController();
    void this.#expire(until - clock.monotonic(), this.#expiry.signal);
    if (before.kind === 'leading' && before.leader === leader) return;
    this.#leadsSince = sentAt;
    onChange();
  }

  async #expire(afterMs: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#around.clock.wait(afterMs, signal);
    } catch {
      // It was renewed, or given up.
      return;
    }
    this.#follow();
  }

  #follow(): void {
    this.#expiry.abort();
    if (this.#state.kind === 'following') return;
    this.#state = { kind: 'following' };
    // What it saw last is of before it led.
    this.#sighting = undefined;
    this.#around.onChange();
  }

  /** It no longer holds before etcd is told. */
  async #resign(): Promise<void> {
    const state = this.#state;
    this.#follow();
    if (state.kind !== 'leading') return;
    try {
      await this.#around.endpoints.ask((member) => resign(member, state, { deadlineMs: RESIGN_DEADLINE_MS }));
    } catch {
      // Then the others wait until the lease has run out.
    }
  }

  #see(sighting: Sighting): void {
    const before = this.#sighting;
    this.#sighting = seen(before, sighting);
    this.#highestToken = Math.max(this.#highestToken, sighting.token);
    if (before?.node !== sighting.node) this.#around.onChange();
  }

  #options() {
    return { deadlineMs: CALL_DEADLINE_MS, signal: this.#ending.signal };
  }
}
