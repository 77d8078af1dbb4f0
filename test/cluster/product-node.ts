/**
 * A node as the runtime opens it (src/cluster/cluster.ts), with an outbox of its own. What it accepts is acknowledged when
 * nothing of it waits any more; its own readings it shows at once. Whether it leads is asked as its users ask: before each
 * order.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import { range, under } from '../../src/cluster/etcd/key-values';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { BATCHES, meaningOf } from '../../src/cluster/keys';
import { parseBatch } from '../../src/cluster/wire';
import { type Clock, systemClock } from '../../src/platform/clock';
import type { History, ReadingId } from './history';
import { reading } from './numbered-readings';
import { type OpenedCluster, openCluster } from './opened-cluster';
import type { KindOfNode, NodeOfWork } from './workload';

const PACE_MS = 10;
const LOOK_MS = 5;
const ACT_MS = 20;
const HAND_OVER_LIMIT_MS = 20_000;
const EPOCH = 'e1';

/**
 * `expectedS`: how long it will publish. etcd keeps 1 MiB of a node, and what it keeps no more would be taken for lost: in a
 * long run it publishes more slowly.
 */
export function productNode(expectedS = 0, clockOf: (node: string) => Clock = () => systemClock): KindOfNode {
  const paceMs = Math.max(PACE_MS, expectedS * 0.5);
  return {
    name: 'product',
    open: async (node, history, guarded) => {
      const folder = mkdtempSync(join(tmpdir(), 'wasi-node-'));
      const opened = await open(node, folder, history, clockOf(node.name));
      const { cluster } = opened;
      const publisher = new ProductPublisher(node.name, opened, history, paceMs);
      const acting = setInterval(() => {
        const leading = cluster.leading();
        if (!leading.isLeader) return;
        history.add({ kind: 'held', node: node.name, token: leading.token });
        guarded.take(node.name, leading.token);
      }, ACT_MS);
      return {
        stopPublishing: () => publisher.stop(),
        close: async () => {
          publisher.end();
          clearInterval(acting);
          await opened.close();
          rmSync(folder, { recursive: true, force: true });
        },
      };
    },
    stored: async (url) => {
      const member = new EtcdMember(url);
      try {
        const { entries } = await range(member, under(BATCHES));
        return entries.flatMap(({ key, value }) => {
          const meaning = meaningOf(key);
          const batch = meaning.kind === 'batch' ? parseBatch(meaning.node, value) : undefined;
          return (batch?.readings ?? []).map((one) => idOf(one.node, Number(one.values['n'])));
        });
      } finally {
        member.close();
      }
    },
  };
}

function idOf(node: string, n: number): ReadingId {
  return { node, epoch: EPOCH, seq: n };
}

function open(
  { name, role, urls }: NodeOfWork,
  folder: string,
  history: History,
  clock: Clock,
): Promise<OpenedCluster> {
  return openCluster({
    config: { enabled: true, nodeId: name, role, endpoints: urls },
    outboxFolder: join(folder, 'outbox'),
    version: '1.0.0',
    clock,
    log: () => {},
    onListenerError: (error) => {
      throw error;
    },
  }).then((opened) => {
    opened.cluster.subscribe((event) => {
      if (event.kind !== 'readings') return;
      for (const { node, values } of event.readings)
        history.add({ kind: 'observed', reader: name, reading: idOf(node, Number(values['n'])) });
    });
    return opened;
  });
}

class ProductPublisher {
  #published = 0;
  #acknowledged = 0;
  readonly #publishing: NodeJS.Timeout;
  readonly #looking: NodeJS.Timeout;

  constructor(
    private readonly node: string,
    private readonly opened: OpenedCluster,
    private readonly history: History,
    paceMs: number,
  ) {
    this.#publishing = setInterval(() => this.#publish(), paceMs);
    this.#looking = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Comes back when all is acknowledged, or never will be. */
  async stop(): Promise<void> {
    clearInterval(this.#publishing);
    for (const endsAt = Date.now() + HAND_OVER_LIMIT_MS; Date.now() < endsAt; await pause(LOOK_MS)) {
      this.#look();
      if (this.#acknowledged === this.#published) return;
    }
    const left = this.#published - this.#acknowledged;
    throw new Error(
      `${this.node} still has ${left} readings in its outbox, in state ${inspect(this.opened.cluster.state)}`,
    );
  }

  end(): void {
    clearInterval(this.#publishing);
    clearInterval(this.#looking);
  }

  #publish(): void {
    const id = idOf(this.node, this.#published++);
    this.history.add({ kind: 'invoked', reading: id });
    this.history.add({ kind: 'observed', reader: this.node, reading: id });
    this.opened.publish([reading(this.node, id.seq)]);
  }

  /** They are acknowledged in their order, so what no longer waits is the first of them. */
  #look(): void {
    const done = this.#published - this.opened.cluster.counts.waiting;
    while (this.#acknowledged < done)
      this.history.add({ kind: 'acknowledged', reading: idOf(this.node, this.#acknowledged++) });
  }
}
