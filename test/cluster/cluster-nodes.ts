/** Nodes of a cluster in this process, as the runtime opens them, each with what it was told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Cluster } from '../../src/cluster/cluster';
import type { ClusterState } from '../../src/cluster/cluster-state';
import type { ClusterRole } from '../../src/host-config/host-config';
import { reading } from './numbered-readings';
import { type OpenedCluster, openCluster } from './opened-cluster';

export interface OpenNode {
  readonly name: string;
  readonly cluster: Cluster;
  /** Numbers by node, in the order they came. */
  readonly received: ReadonlyMap<string, readonly number[]>;
  /** ms from a reading's being made to its being here. */
  readonly delays: readonly number[];
  readonly states: readonly ClusterState[];
  readonly log: readonly string[];
  readonly folder: string;
  /** The next `count` readings. */
  publish(count: number): void;
  readonly published: number;
  close(): Promise<void>;
}

/** A test that fails leaves some, which would keep the process alive. */
const opened = new Set<OpenedCluster>();
after(async () => {
  await Promise.all([...opened].map((one) => one.close()));
});

export async function openNode(name: string, role: ClusterRole, endpoints: readonly string[], from = 0, kept?: string) {
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'wasi-node-'));
  const log: string[] = [];
  const received = new Map<string, number[]>();
  const delays: number[] = [];
  const states: ClusterState[] = [];
  const one = await openCluster({
    config: { enabled: true, nodeId: name, role, endpoints },
    outboxFolder: join(folder, 'outbox'),
    version: '1.0.0',
    log: (level, text) => log.push(`${level}: ${text}`),
    onListenerError: (error) => log.push(`error: ${String(error)}`),
  });
  opened.add(one);
  const { cluster } = one;
  cluster.subscribe((event) => {
    if (event.kind === 'state') states.push(event.state);
    else {
      for (const { node, values } of event.readings) {
        const numbers = received.get(node) ?? [];
        numbers.push(Number(values['n']));
        received.set(node, numbers);
        delays.push(Date.now() - Number(values['at']));
      }
    }
  });
  let published = from;
  const node: OpenNode = {
    name,
    cluster,
    received,
    delays,
    states,
    log,
    folder,
    publish: (count) => {
      const made = Array.from({ length: count }, (_, i) => {
        const { values, ...rest } = reading(name, published + i);
        return { ...rest, values: { ...values, at: Date.now() } };
      });
      published += count;
      one.publish(made);
    },
    get published() {
      return published;
    },
    close: async () => {
      await one.close();
      if (kept === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
  return node;
}

/** Whether everybody has everything of everybody else, and nothing twice or out of order. */
export function whatIsWrong(nodes: readonly OpenNode[]): string | undefined {
  for (const reader of nodes) {
    for (const writer of nodes) {
      if (reader === writer) continue;
      const numbers = reader.received.get(writer.name) ?? [];
      const wrong = numbers.findIndex((n, i) => n !== i);
      if (wrong !== -1) return `${reader.name} has ${numbers[wrong]} of ${writer.name} as its ${wrong}th`;
      if (numbers.length !== writer.published) {
        return `${reader.name} has ${numbers.length} of ${writer.published} readings of ${writer.name}`;
      }
    }
  }
  return undefined;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
