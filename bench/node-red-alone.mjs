/** Measured process: Node-RED without this package, at rest: the baseline of memory. */
import { openNodeRed } from './node-red.mjs';
import { memoryAtRest } from './process-memory.mjs';
import { measured } from './task.mjs';

await measured(async ({ userDir }) => {
  const nodeRed = await openNodeRed(userDir, { withPackage: false });
  const memory = await memoryAtRest({ afterLoad: false });
  await nodeRed.close();
  return memory;
});
