/** The example 10-heat-the-room, deployed in a world that stands still and polled often; asked as its page asks. */
import assert from 'node:assert/strict';
import { exampleFlow, type FlowNode, HOST_TOML, STILL_WORLD, theNode } from './flow-nodes';
import { NodeRed } from './node-red';
import type { UserDirectoryOptions } from './user-directory';

/** What the page is answered: keys of [simulation], `fan`, `buzzer`, and beside them what the flow knows. */
export interface AnsweredWorld {
  readonly [key: string]: unknown;
  readonly alarm: unknown;
  readonly leds: readonly unknown[];
}

export const LED_COLOURS = { green: '#00ff00', red: '#ff0000', amber: '#281400' };
/** The room sensor's. */
export const ROOM_LED = 1;

export class HeatedRoom {
  readonly flow: readonly FlowNode[];

  private constructor(
    readonly nodeRed: NodeRed,
    every: string,
  ) {
    this.flow = exampleFlow('10-heat-the-room').map((node) => (node['every'] === '3' ? { ...node, every } : node));
  }

  static async start(options: UserDirectoryOptions = {}, every = '0.5'): Promise<HeatedRoom> {
    const room = new HeatedRoom(await NodeRed.start({ texts: { [HOST_TOML]: STILL_WORLD }, ...options }), every);
    await room.deploy();
    return room;
  }

  /** Afresh: what messages changed ends with the runtime. */
  async deploy(): Promise<void> {
    await this.nodeRed.deploy([]);
    await this.nodeRed.deploy(this.flow);
    await this.nodeRed.untilStatus(this.node('plugin-poll'), /^green dot (?!ready)/);
  }

  /** Id of the one node of that type and name. */
  node(type: string, name?: string): string {
    return theNode(this.flow, type, name).id;
  }

  post(changes: object): Promise<Response> {
    const headers = { 'Content-Type': 'application/json' };
    return this.nodeRed.request('/heat/world', { method: 'POST', headers, body: JSON.stringify(changes) });
  }

  async world(changes: object = {}): Promise<AnsweredWorld> {
    const response = await this.post(changes);
    assert.equal(response.status, 200);
    const { alarm, leds, ...rest } = await response.json();
    return { ...rest, alarm, leds: Array.isArray(leds) ? leds : [] };
  }

  untilWorld(what: string, holds: (world: AnsweredWorld) => boolean): Promise<AnsweredWorld> {
    return this.nodeRed.until(what, async () => {
      const world = await this.world();
      return holds(world) && world;
    });
  }

  stop(): Promise<void> {
    return this.nodeRed.stop();
  }
}
