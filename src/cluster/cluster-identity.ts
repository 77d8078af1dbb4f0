/**
 * To which cluster the endpoints belong: the one whose id a member told first. A node uses one cluster at a time, since two have
 * two leaders and two truths: a member that tells another id is refused before it is asked for anything else.
 *
 * A cluster that was set up anew on all machines has a new id, and is taken over without a restart of Node-RED. It looks like
 * the wrong endpoint in the list while the right ones are away; the rule tells them apart. Asked all at once, now,
 *
 * - no endpoint tells the known id, and all that respond tell the same new one;
 * - these are more than half of the endpoints that are configured: no two clusters can be, so that nodes with the same
 *   list go the same way, and those that do not respond cannot be the larger part of the old cluster;
 * - they are more than half of the endpoints that told the known id, so that it is gone and not only out of reach.
 *
 * Until then the node works alone. What is known is forgotten with this object: after a restart of Node-RED, or a change of
 * [cluster], the first that responds counts again.
 */
import type { Clock } from '../platform/clock';
import { EtcdError } from './etcd/etcd-error';
import { type ClusterCheck, hexadecimal } from './etcd/member';

/** Endpoint → the id that it tells. */
export type ToldIds = ReadonlyMap<string, string>;

export interface IdentitySurroundings {
  readonly endpoints: readonly string[];
  readonly clock: Clock;
  /** Of those that respond; comes back soon, and does not throw. */
  survey(): Promise<ToldIds>;
  onWarning(text: string): void;
}

/** Members that are refused may be tried several times a second. */
const SURVEY_EVERY_MS = 2_000;
const NO_SURVEY = { at: Number.NEGATIVE_INFINITY, told: Promise.resolve<ToldIds>(new Map()) };

export class ClusterIdentity implements ClusterCheck {
  #clusterId: string | undefined;
  /** Endpoints that told it, the first one first. */
  #told = new Set<string>();
  #survey = NO_SURVEY;
  readonly #warned = new Set<string>();

  constructor(private readonly around: IdentitySurroundings) {}

  get clusterId(): string | undefined {
    return this.#clusterId;
  }

  async admit(endpoint: string, clusterId: string): Promise<void> {
    if (this.#clusterId === undefined) {
      this.#adopt(clusterId, [endpoint]);
      // So that a wrong endpoint is told before it is needed.
      void this.#lookAround();
    }
    if (this.#clusterId === clusterId) {
      this.#told.add(endpoint);
      return;
    }
    const told = new Map([...(await this.#askAll()), [endpoint, clusterId]]);
    if (this.#isSetUpAnew(told, clusterId)) this.#adopt(clusterId, [...told.keys()]);
    if (this.#clusterId !== clusterId) throw this.#refusal(endpoint, clusterId, told);
  }

  #adopt(clusterId: string, endpoints: readonly string[]): void {
    if (this.#clusterId !== undefined) {
      const ids = `${hexadecimal(this.#clusterId)} is gone, and ${hexadecimal(clusterId)} is there instead`;
      this.around.onWarning(`the cluster was set up anew: etcd's cluster ${ids}. This node goes on with the new one`);
    }
    this.#clusterId = clusterId;
    this.#told = new Set(endpoints);
  }

  #isSetUpAnew(told: ToldIds, clusterId: string): boolean {
    const { endpoints } = this.around;
    if ([...told.values()].some((id) => id !== clusterId)) return false;
    const ofOld = [...this.#told].filter((endpoint) => told.has(endpoint));
    return told.size * 2 > endpoints.length && ofOld.length * 2 > this.#told.size;
  }

  async #lookAround(): Promise<void> {
    for (const [endpoint, clusterId] of await this.#askAll()) {
      // Whoever is refused is told of, and refused again when it is used.
      await this.admit(endpoint, clusterId).catch(() => undefined);
    }
  }

  #askAll(): Promise<ToldIds> {
    const { clock, survey } = this.around;
    const now = clock.monotonic();
    if (now - this.#survey.at >= SURVEY_EVERY_MS) this.#survey = { at: now, told: survey() };
    return this.#survey.told;
  }

  #refusal(endpoint: string, clusterId: string, told: ToldIds): EtcdError {
    const known = this.#clusterId ?? '0';
    const isKnownSeen = [...told.values()].includes(known);
    const [first = ''] = this.#told;
    const why =
      `etcd at ${endpoint} belongs to cluster ${hexadecimal(clusterId)}, and ${first} to cluster ${hexadecimal(known)}: ` +
      'this node does not use the former';
    const advice = isKnownSeen
      ? 'Let [cluster] endpoints in host.toml name members of one cluster, the same in each node: take out those of the other'
      : 'Bring the endpoints of the known cluster back, or take the others out of [cluster] endpoints in host.toml; a cluster ' +
        'that was set up anew is taken over once more than half of the endpoints belong to it (or restart Node-RED)';
    const about = `${endpoint} ${clusterId} ${isKnownSeen}`;
    if (!this.#warned.has(about)) {
      this.#warned.add(about);
      this.around.onWarning(`${why}. ${advice}`);
    }
    return new EtcdError('other-cluster', endpoint, why, { advice });
  }
}
