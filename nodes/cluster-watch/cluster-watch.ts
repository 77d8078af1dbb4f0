/**
 * The cluster-watch node. First output: what the other nodes of the cluster read, in the forms of plugin-poll. Second: the
 * cluster as it is, once the runtime is open and whenever it is another one. Takes no input, and polls nothing.
 */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { type Emit, toMessages } from '../../src/readings/messages';
import type { Reading } from '../../src/readings/reading';
import type { RuntimeApi, RuntimeEvent } from '../../src/runtime-api/runtime-api';
import { emitProperty } from '../emit-property';
import { asError } from '../node-red-errors';
import { RuntimeUser } from '../runtime-user';
import type { SharedRuntime } from '../shared-runtime';
import { clusterMessage, clusterShown, gistOf } from './cluster-message';
import { ReadingQueue } from './reading-queue';

interface ClusterWatchDef extends NodeDef {
  readonly runtime?: unknown;
  readonly emit?: unknown;
}

/** Made and sent in one turn of Node-RED's loop: some tens of messages, a millisecond or two. A batch is one message. */
const READINGS_AT_ONCE: Readonly<Record<Emit, number>> = { values: 4, readings: 20, batch: 500 };
/** In the topic of a batch: it may hold readings of several plugins. */
const ALL_PLUGINS = '*';

export = (RED: NodeAPI): void => {
  RED.nodes.registerType('cluster-watch', function (this: Node, def: ClusterWatchDef) {
    RED.nodes.createNode(this, def);
    const user = new RuntimeUser(RED, this, def.runtime, undefined, undefined);
    try {
      const emit = emitProperty(def.emit);
      if (user.runtime !== undefined) watch(this, user, user.runtime, emit);
    } catch (error) {
      user.refuse(asError(error));
    }
  });
};

function watch(node: Node, user: RuntimeUser, runtime: SharedRuntime, emit: Emit): void {
  const queue = new ReadingQueue({
    sliceSize: READINGS_AT_ONCE[emit],
    hand: (readings) => node.send([toMessages(emit, readings, ALL_PLUGINS, readings[0]?.node ?? '', {}), null]),
    onDropped: (count) =>
      node.warn(`the flow takes readings of other nodes more slowly than they come: ${count} were left out`),
  });
  let told: string | undefined;
  const tell = (): void => {
    if (user.isClosed || runtime.phase.kind !== 'open') return;
    const { state } = runtime.phase.api.cluster;
    const message = clusterMessage(state, runtime.phase.api.cluster.standing());
    user.present(clusterShown(state));
    const gist = gistOf(message);
    if (gist === told) return;
    told = gist;
    node.send([null, message]);
  };
  let first: NodeJS.Immediate | undefined;
  const start = (): void => {
    // By then the nodes behind this one are made, too: what is sent to one that is not yet is lost.
    if (runtime.phase.kind === 'open') first ??= setImmediate(tell);
  };
  const deregister = runtime.register({
    phaseChanged: start,
    runtimeEvent: (event) => {
      if (event.kind === 'cluster') tell();
      if (runtime.phase.kind === 'open') queue.add(ofOthers(runtime.phase.api, event));
    },
  });
  node.on('close', () => {
    deregister();
    clearImmediate(first);
    queue.close();
  });
  user.present({ kind: 'loading' });
  start();
}

function ofOthers({ config }: RuntimeApi, event: RuntimeEvent): readonly Reading[] {
  return event.kind === 'readings' ? event.readings.filter(({ node }) => node !== config.cluster.nodeId) : [];
}
