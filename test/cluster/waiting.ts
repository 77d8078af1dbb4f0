/** Waiting for what a test expects to come about. */
import { setTimeout as pause } from 'node:timers/promises';

const LIMIT_MS = 30_000;
const LOOK_AGAIN_MS = 10;

/** Throws where it has not come about after half a minute, with what `told` knows. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  told: () => string = () => isSo.toString(),
): Promise<void> {
  const endsAt = Date.now() + LIMIT_MS;
  while (!(await isSo())) {
    if (Date.now() > endsAt) throw new Error(`it did not come about within ${LIMIT_MS} ms: ${told()}`);
    await pause(LOOK_AGAIN_MS);
  }
}
