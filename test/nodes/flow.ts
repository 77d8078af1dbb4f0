/**
 * A flow in a real Node-RED runtime, with a fake behind the wasi-runtime node. Keeps every status, every end of an
 * input and every message, so that a test waits for what it expects and never for time to pass.
 */
import { EventEmitter } from 'node:events';
import { hooks } from '@node-red/util';
import type { Node, NodeAPI, NodeMessage, NodeStatus } from 'node-red';
import helper from 'node-red-node-test-helper';
import clusterWatch from '../../nodes/cluster-watch/cluster-watch';
import dashboard from '../../nodes/dashboard/dashboard';
import hardwareSim from '../../nodes/hardware-sim/hardware-sim';
import ledSync from '../../nodes/led-sync/led-sync';
import modbusGateway from '../../nodes/modbus-gateway/modbus-gateway';
import pluginPoll from '../../nodes/plugin-poll/plugin-poll';
import { STATUS_CATALOGUE } from '../../nodes/status';
import { registerRuntimeNode } from '../../nodes/wasi-runtime/runtime-node';
import type { OpenRuntime, RuntimeOptions } from '../../src/runtime-api/runtime-api';
import { until } from '../support/until';

export interface Ended {
  readonly node: string;
  readonly error: (Error & { readonly code?: string }) | undefined;
}

interface Completion {
  readonly node: Node;
  readonly error: Ended['error'];
}

const COMPLETED = 'onComplete.test';

export const RUNTIME = { id: 'runtime', type: 'wasi-runtime', name: '' };
/** Without a node that uses it, a runtime does not open. */
export const USER = { id: 'user', type: 'led-sync', runtime: RUNTIME.id, wires: [] };
/** Wire a node to it to collect its messages. */
export const OUT = { id: 'out', type: 'helper' };

export class Flow {
  readonly #events = new EventEmitter();
  readonly #statuses: { readonly id: string; readonly status: NodeStatus }[] = [];
  readonly messages: NodeMessage[] = [];
  readonly ends: Ended[] = [];
  /** Type of the node and text, oldest first. */
  readonly logged: string[] = [];
  opened = 0;
  #RED: NodeAPI | undefined;

  /** `credentials`: by the node's id, as Node-RED keeps them. */
  static async start(
    nodes: readonly object[],
    open: OpenRuntime,
    settings: object = {},
    credentials: Readonly<Record<string, object>> = {},
  ): Promise<Flow> {
    const flow = new Flow();
    await flow.#load(nodes, open, settings, credentials);
    return flow;
  }

  get RED(): NodeAPI {
    if (this.#RED === undefined) throw new Error('the flow was not started');
    return this.#RED;
  }

  async #load(nodes: readonly object[], open: OpenRuntime, settings: object, credentials: object): Promise<void> {
    helper.settings({ ...settings });
    hooks.add(COMPLETED, ({ node, error }: Completion) => this.#end({ node: node.id, error }));
    const observe = (RED: NodeAPI): void => {
      this.#RED = RED;
      RED.events.on('node-status', this.#onStatus);
      RED.log.addHandler(this.#log);
    };
    const wasiRuntime = (RED: NodeAPI): void =>
      registerRuntimeNode(RED, (options: RuntimeOptions) => {
        this.opened += 1;
        return open(options);
      });
    const types = [pluginPoll, ledSync, dashboard, hardwareSim, modbusGateway, clusterWatch];
    await helper.load([observe, wasiRuntime, ...types], nodes, credentials);
    if (nodes.includes(OUT)) {
      this.node(OUT.id).on('input', (message) => {
        this.messages.push(message);
        this.#events.emit('change');
      });
    }
  }

  readonly #log = new EventEmitter().on('log', ({ type, msg }: { readonly type?: string; readonly msg: unknown }) => {
    this.logged.push(`${type} ${msg instanceof Error ? msg.message : String(msg)}`);
  });

  readonly #onStatus = (event: { readonly id: string; readonly status: NodeStatus }): void => {
    this.#statuses.push(event);
    this.#events.emit('change');
  };

  #end(ended: Ended): void {
    this.ends.push(ended);
    this.#events.emit('change');
  }

  node(id: string): Node {
    return helper.getNode(id);
  }

  send(id: string, message: NodeMessage = {}): void {
    this.node(id).receive(message);
  }

  /** "green dot 21.5 °C", oldest first; keys of texts are shortened. */
  statuses(id: string): string[] {
    return this.#statuses
      .filter((entry) => entry.id === id)
      .map(({ status }) => `${status.fill} ${status.shape} ${status.text?.replace(`${STATUS_CATALOGUE}:`, '')}`);
  }

  async until(holds: () => boolean): Promise<void> {
    await until(holds);
  }

  untilEnds(count: number): Promise<void> {
    return this.until(() => this.ends.length >= count);
  }

  async untilStatus(id: string, status: string): Promise<void> {
    await until(
      () => this.statuses(id).at(-1) === status,
      () => `status "${status}" of ${id} after ${this.statuses(id).join(', ')}`,
    );
  }

  /** As a deploy does it. */
  async stop(): Promise<void> {
    await helper.unload();
    this.RED.events.off('node-status', this.#onStatus);
    this.RED.log.removeHandler(this.#log);
    hooks.remove(COMPLETED);
  }
}

/** Lets everything that is due now happen: Node-RED hands messages on with setImmediate. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
