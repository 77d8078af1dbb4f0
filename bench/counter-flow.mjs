/** A flow with the four bundled plugins and a Python plugin that counts its polls, from a folder of its own. */
import { mkdirSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { flow, PLUGINS, whenReady } from './node-red.mjs';

const CONFIG = '[logging]\nshow_sensor_data = false\n[plugins.changed]\nenabled = true\n';

/** `change`: what `changeBuild` needs to replace the plugin's component. */
export async function deployCounter(nodeRed, { userDir, guestsDir }) {
  const pluginDir = join(userDir, 'plugins');
  mkdirSync(pluginDir, { recursive: true });
  const from = join(guestsDir, 'faults.wasm');
  const to = join(pluginDir, 'changed.wasm');
  await copyFile(from, to);
  const api = await nodeRed.deploy(flow({ configText: CONFIG, pluginDir }));
  await whenReady(api, [...PLUGINS, 'changed']);
  return { api, name: 'changed', change: { from, to } };
}
