/** A cluster-watch node over a fake runtime: what leaves by its first output is in `flow.messages`, by its second in `states`. */
import type { NodeMessage } from 'node-red';
import type { ClusterState, RuntimeApi } from '../../src/runtime-api/runtime-api';
import { type FakeRuntime, Pending } from './fake-runtime';
import { Flow, OUT, RUNTIME, settled } from './flow';

const STATES = { id: 'states', type: 'helper' };
export const NODE = {
  id: 'watch',
  type: 'cluster-watch',
  runtime: 'runtime',
  emit: 'readings',
  wires: [['out'], ['states']],
};

export const OWN = { node: 'pi4', role: 'voter', healthy: true, lastSeen: 1_000, skewMs: 0 } as const;
export const ZERO = { node: 'zero', role: 'learner', healthy: true, lastSeen: 2_000, skewMs: 40 } as const;
export const LED: ClusterState = { connected: true, leader: 'revpi', isLeader: false, members: [OWN, ZERO] };

export class Watched {
  readonly states: NodeMessage[] = [];

  private constructor(
    readonly flow: Flow,
    readonly runtime: FakeRuntime,
  ) {}

  /** The runtime opens once the test listens to both outputs. */
  static async start(runtime: FakeRuntime, properties: object = {}): Promise<Watched> {
    const opening = new Pending<RuntimeApi>();
    const flow = await Flow.start([RUNTIME, { ...NODE, ...properties }, OUT, STATES], () => opening.promise);
    const watched = new Watched(flow, runtime);
    flow.node(STATES.id).on('input', (message) => watched.states.push(message));
    opening.resolve(runtime);
    await settled();
    return watched;
  }

  get statuses(): readonly string[] {
    return this.flow.statuses(NODE.id);
  }

  async enter(state: ClusterState | undefined): Promise<void> {
    this.runtime.cluster.state = state;
    this.runtime.emit({ kind: 'cluster', state });
    await settled();
  }
}
