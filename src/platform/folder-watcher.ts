/**
 * Watches a folder, only to be quicker: a changed plugin is prepared, a changed host.toml read before the next poll asks
 * for it. Every poll looks for itself, so a watcher that fails or misses something costs time and nothing else.
 */
import { type FSWatcher, watch } from 'node:fs';

/** A copy makes many events; this long after the last one it is probably finished. */
const QUIET_MS = 400;

export class FolderWatcher {
  #quiet: NodeJS.Timeout | undefined;
  readonly #watcher: FSWatcher | undefined;

  constructor(dir: string, onChange: () => void, onUnavailable: (error: unknown) => void) {
    try {
      this.#watcher = watch(dir, { persistent: false }, () => {
        clearTimeout(this.#quiet);
        this.#quiet = setTimeout(onChange, QUIET_MS);
        this.#quiet.unref();
      });
      this.#watcher.on('error', onUnavailable);
    } catch (error) {
      onUnavailable(error);
    }
  }

  close(): void {
    clearTimeout(this.#quiet);
    this.#watcher?.close();
  }
}
