/** What some work in this process cost: its time, the longest that it held the event loop, and memory. A diagnostic. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const NS_PER_MS = 1e6;
const BYTES_PER_MB = 1e6;

export async function measured(work: () => Promise<unknown>): Promise<string> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const rssBefore = process.memoryUsage.rss();
  let rss = rssBefore;
  const looking = setInterval(() => {
    rss = Math.max(rss, process.memoryUsage.rss());
  }, 10);
  const begin = performance.now();
  delay.enable();
  try {
    await work();
  } finally {
    delay.disable();
    clearInterval(looking);
  }
  const tookMs = (performance.now() - begin).toFixed(0);
  const heldMs = (delay.max / NS_PER_MS).toFixed(0);
  return `${tookMs} ms, loop held for at most ${heldMs} ms, ${((rss - rssBefore) / BYTES_PER_MB).toFixed(0)} MB more memory`;
}
