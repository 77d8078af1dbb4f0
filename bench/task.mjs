/** One measured process: asked once by scripts/bench.mjs, answers once, and ends. */
import { mkdirSync } from 'node:fs';

export async function measured(measure) {
  const task = await new Promise((resolve) => process.once('message', resolve));
  mkdirSync(task.userDir, { recursive: true });
  const figures = await measure(task);
  await new Promise((resolve) => process.send(figures, resolve));
  process.disconnect();
}
