/**
 * Watches a folder, only to be quicker: a changed plugin is prepared, a changed host.toml read before the next poll asks
 * for it. Every poll looks for itself, so a watcher that fails or misses something costs time and nothing else.
 */
import { type FSWatcher, watch } from 'node:fs';

/** A copy makes many events; this long after the last one it is probably finished. */
const QUIET_MS = 400;

export class FolderWatcher {
  #quiet: NodeJS.Timeout | undefined;
  #watcher: FSWatcher | undefined;

  constructor(
    readonly dir: string,
    readonly onChange: () => void,
    readonly onUnavailable: (error: unknown) => void,
  ) {}

  start(): void {
    try {
      this.#watcher = watch(this.dir, { persistent: false }, () => {
        clearTimeout(this.#quiet);
        this.#quiet = setTimeout(this.onChange, QUIET_MS);
        this.#quiet.unref();
      });
      this.#watcher.on('error', this.onUnavailable);
    } catch (error) {
      this.onUnavailable(error);
    }
  }

  close(): void {
    clearTimeout(this.#quiet);
    this.#watcher?.close();
  }
}
