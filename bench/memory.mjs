/**
 * Measured process: resident memory stage by stage. Each stage is read when it has come to rest: the loader's thread ends
 * after ten idle seconds, and what it leaves is given back by and by. `peak` is the most the process ever had.
 */
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { flow, openNodeRed, whenReady } from './node-red.mjs';
import { measured } from './task.mjs';

const BYTES_PER_MB = 2 ** 20;
/** Longer than the loader's thread lives without work. */
const REST_MS = 14_000;
const POLLS = 1_000;
const RELOADS = 10;
const SENSORS = ['dht22', 'pi_monitor', 'bme680'];
const NOBODY = [...SENSORS, 'dashboard'].map((name) => `[plugins.${name}]\nenabled = false\n`).join('');

await measured(async ({ userDir, guestsDir, alone }) => {
  const nodeRed = await openNodeRed(userDir, { withPackage: !alone });
  const stages = { nodeRed: await rested() };
  if (!alone) {
    await nodeRed.deploy(flow({ configText: NOBODY }));
    stages.runtimeOpen = await rested();
    const pluginDir = join(userDir, 'memory');
    rmSync(pluginDir, { recursive: true, force: true });
    mkdirSync(pluginDir);
    const api = await nodeRed.deploy(flow({ pluginDir }));
    await whenReady(api);
    stages.readyAtOnce = residentMb();
    stages.ready = await rested();
    await pollAll(api);
    stages.polled = await rested();
    await reloadOften(api, guestsDir, join(pluginDir, 'pi_monitor.wasm'));
    stages.reloaded = await rested();
    stages.peak = peakMb();
  }
  await nodeRed.close();
  return stages;
});

function residentMb() {
  return process.memoryUsage.rss() / BYTES_PER_MB;
}

function peakMb() {
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kilobytes) / 1_024;
}

async function rested() {
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  return residentMb();
}

async function pollAll(api) {
  for (let round = 0; round < POLLS; round += 1) {
    await api.poll('pi_monitor');
    await api.render('dashboard');
  }
  for (const name of SENSORS) await api.poll(name);
}

/** The plugin's own bytes and a changed copy in turn, by the way a user's file is replaced. */
async function reloadOften(api, guestsDir, target) {
  for (let turn = 0; turn < RELOADS; turn += 1) {
    copyFileSync(join(guestsDir, `pi_monitor${turn % 2}.wasm`), `${target}.copy`);
    renameSync(`${target}.copy`, target);
    await api.poll('pi_monitor');
  }
}
