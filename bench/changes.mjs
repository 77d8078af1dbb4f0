/**
 * Measured process: what happens to a running plugin. A reload is measured from the rename that finishes the copy of a
 * file, prepared before, to the first answer of the new file. A kill is measured from a spinning guest's deadline to the
 * fresh instance that can be called. Stalls of Node-RED's loop are those of the whole of each.
 */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { median } from './figures.mjs';
import { flow, openNodeRed, whenReady } from './node-red.mjs';
import { StallProbe } from './stall-probe.mjs';
import { measured } from './task.mjs';

const RELOADS = 9;
/** Each is killed once: a second loss within a minute would wait for its back-off. */
const SPINNERS = ['spin_1', 'spin_2', 'spin_3', 'spin_4', 'spin_5'];
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
  const pluginDir = join(userDir, 'changes');
  rmSync(pluginDir, { recursive: true, force: true });
  mkdirSync(pluginDir);
  for (const name of SPINNERS) symlinkSync(join(guestsDir, 'faults.wasm'), join(pluginDir, `${name}.wasm`));
  const nodeRed = await openNodeRed(userDir);
  const configText = `[plugins.counter]\nenabled = true\n${SPINNERS_TOML}`;
  const copy = (version) => copyOver(join(guestsDir, `counter_v${version}.wasm`), join(pluginDir, 'counter.wasm'));
  await copy(2);
  const api = await nodeRed.deploy(flow({ configText, pluginDir }));
  await whenReady(api, ['counter', ...SPINNERS]);
  const probe = new StallProbe();
  await reload(api, copy, 1);
  probe.take();
  const reloads = [];
  for (let turn = 0; turn < RELOADS; turn += 1) reloads.push(await reload(api, copy, 2 - (turn % 2)));
  const reloadStall = probe.take();
  const kills = [];
  for (const name of SPINNERS) kills.push(await kill(api, name));
  const killStall = probe.take();
  probe.close();
  await nodeRed.close();
  return { reloadMs: median(reloads), killMs: median(kills), reloadStall, killStall };
});

/** Not on the loop, whose stalls are measured. */
async function copyOver(from, to) {
  await copyFile(from, `${to}.copy`);
  await rename(`${to}.copy`, to);
}

async function reload(api, copy, version) {
  await copy(version);
  const startedAt = performance.now();
  const { readings } = await api.poll('counter');
  const ms = performance.now() - startedAt;
  const found = readings[0].values.version;
  if (found !== version) throw new Error(`version ${found} answered, and ${version} was copied`);
  return ms;
}

async function kill(api, name) {
  const startedAt = performance.now();
  const error = await api.poll(name).catch((cause) => cause);
  if (error.code !== 'PLUGIN_DEADLINE') throw new Error(`${name} was not killed: ${error.message}`);
  await whenReady(api, [name]);
  return performance.now() - startedAt - DEADLINE_MS;
}
