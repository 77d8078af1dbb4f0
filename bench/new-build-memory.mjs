/**
 * Measured process: memory of a Node-RED and its processes, in which new builds of a running Python plugin, none of which was
 * prepared, are copied over the one before (build-change.mjs): at rest before and after, and the most meanwhile.
 */
import { changeBuild } from './build-change.mjs';
import { deployCounter } from './counter-flow.mjs';
import { openNodeRed } from './node-red.mjs';
import { memoryAtRest, PeakWatch } from './process-memory.mjs';
import { measured } from './task.mjs';

const BUILDS = 2;

await measured(async (task) => {
  const nodeRed = await openNodeRed(task.userDir);
  const { api, name, change } = await deployCounter(nodeRed, task);
  const newFile = await memoryAtRest({ afterLoad: true });
  const watch = new PeakWatch();
  for (let build = 0; build < BUILDS; build += 1) await changeBuild(api, name, change);
  const newBuildsPeak = watch.take();
  const newBuilds = await memoryAtRest({ afterLoad: true });
  await nodeRed.close();
  return { newFile: newFile.totalMb, newBuilds: newBuilds.totalMb, newBuildsPeak };
});
