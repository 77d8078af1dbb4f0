/** Tasks one after the other, in the order they were asked for. Who gives up while it waits is answered at once. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Rejects with `signal`'s reason where that is aborted before the task's turn comes: it is never begun then. */
  run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const giveUp = () => reject(signal.reason);
      signal.addEventListener('abort', giveUp);
      const begin = async (): Promise<void> => {
        signal.removeEventListener('abort', giveUp);
        if (signal.aborted) return giveUp();
        const running = task();
        resolve(running);
        await running;
      };
      this.#last = this.#last.then(begin).catch(() => undefined);
    });
  }
}
