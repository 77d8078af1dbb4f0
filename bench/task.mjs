/**
 * One measured process: it receives its task from bench/processes.mjs, measures, sends its figures back and ends. The
 * yardstick is timed before and after, so that its median belongs to the same seconds as the figures.
 */
import { mkdirSync } from 'node:fs';
import { median } from './figures.mjs';
import { timeYardstick } from './yardstick.mjs';

export async function measured(measure) {
  const task = await new Promise((resolve) => process.once('message', resolve));
  mkdirSync(task.userDir, { recursive: true });
  const before = timeYardstick();
  const figures = await measure(task);
  const yardstickMs = median([...before, ...timeYardstick()]);
  await new Promise((resolve) => process.send({ ...figures, yardstickMs }, resolve));
  process.disconnect();
}
