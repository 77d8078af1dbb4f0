/** Work that is done one after the other, in the order in which it was requested. Nothing here limits how long it takes. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Settles as `work` does, which begins when all work requested before has settled. Where `signal` is aborted before that,
   * it rejects at once with the signal's reason, and `work` never begins.
   */
  run<T>(work: () => Promise<T> | T, signal?: AbortSignal): Promise<T> {
    if (signal !== undefined) return this.#runUnlessAborted(work, signal);
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Resolves when all work requested until now has settled. */
  async idle(): Promise<void> {
    await this.#last;
  }

  #runUnlessAborted<T>(work: () => Promise<T> | T, signal: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const giveUp = () => reject(signal.reason);
      if (signal.aborted) return giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      const begin = async (): Promise<void> => {
        signal.removeEventListener('abort', giveUp);
        if (signal.aborted) return giveUp();
        const running = Promise.resolve().then(work);
        resolve(running);
        await running;
      };
      this.#last = this.#last.then(begin).catch(() => undefined);
    });
  }
}
