/**
 * What nodes do all day, each in its own way to the members: publish, follow, want to lead. Everything is written into one
 * history; `finish` lets all catch up, looks at what etcd holds, and has the whole judged. The nodes are the product's, or
 * of plain clients.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ClusterRole } from '../../src/host-config/host-config';
import type { EtcdCluster } from './etcd-cluster';
import { Guarded } from './guarded';
import { History, monotonicMs, nameOf, type ReadingId } from './history';
import { assertSound, judge, type Verdict } from './history-checker';
import { longestGap } from './lease-checks';

export interface NodeOfWork {
  readonly name: string;
  /** Its own member's first. */
  readonly urls: readonly string[];
  readonly role: ClusterRole;
}

export interface NodeAtWork {
  /** Comes back when nothing is on its way any more. */
  stopPublishing(): Promise<void>;
  close(): Promise<void>;
}

export interface KindOfNode {
  readonly name: string;
  open(node: NodeOfWork, history: History, guarded: Guarded): Promise<NodeAtWork>;
  /** What etcd holds, asked at this member. */
  stored(url: string): Promise<readonly ReadingId[]>;
}

const CATCH_UP_LIMIT_MS = 20_000;
const LOOK_AGAIN_MS = 100;
const VOTERS = 3;

export class Workload {
  private constructor(
    readonly history: History,
    private readonly kind: KindOfNode,
    private readonly nodes: readonly NodeOfWork[],
    private readonly atWork: readonly NodeAtWork[],
  ) {}

  static async start(kind: KindOfNode, nodes: readonly NodeOfWork[], seed: number): Promise<Workload> {
    const history = new History(seed);
    const guarded = new Guarded(history);
    const atWork = await Promise.all(nodes.map((node) => kind.open(node, history, guarded)));
    return new Workload(history, kind, nodes, atWork);
  }

  /** Longest time without an acknowledgement since then, ms. */
  pauseSince(from: number): number {
    const times = this.history.of('acknowledged').flatMap(({ at }) => (at >= from ? [at] : []));
    return longestGap([from, ...times, monotonicMs()]);
  }

  /** The last that found itself to hold the lease. */
  get holder(): string | undefined {
    return this.history.of('held').at(-1)?.node;
  }

  /** Waits until somebody else holds the lease. */
  async anotherHolds(node: string, limitMs = CATCH_UP_LIMIT_MS): Promise<void> {
    for (const endsAt = Date.now() + limitMs; this.holder === node; await pause(LOOK_AGAIN_MS)) {
      if (Date.now() > endsAt) throw new Error(`nobody took the lease over from ${node} within ${limitMs} ms`);
    }
  }

  /** Waits until something is acknowledged that was asked for from now on. */
  async goesOn(limitMs = CATCH_UP_LIMIT_MS): Promise<void> {
    const from = monotonicMs();
    for (const endsAt = from + limitMs; !this.#hasGoneOn(from); await pause(LOOK_AGAIN_MS)) {
      if (monotonicMs() > endsAt) throw new Error(`nothing was acknowledged within ${limitMs} ms`);
    }
  }

  /** Throws where a promise was broken, or not everybody catches up. */
  async finish(name: string, cluster: EtcdCluster): Promise<Verdict> {
    await Promise.all(this.atWork.map((node) => node.stopPublishing()));
    const { clientUrl } = await cluster.leader();
    const readers = this.nodes.map(({ name }) => name);
    const learners = this.nodes.filter(({ role }) => role === 'learner').map(({ name }) => name);
    const outcome = async () => ({ stored: await this.kind.stored(clientUrl), readers, learners });
    const isMissing = async () =>
      judge(this.history, await outcome()).findings.some(({ kind }) => kind === 'never-shown');
    for (const endsAt = Date.now() + CATCH_UP_LIMIT_MS; Date.now() < endsAt && (await isMissing()); )
      await pause(LOOK_AGAIN_MS);
    await this.close();
    return assertSound(name, this.history, await outcome());
  }

  async close(): Promise<void> {
    await Promise.all(this.atWork.map((node) => node.close()));
  }

  #hasGoneOn(from: number): boolean {
    const asked = new Set<string>();
    return this.history.events.some((event) => {
      if (event.at < from) return false;
      if (event.kind === 'invoked') asked.add(nameOf(event.reading));
      return event.kind === 'acknowledged' && asked.has(nameOf(event.reading));
    });
  }
}

/** Each with its own member first; learners are the members after the third. */
export function nodesOf({ members, urls }: EtcdCluster): readonly NodeOfWork[] {
  return members.map(({ name }, i) => ({
    name,
    urls: [...urls.slice(i), ...urls.slice(0, i)],
    role: i < VOTERS ? 'voter' : 'learner',
  }));
}
