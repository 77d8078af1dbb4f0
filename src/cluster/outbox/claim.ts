/**
 * Who has an outbox: its folder belongs to one cluster of this process at a time, since two would write each other's segments
 * away. Two runtimes of one Node-RED would be two of one name in the cluster, besides.
 */
import { within } from '../../within';

const claims = new Map<string, Promise<void>>();

/**
 * Waits until whoever has the folder lets it go, `limitMs` at most and until `signal` aborts; gives how to let it go,
 * undefined where it is still had.
 */
export async function claimOutbox(
  folder: string,
  limitMs: number,
  signal?: AbortSignal,
): Promise<(() => void) | undefined> {
  const holder = claims.get(folder);
  if (holder !== undefined) await within(limitMs, signal === undefined ? holder : Promise.race([holder, end(signal)]));
  if (claims.has(folder)) return undefined;
  let tell = (): void => undefined;
  const letGo = new Promise<void>((resolve) => {
    tell = resolve;
  });
  claims.set(folder, letGo);
  return () => {
    claims.delete(folder);
    tell();
  };
}

function end(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
