/**
 * The modbus-gateway node: serves readings as Modbus registers, over TCP or a serial line. Any message leaves with the
 * register map; what a client writes to an address that the node grants leaves as a message of its own. All nodes of a
 * Node-RED share one register map, whose file is opened with the first of them.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Node, NodeAPI } from 'node-red';
import { asError } from '../node-red-errors';
import { RuntimeUser } from '../runtime-user';
import { serveAdmin } from './admin-routes';
import { GatewayLife } from './gateway-life';
import { type ModbusGatewayDef, readSettings } from './properties';
import { SharedRegisterMap } from './shared-register-map';

interface ModbusGatewayNode extends Node {
  gateway?: GatewayLife;
}

export = (RED: NodeAPI): void => {
  const registerMap = new SharedRegisterMap(registerMapPath(RED), (level, text) => RED.log[level](text));
  RED.nodes.registerType('modbus-gateway', function (this: ModbusGatewayNode, def: ModbusGatewayDef) {
    RED.nodes.createNode(this, def);
    const user = new RuntimeUser(RED, this, def.runtime, undefined, undefined);
    user.onInput(async (_api, message) => {
      const { gateway } = this;
      const payload = (await gateway?.map()) ?? [];
      return { messages: [{ ...message, payload }], shown: gateway?.shown ?? { kind: 'ready' } };
    });
    try {
      const settings = readSettings(def);
      if (user.runtime !== undefined) this.gateway = new GatewayLife(this, user, settings, user.runtime, registerMap);
    } catch (error) {
      user.refuse(asError(error));
    }
  });
  serveAdmin(RED);
};

function registerMapPath(RED: NodeAPI): string {
  return join(RED.settings.userDir ?? join(homedir(), '.node-red'), 'wasi', 'modbus', 'registers.json');
}
