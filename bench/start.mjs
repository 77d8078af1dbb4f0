/**
 * Measured process: from the deploy of a flow until all four plugins can be called, twice. The first start finds a fresh
 * process; the second one is another runtime in the same process, after the first was closed.
 */
import { flow, openNodeRed, whenReady } from './node-red.mjs';
import { StallProbe } from './stall-probe.mjs';
import { measured } from './task.mjs';

await measured(async ({ userDir, pluginDir }) => {
  const nodeRed = await openNodeRed(userDir);
  const probe = new StallProbe();
  const first = await start(nodeRed, pluginDir, probe);
  await nodeRed.deploy([]);
  const second = await start(nodeRed, pluginDir, probe);
  probe.close();
  await nodeRed.close();
  return { firstMs: first.ms, secondMs: second.ms, stall: first.stall };
});

async function start(nodeRed, pluginDir, probe) {
  probe.take();
  const startedAt = performance.now();
  await whenReady(await nodeRed.deploy(flow({ pluginDir })));
  return { ms: performance.now() - startedAt, stall: probe.take() };
}
