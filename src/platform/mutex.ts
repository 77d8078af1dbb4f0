/** One piece of work at a time, in the order in which it was asked for. Each ends by itself: nothing here has a time limit. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  /** Settles as the work does, which begins when all that was asked for before has settled. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
