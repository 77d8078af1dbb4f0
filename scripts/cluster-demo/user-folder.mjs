/** The user directory of one node's Node-RED, with its host.toml: made anew at each start of the demonstration. */
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { linkPackage } from '../built.mjs';
import { flowOf } from './flow.mjs';
import { clientUrl, HOST } from './plan.mjs';

const require = createRequire(import.meta.url);

export async function makeUserFolder(userDir, planned, plan) {
  await mkdir(join(userDir, 'wasi'), { recursive: true });
  await writeFile(join(userDir, 'settings.js'), settingsOf(planned));
  await writeFile(join(userDir, 'flows.json'), `${JSON.stringify(flowOf(planned), null, 2)}\n`);
  await writeFile(join(userDir, 'wasi', 'host.toml'), hostToml(planned, plan));
  await writeFile(join(userDir, 'package.json'), '{"name": "cluster-demo", "version": "0.0.1", "private": true}\n');
  await linkPackage(userDir);
}

function settingsOf({ node, role, editorPort }) {
  const settings = {
    uiHost: HOST,
    uiPort: editorPort,
    flowFile: 'flows.json',
    credentialSecret: false,
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, page: { title: node }, header: { title: `${node}, ${role}` } },
    logging: { console: { level: 'info', metrics: false, audit: false } },
  };
  return `module.exports = ${JSON.stringify(settings, null, 2)};\n`;
}

/** [cluster] as `edge-wasi cluster` prints it; its own member first. */
function hostToml(planned, plan) {
  const { hostTomlLines } = require('../../dist/src/cluster-setup/member-file-plan.js');
  const others = plan.filter(({ node }) => node !== planned.node);
  const urls = [planned, ...others].map(clientUrl);
  const { room, humidity, processor } = planned.world;
  const lines = [
    '[logging]',
    'show_sensor_data = false',
    '',
    '[simulation]',
    `dht22_temperature = { mean = ${room}, amplitude = 2, period_s = 120, noise = 0.1 }`,
    `dht22_humidity = { mean = ${humidity}, amplitude = 4, period_s = 180, noise = 0.3 }`,
    `bme680_temperature = { mean = ${room + 1}, amplitude = 2, period_s = 120, noise = 0.05 }`,
    `bme680_humidity = ${humidity}`,
    `cpu_temperature = { mean = ${processor}, amplitude = 4, period_s = 60, noise = 0.5 }`,
    '',
    ...hostTomlLines({ name: planned.node, role: planned.role }, urls, undefined),
  ];
  return `${lines.join('\n')}\n`;
}
