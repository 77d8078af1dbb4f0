/**
 * Measured process: resident memory of a Node-RED with the four bundled plugins: just started, at rest, at rest after
 * polls and renders, and the most until then.
 */
import { flow, openNodeRed, whenReady } from './node-red.mjs';
import { memoryAtRest, peakMb, residentMb } from './resident-memory.mjs';
import { measured } from './task.mjs';

const ROUNDS = 1_000;
const QUIET = '[logging]\nshow_sensor_data = false\n';

await measured(async ({ userDir }) => {
  const nodeRed = await openNodeRed(userDir);
  const api = await nodeRed.deploy(flow({ configText: QUIET }));
  await whenReady(api);
  const readyAtOnce = residentMb();
  const ready = await memoryAtRest({ afterLoad: true });
  await api.pollAll();
  for (let round = 0; round < ROUNDS; round += 1) {
    await api.poll('pi_monitor');
    await api.render('dashboard');
  }
  const polled = await memoryAtRest({ afterLoad: false });
  const peak = peakMb();
  await nodeRed.close();
  return { readyAtOnce, ready: ready.rssMb, polled: polled.rssMb, peak };
});
