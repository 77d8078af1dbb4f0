/**
 * The led-sync node: any message writes the LED buffer to the strip once, and only if the strip shows otherwise. `msg.leds`,
 * where a message has it, is laid above the plugins' colours before that.
 */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { RuntimeUser } from '../runtime-user';

interface LedSyncDef extends NodeDef {
  readonly runtime?: unknown;
}

export = (RED: NodeAPI): void => {
  RED.nodes.registerType('led-sync', function (this: Node, def: LedSyncDef) {
    RED.nodes.createNode(this, def);
    const user = new RuntimeUser(RED, this, def.runtime, undefined, 'writing');
    user.onInput(async (api, message) => {
      const { changed, leds } = await api.syncLeds(message['leds']);
      const payload = { changed, leds: [...leds] };
      return { messages: [{ ...message, payload }], shown: { kind: changed ? 'written' : 'unchanged' } };
    });
  });
};
