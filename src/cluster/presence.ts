/**
 * That this node is there: `nodes/<node>` under a lease of ten seconds, which is kept alive without a write. A preferred
 * leader says in the same way that it wants to lead, once it has been there for half a minute on end: one that comes and
 * goes does not take the leadership to and fro. Never gives up; `close` takes both back.
 *
 * Each renewal looks whether these keys are still this node's, since a key can be lost while its lease lives: one that is
 * missing is written again at once. Of two nodes with one name the one that was there first keeps the key; the other leaves
 * it alone and writes `duplicates/<node>/<instance>`, by which both know, and both say so. A key of the process that this one
 * replaces after a crash looks the same until its lease has run out, so that much is waited for.
 */
import type { ClusterRole } from '../host-config/host-config';
import { type Clock, pause } from '../platform/clock';
import type { Endpoints } from './endpoints';
import { EtcdError } from './etcd/etcd-error';
import { type Compare, type KeyValue, type Operation, transact, under } from './etcd/key-values';
import { grantLease, keepAlive, revokeLease } from './etcd/leases';
import { duplicateKey, duplicatesOf, meaningOf, presenceKey, wantsLeaderKey } from './keys';
import { parsePresence, presenceText } from './wire';

export interface PresenceSurroundings {
  readonly node: string;
  readonly instance: string;
  readonly role: ClusterRole;
  readonly version: string;
  readonly endpoints: Endpoints;
  readonly clock: Clock;
  onWarning(text: string): void;
}

type State =
  | { readonly kind: 'absent' }
  /** `since`: monotonic ms, without a gap. */
  | { readonly kind: 'present'; readonly lease: string; readonly since: number };

/** Another node that has this one's key. */
interface Holder {
  readonly instance: string;
  /** When this was first seen, monotonic ms. */
  readonly at: number;
}

/** What etcd has of this node's name. */
interface Found {
  readonly presence: KeyValue | undefined;
  readonly wish: KeyValue | undefined;
  /** Instances. */
  readonly duplicates: readonly string[];
}

/** Three keep-alives may be lost. */
export const PRESENCE_MS = 10_000;
const KEEP_EVERY_MS = 3_000;
const TRY_AGAIN_MS = 1_000;
export const HEALTHY_AFTER_MS = 30_000;
/** A lease, an election of etcd that prolongs it, and a renewal: what is there after that belongs to a node that lives. */
const LIVES_AFTER_MS = 16_000;
const REVOKE_DEADLINE_MS = 1_000;

export class OwnPresence {
  readonly #around: PresenceSurroundings;
  #state: State = { kind: 'absent' };
  #holder: Holder | undefined;
  /** Instances of other nodes with this name that are there and were told of. */
  #told: ReadonlySet<string> = new Set();
  readonly #ending = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(around: PresenceSurroundings) {
    this.#around = around;
  }

  /** Keeps this node present in the background until it is closed. */
  start(): void {
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
    const { endpoints } = this.#around;
    const state = this.#state;
    if (state.kind === 'absent') return await this.#come();
    await endpoints.ask((member) => keepAlive(member, state.lease, this.#options()));
    await this.#holdKeys(state.lease, state.since);
  }

  async #come(): Promise<void> {
    const { endpoints, clock } = this.#around;
    const since = clock.monotonic();
    const { id: lease } = await endpoints.ask((member) => grantLease(member, PRESENCE_MS, this.#options()));
    await this.#holdKeys(lease, since);
    this.#state = { kind: 'present', lease, since };
  }

  async #holdKeys(lease: string, since: number): Promise<void> {
    const { clock, role, node, instance } = this.#around;
    const found = await this.#look();
    const holder = this.#holderOf(found.presence);
    this.#holder = holder;
    const isHeldByAnother = holder !== undefined && clock.monotonic() - holder.at >= LIVES_AFTER_MS;
    this.#tellOf([...found.duplicates, ...(isHeldByAnother ? [holder.instance] : [])]);
    if (isHeldByAnother && !found.duplicates.includes(instance))
      await this.#write([], [{ kind: 'put', key: duplicateKey(node, instance), value: '{}', lease }]);
    if (holder !== undefined) return;
    if (found.presence?.lease !== lease) await this.#writePresence(lease, found);
    const isHealthy = clock.monotonic() - since >= HEALTHY_AFTER_MS;
    if (role !== 'leader-preferred' || found.wish !== undefined || !isHealthy) return;
    await this.#write([], [{ kind: 'put', key: wantsLeaderKey(node), value: '{}', lease }]);
  }

  async #look(): Promise<Found> {
    const { endpoints, node } = this.#around;
    const success: Operation[] = [
      { kind: 'range', key: presenceKey(node) },
      { kind: 'range', key: wantsLeaderKey(node) },
      { kind: 'range', ...under(duplicatesOf(node)) },
    ];
    const answer = await endpoints.ask((member) => transact(member, { compare: [], success }, this.#options()));
    const [presences = [], wishes = [], duplicates = []] = answer.ranges;
    const instances = duplicates.flatMap(({ key }) => {
      const meaning = meaningOf(key);
      return meaning.kind === 'duplicate' ? [meaning.instance] : [];
    });
    return { presence: presences[0], wish: wishes[0], duplicates: instances };
  }

  /** undefined where the key is this node's, or nobody's. */
  #holderOf(presence: KeyValue | undefined): Holder | undefined {
    if (presence === undefined) return undefined;
    const found = parsePresence(presence.value)?.instance ?? `of revision ${presence.createRevision}`;
    if (found === this.#around.instance) return undefined;
    return this.#holder?.instance === found ? this.#holder : { instance: found, at: this.#around.clock.monotonic() };
  }

  /** Each once for as long as it is there, and again when it comes back. */
  #tellOf(instances: readonly string[]): void {
    const { node, instance, onWarning } = this.#around;
    const others = instances.filter((one) => one !== instance);
    if (others.some((one) => !this.#told.has(one)))
      onWarning(
        `another node of this cluster has node_id "${node}" as well: give each node its own [cluster] node_id in ` +
          'host.toml; until then the readings of both are mixed up, and one of them is not seen by the others',
      );
    this.#told = new Set(others);
  }

  /** Where another was faster, the next renewal sees that. */
  async #writePresence(lease: string, { presence, duplicates }: Found): Promise<void> {
    const { clock, node, instance, role, version } = this.#around;
    const key = presenceKey(node);
    const value = presenceText({ role, version, clock: clock.now(), instance });
    const success: Operation[] = [{ kind: 'put', key, value, lease }];
    if (duplicates.includes(instance)) success.push({ kind: 'delete', key: duplicateKey(node, instance) });
    await this.#write([{ key, modRevision: presence?.modRevision ?? 0n }], success);
  }

  async #write(compare: readonly Compare[], success: readonly Operation[]): Promise<void> {
    await this.#around.endpoints.ask((member) => transact(member, { compare, success }, this.#options()));
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
