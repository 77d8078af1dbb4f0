/** The flow of each node: polls every two seconds, shows the page, watches the cluster; the hub serves Modbus as well. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../guest-tools.mjs';
import { HOST } from './plan.mjs';

const EVERY_S = 2;
export const RUNTIME_ID = 'runtime';
export const INJECT_ID = 'every';

/** Node types that the package, as it is here, has. */
function hasNode(type) {
  const { 'node-red': nodeRed } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
  return type in nodeRed.nodes;
}

export function flowOf({ node, modbusPort }) {
  const onTab = (id, type, x, y, more = {}) => ({ id, type, z: 'tab', name: '', x, y, wires: [], ...more });
  const using = { runtime: RUNTIME_ID };
  const inject = {
    props: [{ p: 'payload' }],
    repeat: String(EVERY_S),
    crontab: '',
    once: true,
    onceDelay: '0.5',
    topic: '',
    payload: '',
    payloadType: 'date',
  };
  const debug = {
    active: true,
    tosidebar: true,
    console: false,
    tostatus: false,
    complete: 'payload',
    targetType: 'msg',
  };
  return [
    { id: 'tab', type: 'tab', label: node, disabled: false, info: `One of four nodes: see the dashboard of each.` },
    { id: RUNTIME_ID, type: 'wasi-runtime', name: node, ...FROM_FILE, pluginDir: '', hardware: 'simulated' },
    onTab(INJECT_ID, 'inject', 130, 80, { name: `every ${EVERY_S} s`, ...inject, wires: [['poll']] }),
    onTab('poll', 'plugin-poll', 310, 80, { ...using, plugin: '*', every: '', emit: 'batch', wires: [['strip']] }),
    onTab('strip', 'led-sync', 480, 80, using),
    onTab('page', 'dashboard', 130, 160, { name: node, ...using, plugin: 'dashboard', path: '/wasi' }),
    ...(modbusPort === undefined
      ? []
      : [onTab('modbus', 'modbus-gateway', 310, 160, { ...using, ...tcp(modbusPort) })]),
    ...(hasNode('cluster-watch')
      ? [
          onTab('others', 'cluster-watch', 130, 240, { ...using, emit: 'batch', wires: [[], ['leads']] }),
          onTab('leads', 'debug', 310, 240, { name: 'who leads', ...debug }),
        ]
      : []),
  ];
}

const FROM_FILE = { configSource: 'file', configFile: '', configText: '' };

function tcp(port) {
  return { transport: 'tcp', host: HOST, port, unitId: 1, wordOrder: 'ABCD', writable: [] };
}
