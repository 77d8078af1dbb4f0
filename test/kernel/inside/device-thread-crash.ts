/** A thread that turns the fan on, says so, and dies of an exception. */
import { parentPort } from 'node:worker_threads';
import { openPi } from './pi';

void openPi().then(async ({ hardware }) => {
  await hardware.setFan(true);
  parentPort?.postMessage('on');
  setImmediate(() => {
    throw new Error('dies');
  });
});
