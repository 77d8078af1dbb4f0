/**
 * The endpoints of `[cluster]`, own one first: each call goes to the first that is well, and on to the next where the fault
 * is the member's (etcd-error.ts, isOfMember). A member that failed is left alone for a while, longer each time, and a
 * learner until it may have been promoted; where no other is left they are tried nevertheless. Whatever is asked here may
 * be done twice, where an answer was lost: callers write so that this does no harm.
 *
 * All are of one cluster (cluster-identity.ts), and share the memory for their responses.
 */
import type { Clock } from '../platform/clock';
import { ClusterIdentity, type ToldIds } from './cluster-identity';
import { EtcdError, type EtcdFault, isOfMember } from './etcd/etcd-error';
import { EtcdMember, type MemberOptions } from './etcd/member';
import { ResponseBudget } from './etcd/response-budget';

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
/** For a member to tell its cluster, while others wait for it. */
const SURVEY_DEADLINE_MS = 1_000;
/** The most telling first: a cluster without leader says more than a member that is away, and that one is a learner the least. */
const TELLING: readonly EtcdFault[] = ['no-leader', 'other-cluster', 'broken-answer'];

export class Endpoints {
  readonly #endpoints: readonly Endpoint[];
  readonly #identity: ClusterIdentity;

  /** `urls`: at least one, the own member's first. */
  constructor(
    urls: readonly string[],
    options: MemberOptions,
    readonly clock: Clock,
  ) {
    const { onWarning = () => undefined } = options;
    const survey = () => this.#survey();
    this.#identity = new ClusterIdentity({ endpoints: urls, clock, survey, onWarning });
    const { budget = new ResponseBudget() } = options;
    const shared = { ...options, onWarning: once(onWarning), cluster: this.#identity, budget };
    this.#endpoints = urls.map((url) => ({ member: new EtcdMember(url, shared), health: { kind: 'well' } }));
  }

  /** To which they belong, in decimal; undefined until one has responded. It changes where the cluster is set up anew. */
  get clusterId(): string | undefined {
    return this.#identity.clusterId;
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

  /** Whatever they are held for: an ill one may be well again. */
  async #survey(): Promise<ToldIds> {
    const options = { deadlineMs: SURVEY_DEADLINE_MS };
    const told = await Promise.all(
      this.members.map(async (member) => {
        try {
          return [[member.endpoint, await member.clusterId(options)] as const];
        } catch {
          // It tells nothing, then.
          return [];
        }
      }),
    );
    return new Map(told.flat());
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

function together(faults: readonly EtcdError[]): EtcdError {
  const [first, ...others] = faults;
  if (first === undefined) return new EtcdError('unreachable', '', 'no endpoint of etcd is configured');
  if (others.length === 0) return first;
  const ofKind = (kind: EtcdFault) => faults.find((fault) => fault.kind === kind);
  const known = TELLING.map(ofKind).find((fault) => fault !== undefined);
  const telling = known ?? faults.find(({ kind }) => kind !== 'learner') ?? first;
  const message = faults.map((fault) => fault.message).join('; ');
  return new EtcdError(telling.kind, first.endpoint, message, { cause: telling, advice: adviceOf(faults, telling) });
}

/** Two members may want two things; what a member without leader wants comes first. */
function adviceOf(faults: readonly EtcdError[], telling: EtcdError): string | undefined {
  if (telling.kind === 'no-leader') return telling.advice;
  const advices = new Set([telling, ...faults].flatMap(({ advice }) => advice ?? []));
  return advices.size === 0 ? undefined : [...advices].join('. ');
}

/** The same of several members is said once. */
function once(tell: (text: string) => void): (text: string) => void {
  let hasTold = false;
  return (text) => {
    if (!hasTold) tell(text);
    hasTold = true;
  };
}
