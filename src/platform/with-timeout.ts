/** Waiting for work no longer than a limit. The work goes on beyond it: what it settles with then is ignored. */

/** Resolves with whether `work` was done within `limitMs`. Rejects as `work` does. */
export async function doneWithin(limitMs: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, limitMs, false);
  });
  try {
    return await Promise.race([work.then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
