/**
 * Measured process: Python plugins that are enabled and whose files do not exist yet, beside the four bundled plugins.
 * The time is from the rename that finishes the copy of a component that was never prepared to the first answer of its
 * plugin: one plugin at a time, then four at once, until all have answered.
 */
import { mkdirSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { median } from './figures.mjs';
import { idleStall } from './idle-loop.mjs';
import { flow, openNodeRed, whenReady } from './node-red.mjs';
import { OWN_PLUGINS, OWN_PLUGINS_TOML } from './own-plugins.mjs';
import { StallProbe } from './stall-probe.mjs';
import { measured } from './task.mjs';
import { writeUniqueBuild } from './unique-build.mjs';

const ONE_AT_A_TIME = ['first', 'second'];
const CONFIG = OWN_PLUGINS_TOML + ONE_AT_A_TIME.map((name) => `[plugins.${name}]\nenabled = true\n`).join('');

await measured(async ({ userDir, pluginDir, guestsDir }) => {
  mkdirSync(pluginDir, { recursive: true });
  const nodeRed = await openNodeRed(userDir);
  const probe = new StallProbe();
  const idle = await idleStall(probe);
  const api = await nodeRed.deploy(flow({ configText: CONFIG, pluginDir }));
  await whenReady(api);
  const firstAnswers = async (files) => {
    const names = Object.keys(files);
    for (const name of names) {
      await writeUniqueBuild(join(guestsDir, `${files[name]}.wasm`), join(pluginDir, `${name}.copy`));
    }
    probe.take();
    await Promise.all(names.map((name) => rename(join(pluginDir, `${name}.copy`), join(pluginDir, `${name}.wasm`))));
    const startedAt = performance.now();
    await Promise.all(names.map((name) => api.poll(name)));
    return { ms: performance.now() - startedAt, stall: probe.take() };
  };
  const single = [];
  for (const name of ONE_AT_A_TIME) single.push(await firstAnswers({ [name]: 'faults' }));
  const four = await firstAnswers(OWN_PLUGINS);
  probe.close();
  await nodeRed.close();
  return { oneMs: median(single.map(({ ms }) => ms)), fourMs: four.ms, stall: four.stall, idle };
});
