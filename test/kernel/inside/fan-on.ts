/** A process of its own that turns the fan on and then does nothing more: it waits to be killed. */
import { openPi } from './pi';

void openPi().then(async ({ hardware }) => {
  await hardware.setFan(true);
  process.stdout.write('on\n');
  setInterval(() => undefined, 1_000_000);
});
