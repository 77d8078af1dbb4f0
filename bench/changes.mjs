/**
 * Measured process: changes of a running Python plugin. A reload is measured from the rename that finishes the copy of a
 * build that was prepared before to the first answer of that build. A kill is measured from the deadline of a guest that
 * does not end to the new instance that can be called. Stalls are the longest of all reloads and of all kills.
 */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { median } from './figures.mjs';
import { idleStall } from './idle-loop.mjs';
import { flow, openNodeRed, whenReady } from './node-red.mjs';
import { StallProbe } from './stall-probe.mjs';
import { measured } from './task.mjs';

const RELOADS = 5;
/** Each is killed once: after a second kill within a minute the restart would be delayed. */
const SPINNERS = ['spin_1', 'spin_2', 'spin_3'];
const DEADLINE_MS = 500;

const SPINNERS_TOML = SPINNERS.map(
  (name) => `
[plugins.${name}]
enabled = true
[plugins.${name}.settings]
fault = "spin"
[plugins.${name}.limits]
deadline_ms = ${DEADLINE_MS}
`,
).join('');

await measured(async ({ userDir, guestsDir }) => {
  const pluginDir = join(userDir, 'plugins');
  rmSync(pluginDir, { recursive: true, force: true });
  mkdirSync(pluginDir);
  for (const name of SPINNERS) symlinkSync(join(guestsDir, 'faults.wasm'), join(pluginDir, `${name}.wasm`));
  const nodeRed = await openNodeRed(userDir);
  const probe = new StallProbe();
  const idle = await idleStall(probe);
  const configText = `[plugins.counter]\nenabled = true\n${SPINNERS_TOML}`;
  const target = join(pluginDir, 'counter.wasm');
  const copy = (build) => copyOver(join(guestsDir, `${build}.wasm`), target);
  await copy('faults_2');
  const api = await nodeRed.deploy(flow({ configText, pluginDir }));
  await whenReady(api, ['counter', ...SPINNERS]);
  await reload(api, copy, 'faults');
  probe.take();
  const reloads = [];
  for (let turn = 0; turn < RELOADS; turn += 1) {
    reloads.push(await reload(api, copy, turn % 2 === 0 ? 'faults_2' : 'faults'));
  }
  const reloadStall = probe.take();
  const kills = [];
  for (const name of SPINNERS) kills.push(await kill(api, name));
  const killStall = probe.take();
  probe.close();
  await nodeRed.close();
  return { reloadMs: median(reloads), killMs: median(kills), reloadStall, killStall, idle };
});

/** Asynchronous: the loop's stalls are measured. */
async function copyOver(from, to) {
  await copyFile(from, `${to}.copy`);
  await rename(`${to}.copy`, to);
}

/** The plugin counts its polls: the first answer of another build is 1. */
async function reload(api, copy, build) {
  await api.poll('counter');
  await copy(build);
  const startedAt = performance.now();
  for (;;) {
    const { readings } = await api.poll('counter');
    if (readings[0].values.count === 1) return performance.now() - startedAt;
  }
}

async function kill(api, name) {
  const startedAt = performance.now();
  const error = await api.poll(name).catch((cause) => cause);
  if (error.code !== 'PLUGIN_DEADLINE') throw new Error(`${name} was not killed: ${error.message}`);
  await whenReady(api, [name]);
  return performance.now() - startedAt - DEADLINE_MS;
}
