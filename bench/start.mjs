/**
 * Measured process: the time from the deploy of a flow until all its plugins can be called, twice. The first start is in
 * a fresh process; the second one is another runtime in the same process, after the first was closed.
 */
import { idleStall } from './idle-loop.mjs';
import { flow, openNodeRed, whenReady } from './node-red.mjs';
import { StallProbe } from './stall-probe.mjs';
import { measured } from './task.mjs';

/** `plugins`: the names of those that are enabled; the four bundled ones unless given. */
await measured(async ({ userDir, pluginDir, configText, plugins }) => {
  const nodeRed = await openNodeRed(userDir);
  const probe = new StallProbe();
  const idle = await idleStall(probe);
  const start = async () => {
    probe.take();
    const startedAt = performance.now();
    await whenReady(await nodeRed.deploy(flow({ configText, pluginDir })), plugins);
    return { ms: performance.now() - startedAt, stall: probe.take() };
  };
  const first = await start();
  await nodeRed.deploy([]);
  const second = await start();
  probe.close();
  await nodeRed.close();
  return { firstMs: first.ms, secondMs: second.ms, stall: first.stall, idle };
});
