/**
 * Who has an outbox: its folder belongs to one cluster of this process at a time, since two would write each other's segments
 * away. Two runtimes of one Node-RED would be two of one name in the cluster, besides.
 */

/** By folder: how to tell those who wait for it. */
const claims = new Map<string, Set<() => void>>();

/**
 * Waits until whoever has the folder lets it go, `limitMs` at most and until `signal` aborts; gives how to let it go,
 * undefined where it is still had.
 */
export async function claimOutbox(
  folder: string,
  limitMs: number,
  signal?: AbortSignal,
): Promise<(() => void) | undefined> {
  const waiting = claims.get(folder);
  if (waiting !== undefined) await letGo(waiting, limitMs, signal);
  if (claims.has(folder)) return undefined;
  const own = new Set<() => void>();
  claims.set(folder, own);
  return () => {
    if (claims.get(folder) === own) claims.delete(folder);
    for (const tell of [...own]) tell();
  };
}

/** Leaves nothing behind, however often the same one is waited for. */
function letGo(waiting: Set<() => void>, limitMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      waiting.delete(end);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, limitMs);
    waiting.add(end);
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted) end();
  });
}
