/** A broker for the example 12-cluster-to-database: what was published, by whom, with its JSON read. Whoever starts it stops it. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import Aedes from 'aedes';
import type { FlowNode } from './flow-nodes';

export interface Published {
  readonly client: string;
  readonly topic: string;
  readonly value: number;
  /** ms since 1970. */
  readonly timestamp: number;
  readonly qos: number;
  readonly retain: boolean;
}

export class MqttBroker {
  readonly published: Published[] = [];
  readonly #broker = new Aedes();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer(this.#broker.handle);
    this.#broker.on('publish', ({ topic, payload, qos, retain }, client) => {
      if (client === null) return;
      const { value, timestamp } = JSON.parse(String(payload));
      this.published.push({ client: client.id, topic, value, timestamp, qos, retain });
    });
  }

  static async start(): Promise<MqttBroker> {
    const broker = new MqttBroker();
    await once(broker.#server.listen(0, '127.0.0.1'), 'listening');
    return broker;
  }

  /** The flow with this broker for its own. */
  takenBy(flow: readonly FlowNode[]): FlowNode[] {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the broker has no port');
    const port = String(address.port);
    return flow.map((node) => (node.type === 'mqtt-broker' ? { ...node, broker: '127.0.0.1', port } : node));
  }

  /** Topic and time of what was published more than once. */
  doubled(): string[] {
    const names = this.published.map(({ topic, timestamp }) => `${topic} ${timestamp}`);
    return names.filter((name, at) => names.indexOf(name) !== at);
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#broker.close(resolve));
    this.#server.close();
  }
}
