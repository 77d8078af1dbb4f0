/** Measured process: memory at rest of a Node-RED with this package and no flow, then with an empty runtime. */
import { flow, openNodeRed, PLUGINS } from './node-red.mjs';
import { memoryAtRest } from './process-memory.mjs';
import { measured } from './task.mjs';

const ALL_DISABLED = PLUGINS.map((name) => `[plugins.${name}]\nenabled = false\n`).join('');

await measured(async ({ userDir }) => {
  const nodeRed = await openNodeRed(userDir);
  const installed = await memoryAtRest({ afterLoad: false });
  await nodeRed.deploy(flow({ configText: ALL_DISABLED }));
  const runtimeOpen = await memoryAtRest({ afterLoad: false });
  await nodeRed.close();
  return { installed: installed.totalMb, runtimeOpen: runtimeOpen.totalMb };
});
