/**
 * Measured process: new builds of a running Python plugin, none of which was prepared, each copied over the one before
 * (build-change.mjs), beside the four bundled plugins.
 */

import { changeBuild } from './build-change.mjs';
import { deployCounter } from './counter-flow.mjs';
import { median } from './figures.mjs';
import { idleStall } from './idle-loop.mjs';
import { openNodeRed } from './node-red.mjs';
import { StallProbe } from './stall-probe.mjs';
import { measured } from './task.mjs';

const BUILDS = 3;

await measured(async (task) => {
  const nodeRed = await openNodeRed(task.userDir);
  const probe = new StallProbe();
  const idle = await idleStall(probe);
  const { api, name, change } = await deployCounter(nodeRed, task);
  probe.take();
  const changes = [];
  for (let build = 0; build < BUILDS; build += 1) changes.push(await changeBuild(api, name, change));
  const stall = probe.take();
  probe.close();
  await nodeRed.close();
  const mid = (pick) => median(changes.map(pick));
  return {
    answerMs: mid(({ answerMs }) => answerMs),
    longestPollMs: mid(({ longestPollMs }) => longestPollMs),
    busy: mid(({ busy }) => busy),
    stall,
    idle,
  };
});
