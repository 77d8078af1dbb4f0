/** A cluster with an outbox of its own, as the runtime opens both: readings go through the outbox, and wake the cluster. */

import { Cluster, type ClusterOptions } from '../../src/cluster/cluster';
import { Losses } from '../../src/cluster/losses';
import { memberAccess } from '../../src/cluster/member-access';
import { NodeOutbox } from '../../src/cluster/outbox/node-outbox';
import { systemClock } from '../../src/platform/clock';
import { NO_REPORT } from '../../src/platform/storage-report';
import type { Reading } from '../../src/readings/reading';

export interface OpenedCluster {
  readonly cluster: Cluster;
  publish(readings: readonly Reading[]): void;
  /** May be called twice. */
  close(): Promise<void>;
}

export async function openCluster(
  options: Omit<ClusterOptions, 'access' | 'outbox' | 'losses'> & { readonly outboxFolder: string },
): Promise<OpenedCluster> {
  const { outboxFolder: folder, log: tell, config } = options;
  const log = (level: 'info' | 'warn' | 'error', text: string) => tell(level === 'error' ? 'warn' : level, text);
  const losses = new Losses(systemClock, log);
  const surroundings = { folder, clock: systemClock, losses, report: NO_REPORT, log, onRefused: () => undefined };
  const nodeOutbox = new NodeOutbox(surroundings);
  nodeOutbox.start();
  const outbox = await nodeOutbox.opened(new AbortController().signal);
  if (outbox === undefined) throw new Error(`the outbox ${folder} is not open`);
  const { options: access } = await memberAccess(config, undefined);
  const cluster = new Cluster({ ...options, access, outbox, losses });
  cluster.start();
  let isClosing = false;
  return {
    cluster,
    publish: (readings) => {
      if (isClosing) return;
      nodeOutbox.add(readings);
      cluster.wake();
    },
    close: async () => {
      isClosing = true;
      await cluster.close();
      await nodeOutbox.close();
    },
  };
}
