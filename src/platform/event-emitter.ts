/**
 * Listeners that hear every event, in the order in which it happened. A listener that throws has a bug of its own: the error
 * is reported to `onListenerError`, and the others hear the event all the same. The order of listeners is that of subscribing.
 */
export class EventEmitter<Event> {
  readonly #listeners = new Set<(event: Event) => void>();

  constructor(readonly onListenerError: (error: unknown) => void) {}

  /** Returns how to unsubscribe. The same function may be subscribed several times. */
  subscribe(listener: (event: Event) => void): () => void {
    const own = (event: Event) => listener(event);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  emit(event: Event): void {
    for (const listener of [...this.#listeners]) this.deliver(listener, event);
  }

  /** To one listener alone. */
  deliver(listener: (event: Event) => void, event: Event): void {
    try {
      listener(event);
    } catch (error) {
      this.onListenerError(error);
    }
  }

  /** Nobody hears anything any more. */
  close(): void {
    this.#listeners.clear();
  }
}
