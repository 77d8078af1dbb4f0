/**
 * The example 09-mqtt-home-assistant at work: a Node-RED and a broker for one test file, a new broker for each test. Where
 * there is no broker `noBroker` says why, and the tests are skipped with that.
 */
import { after, afterEach, before, beforeEach } from 'node:test';
import { fixture } from '../wasm/components';
import { exampleFlow, type FlowNode, STILL_WORLD } from './flow-nodes';
import { Mosquitto, type Published } from './mosquitto';
import { NodeRed } from './node-red';

const EXAMPLE = exampleFlow('09-mqtt-home-assistant');
/** Node-RED's own is 5 s. */
const RECONNECT_MS = 200;

export const TEMPERATURE = 'pi4/dht22/dht22/temperature';

export class MqttFlow {
  #nodeRed: NodeRed | undefined;
  #broker: Mosquitto | undefined;

  /** To be called in a suite: it starts and ends with that. */
  constructor() {
    before(async () => {
      this.#nodeRed = await startNodeRed();
    });
    after(() => this.#nodeRed?.stop());
    beforeEach(async () => {
      this.#broker = await Mosquitto.start();
    });
    afterEach(async () => {
      this.#broker?.thaw();
      await this.#nodeRed?.deploy([]);
      await this.#broker?.stop();
    });
  }

  get nodeRed(): NodeRed {
    if (this.#nodeRed === undefined) throw new Error('Node-RED has not started');
    return this.#nodeRed;
  }

  get broker(): Mosquitto {
    if (this.#broker === undefined) throw new Error('the broker has not started');
    return this.#broker;
  }

  /** As it is shipped, but for the broker's port, a world that stands still, and what `changes` says of a type of nodes. */
  nodes(changes: Readonly<Record<string, object>> = {}): FlowNode[] {
    const own: Readonly<Record<string, object>> = {
      'mqtt-broker': { broker: '127.0.0.1', port: String(this.broker.port) },
      'wasi-runtime': { configText: `${STILL_WORLD}[leds]\ncount = 11\n` },
    };
    return EXAMPLE.map((node) => ({ ...node, ...own[node.type], ...changes[node.type] }));
  }

  deploy(changes: Readonly<Record<string, object>> = {}): Promise<void> {
    return this.nodeRed.deploy(this.nodes(changes));
  }

  /** Until the newest message on `topic` is `payload`. */
  untilLast(messages: readonly Published[], topic: string, payload: string): Promise<Published> {
    return this.nodeRed.until(`"${payload}" on ${topic}, where there is ${last(messages, topic)?.payload}`, () => {
      const message = last(messages, topic);
      return message?.payload === payload && message;
    });
  }

  /** Until so many more messages came on `topic`. */
  async untilMore(messages: readonly Published[], topic: string, count: number): Promise<void> {
    const before = on(messages, topic).length;
    await this.nodeRed.until(`${count} messages more on ${topic}`, () => on(messages, topic).length >= before + count);
  }
}

export function startNodeRed(): Promise<NodeRed> {
  return NodeRed.start({
    settings: { mqttReconnectTime: RECONNECT_MS },
    copies: { 'wasi/plugins/counter.wasm': fixture('counter_v1') },
  });
}

export function on(messages: readonly Published[], topic: string): readonly Published[] {
  return messages.filter((message) => message.topic === topic);
}

/** What a subscriber was sent first on a topic: what is retained there comes before anything that is published later. */
export function first(messages: readonly Published[], topic: string): Published | undefined {
  return messages.find((message) => message.topic === topic);
}

export function last(messages: readonly Published[], topic: string): Published | undefined {
  return on(messages, topic).at(-1);
}

/** What announces sensors to Home Assistant. */
export function discoveries(messages: readonly Published[]): readonly Published[] {
  return messages.filter(({ topic }) => /^homeassistant\/sensor\/.*\/config$/.test(topic));
}
