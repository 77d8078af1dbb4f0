/**
 * Measured process: memory at rest of a Node-RED and its processes with the four bundled plugins, one of which was reloaded ten
 * times: first to a build that was never prepared, then between two prepared ones.
 */
import { mkdirSync } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { flow, openNodeRed, whenReady } from './node-red.mjs';
import { memoryAtRest } from './process-memory.mjs';
import { measured } from './task.mjs';

const RELOADS = 10;
const BUILDS = ['pi_monitor_2', 'pi_monitor'];

await measured(async ({ userDir, guestsDir }) => {
  const pluginDir = join(userDir, 'plugins');
  mkdirSync(pluginDir);
  const nodeRed = await openNodeRed(userDir);
  const api = await nodeRed.deploy(flow({ pluginDir }));
  await whenReady(api);
  const target = join(pluginDir, 'pi_monitor.wasm');
  for (let turn = 0; turn < RELOADS; turn += 1) {
    await copyFile(join(guestsDir, `${BUILDS[turn % 2]}.wasm`), `${target}.copy`);
    await rename(`${target}.copy`, target);
    await api.poll('pi_monitor');
  }
  const reloaded = await memoryAtRest({ afterLoad: true });
  await nodeRed.close();
  return { reloaded: reloaded.totalMb };
});
