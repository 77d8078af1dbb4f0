/**
 * Measured process: renders of the page by the bundled dashboard plugin, with readings, trends, LEDs and log lines of the
 * other three bundled plugins. A plugin is polled before each render, so that every render has other data.
 */
import { timeEcho } from './echo.mjs';
import { flow, openNodeRed, whenReady } from './node-red.mjs';
import { timeRoundTrips } from './round-trips.mjs';
import { measured } from './task.mjs';

const BYTES_PER_KB = 1_000;
/** Each sensor has a trend with some points then. */
const CYCLES = 10;
const WARM_UP = 150;
const RENDERS = 300;

await measured(async ({ userDir }) => {
  const nodeRed = await openNodeRed(userDir);
  const api = await nodeRed.deploy(flow());
  await whenReady(api);
  for (let cycle = 0; cycle < CYCLES; cycle += 1) await api.pollAll();
  const echo = await timeEcho();
  let page = '';
  const render = await timeRoundTrips(
    async () => {
      page = await api.render('dashboard');
    },
    { before: () => api.poll('pi_monitor'), warmUp: WARM_UP, rounds: RENDERS },
  );
  await nodeRed.close();
  return { echo, render, pageKb: Buffer.byteLength(page) / BYTES_PER_KB };
});
