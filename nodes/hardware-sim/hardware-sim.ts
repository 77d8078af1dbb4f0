/**
 * The hardware-sim node: a message changes the world that simulated devices measure, and leaves with the world as it then
 * is. Where devices are real there is nothing to change: the node is grey, and each message ends with HARDWARE_MISSING.
 */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { WorldByKey } from '../../src/runtime-api/runtime-api';
import { RuntimeUser } from '../runtime-user';
import { maxValueLength, type Shown } from '../status';
import { valueText } from '../value-text';

interface HardwareSimDef extends NodeDef {
  readonly runtime?: unknown;
}

export = (RED: NodeAPI): void => {
  RED.nodes.registerType('hardware-sim', function (this: Node, def: HardwareSimDef) {
    RED.nodes.createNode(this, def);
    const user = new RuntimeUser(RED, this, def.runtime, undefined, undefined);
    user.onInput(async (api, message) => {
      const payload = await api.simulate(message['payload']);
      return { messages: [{ ...message, payload }], shown: roomText(payload) };
    });
    sayWhereDevicesAreReal(this, user);
  });
};

/** Before the first message comes, and again after each opening. */
function sayWhereDevicesAreReal(node: Node, user: RuntimeUser): void {
  const { runtime } = user;
  if (runtime === undefined) return;
  const look = () => {
    if (runtime.phase.kind !== 'open' || runtime.phase.api.hardware.kind === 'simulated') return;
    user.present({ kind: 'failed', code: 'HARDWARE_MISSING' });
  };
  node.on('close', runtime.register({ phaseChanged: look, runtimeEvent: () => undefined }));
  look();
}

/** "22.4 °C 45 %" */
function roomText(world: WorldByKey): Shown {
  const { dht22_temperature: temperature, dht22_humidity: humidity } = world;
  if (typeof temperature !== 'number' || typeof humidity !== 'number') return { kind: 'ready' };
  const room = { values: { temperature, humidity: Math.round(humidity) }, units: { temperature: '°C', humidity: '%' } };
  return { kind: 'value', text: valueText(room, maxValueLength(true)) };
}
