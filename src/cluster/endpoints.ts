/**
 * The endpoints of `[cluster]`, own one first: each call goes to the first that is well, and on to the next where the fault
 * is the member's (etcd-error.ts, isOfMember). A member that failed is left alone for a while, longer each time, and a
 * learner until it may have been promoted; where no other is left they are tried nevertheless. Whatever is asked here may
 * be done twice, where an answer was lost: callers write so that this does no harm.
 */
import type { ClusterClock } from './clock';
import { EtcdError, isOfMember } from './etcd/etcd-error';
import { EtcdMember, type MemberOptions } from './etcd/member';

type Health =
  | { readonly kind: 'well' }
  /** `until` in ms of the monotonic clock. */
  | { readonly kind: 'learner'; readonly until: number }
  | { readonly kind: 'ill'; readonly until: number; readonly failures: number };

interface Endpoint {
  readonly member: EtcdMember;
  health: Health;
}

const FIRST_REST_MS = 1_000;
const MAX_REST_MS = 15_000;
/** A member without leader has one again after an election, some 3 s. */
const NO_LEADER_REST_MS = 500;
/** Promotion is a rare act of an administrator. */
const LEARNER_REST_MS = 30_000;
/** All members together, for one call. */
const CALL_LIMIT_MS = 6_000;

export class Endpoints {
  readonly #endpoints: readonly Endpoint[];

  /** `urls`: at least one, the own member's first. */
  constructor(
    urls: readonly string[],
    options: MemberOptions,
    readonly clock: ClusterClock,
  ) {
    this.#endpoints = urls.map((url) => ({ member: new EtcdMember(url, options), health: { kind: 'well' } }));
  }

  /** Of this node, or the nearest: the one asked for what may be a little old. */
  get own(): EtcdMember {
    return this.members[0] as EtcdMember;
  }

  get members(): readonly EtcdMember[] {
    return this.#endpoints.map(({ member }) => member);
  }

  /** Throws what is no member's fault at once, and where every member failed one EtcdError that names them all. */
  async ask<T>(work: (member: EtcdMember) => Promise<T>): Promise<T> {
    const faults: EtcdError[] = [];
    const endsAt = this.clock.monotonic() + CALL_LIMIT_MS;
    for (const endpoint of this.#inOrder()) {
      if (faults.length > 0 && this.clock.monotonic() > endsAt) break;
      try {
        const answer = await work(endpoint.member);
        endpoint.health = { kind: 'well' };
        return answer;
      } catch (error) {
        if (!(error instanceof EtcdError) || !isOfMember(error.kind)) throw error;
        endpoint.health = this.#afterFault(endpoint.health, error);
        faults.push(error);
      }
    }
    throw together(faults);
  }

  /** What was noticed elsewhere, by a watch that fell silent. */
  blame(member: EtcdMember, error: EtcdError): void {
    const endpoint = this.#endpoints.find((one) => one.member === member);
    if (endpoint !== undefined && isOfMember(error.kind)) endpoint.health = this.#afterFault(endpoint.health, error);
  }

  close(): void {
    for (const { member } of this.#endpoints) member.close();
  }

  #inOrder(): readonly Endpoint[] {
    const now = this.clock.monotonic();
    const restsUntil = ({ health }: Endpoint) => (health.kind === 'well' || health.until <= now ? 0 : health.until);
    return [...this.#endpoints].sort((a, b) => restsUntil(a) - restsUntil(b));
  }

  #afterFault(before: Health, { kind }: EtcdError): Health {
    const now = this.clock.monotonic();
    if (kind === 'learner') return { kind: 'learner', until: now + LEARNER_REST_MS };
    const failures = before.kind === 'ill' ? before.failures + 1 : 1;
    const restMs = kind === 'no-leader' ? NO_LEADER_REST_MS : FIRST_REST_MS * 2 ** (failures - 1);
    return { kind: 'ill', until: now + Math.min(restMs, MAX_REST_MS), failures };
  }
}

/** A cluster without leader says more than a member that is away; that one is a learner says the least. */
function together(faults: readonly EtcdError[]): EtcdError {
  const [first, ...others] = faults;
  if (first === undefined) return new EtcdError('unreachable', '', 'no endpoint of etcd is configured');
  if (others.length === 0) return first;
  const telling = faults.find(({ kind }) => kind === 'no-leader') ?? faults.find(({ kind }) => kind !== 'learner');
  const message = faults.map((fault) => fault.message).join('; ');
  return new EtcdError((telling ?? first).kind, first.endpoint, message, { cause: telling ?? first });
}
