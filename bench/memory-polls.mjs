/**
 * Measured process: memory of a Node-RED and its processes with the four bundled plugins: just started, at rest, at rest after
 * polls and renders, and the most until then.
 */
import { flow, openNodeRed, whenReady } from './node-red.mjs';
import { memoryAtRest, PeakWatch, totalMb } from './process-memory.mjs';
import { measured } from './task.mjs';

const ROUNDS = 1_000;
const QUIET = '[logging]\nshow_sensor_data = false\n';

await measured(async ({ userDir }) => {
  const watch = new PeakWatch();
  const nodeRed = await openNodeRed(userDir);
  const api = await nodeRed.deploy(flow({ configText: QUIET }));
  await whenReady(api);
  const readyAtOnce = totalMb();
  const ready = await memoryAtRest({ afterLoad: true });
  await api.pollAll();
  for (let round = 0; round < ROUNDS; round += 1) {
    await api.poll('pi_monitor');
    await api.render('dashboard');
  }
  const polled = await memoryAtRest({ afterLoad: false });
  const peak = watch.take();
  await nodeRed.close();
  return { readyAtOnce, ready: ready.totalMb, polled: polled.totalMb, peak };
});
