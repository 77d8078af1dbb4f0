/**
 * That this node is there: `nodes/<node>` under a lease of ten seconds, which is kept alive without a write. A preferred
 * leader says in the same way that it wants to lead, once it has been there for half a minute on end: one that comes and
 * goes does not take the leadership to and fro. Never gives up; `close` takes both back.
 */

import type { ClusterRole } from '../host-config/host-config';
import { type ClusterClock, pause } from './clock';
import type { Endpoints } from './endpoints';
import { EtcdError } from './etcd/etcd-error';
import { type Operation, transact } from './etcd/key-values';
import { grantLease, keepAlive, revokeLease } from './etcd/leases';
import { presenceKey, wantsLeaderKey } from './keys';
import { presenceText } from './wire';

export interface PresenceSurroundings {
  readonly node: string;
  readonly instance: string;
  readonly role: ClusterRole;
  readonly version: string;
  readonly endpoints: Endpoints;
  readonly clock: ClusterClock;
}

type State =
  | { readonly kind: 'absent' }
  /** `since`: monotonic ms, without a gap. */
  | { readonly kind: 'present'; readonly lease: string; readonly since: number; readonly wantsToLead: boolean };

/** Three keep-alives may be lost. */
export const PRESENCE_MS = 10_000;
const KEEP_EVERY_MS = 3_000;
const TRY_AGAIN_MS = 1_000;
export const HEALTHY_AFTER_MS = 30_000;
const REVOKE_DEADLINE_MS = 1_000;

export class OwnPresence {
  readonly #around: PresenceSurroundings;
  #state: State = { kind: 'absent' };
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;

  constructor(around: PresenceSurroundings) {
    this.#around = around;
    this.#running = this.#run();
  }

  get isPresent(): boolean {
    return this.#state.kind === 'present';
  }

  /** May be called twice. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      let waitMs = KEEP_EVERY_MS;
      try {
        await this.#keep();
      } catch (error) {
        // A lease that has run out is taken anew at once, but only one that was there; publisher and follower tell of every
        // other fault.
        const isLost = error instanceof EtcdError && error.kind === 'not-found' && this.#state.kind === 'present';
        waitMs = isLost ? 0 : TRY_AGAIN_MS;
        if (isLost) this.#state = { kind: 'absent' };
      }
      await pause(this.#around.clock, waitMs, this.#ending.signal);
    }
    await this.#leave();
  }

  async #keep(): Promise<void> {
    const { endpoints, clock, role, node } = this.#around;
    const state = this.#state;
    if (state.kind === 'absent') return await this.#come();
    await endpoints.ask((member) => keepAlive(member, state.lease, { signal: this.#ending.signal }));
    const isHealthy = clock.monotonic() - state.since >= HEALTHY_AFTER_MS;
    if (role !== 'leader-preferred' || state.wantsToLead || !isHealthy) return;
    await this.#write([{ kind: 'put', key: wantsLeaderKey(node), value: '{}', lease: state.lease }]);
    this.#state = { ...state, wantsToLead: true };
  }

  async #come(): Promise<void> {
    const { endpoints, clock, node, instance, role, version } = this.#around;
    const since = clock.monotonic();
    const { id: lease } = await endpoints.ask((member) => grantLease(member, PRESENCE_MS, this.#options()));
    const value = presenceText({ role, version, clock: clock.now(), instance });
    await this.#write([{ kind: 'put', key: presenceKey(node), value, lease }]);
    this.#state = { kind: 'present', lease, since, wantsToLead: false };
  }

  async #write(success: readonly Operation[]): Promise<void> {
    await this.#around.endpoints.ask((member) => transact(member, { compare: [], success }, this.#options()));
  }

  async #leave(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'absent' };
    if (state.kind === 'absent') return;
    try {
      const options = { deadlineMs: REVOKE_DEADLINE_MS };
      await this.#around.endpoints.ask((member) => revokeLease(member, state.lease, options));
    } catch {
      // Then the lease runs out.
    }
  }

  #options() {
    return { signal: this.#ending.signal };
  }
}
