/**
 * Who listens to a runtime: every listener hears every event, in the order it happened. One that throws is a bug of the
 * listener: it is told to `onListenerError`, and the others hear the event all the same.
 */
import type { RuntimeEvent } from '../runtime-api';

export class RuntimeEvents {
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();

  constructor(readonly onListenerError: (error: unknown) => void) {}

  /** Returns how to stop listening. */
  subscribe(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  emit(event: RuntimeEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        this.onListenerError(error);
      }
    }
  }

  close(): void {
    this.#listeners.clear();
  }
}
