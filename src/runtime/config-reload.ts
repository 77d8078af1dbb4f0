/**
 * Takes a changed host.toml over while the runtime runs. Whoever is about to ask a plugin waits for `settled` first: it
 * looks at the file, once a second at most, and resolves when what host.toml says is what holds. A file that cannot be
 * used is said once, and the running configuration goes on. Watching the file only makes it quicker.
 */
import { dirname } from 'node:path';
import type { HostConfig } from '../host-config/host-config';
import type { HostConfigFile } from '../host-config/host-config-file';
import { FolderWatcher } from '../platform/folder-watcher';
import type { Journal } from './journal';

/** One `stat` a second is nothing; one a poll would be a third of a fast poll. */
const LOOK_EVERY_MS = 1_000;

export class ConfigReload {
  #looking: Promise<void> | undefined;
  #lookedAt = performance.now();
  readonly #watcher: FolderWatcher | undefined;

  /** `apply` makes a configuration the one that holds, and waits for the calls that are under way. */
  constructor(
    readonly file: HostConfigFile,
    readonly apply: (config: HostConfig) => Promise<void>,
    readonly journal: Journal,
  ) {
    if (file.path === undefined) return;
    this.#watcher = new FolderWatcher(
      dirname(file.path),
      () => void this.#look(),
      (error) => journal.write('debug', `${file.path} is not watched, every poll looks for itself: ${String(error)}`),
    );
  }

  /** Watches the file's folder until it is closed. */
  start(): void {
    this.#watcher?.start();
  }

  /** Never rejects. */
  settled(): Promise<void> {
    if (this.#looking || performance.now() - this.#lookedAt < LOOK_EVERY_MS) return this.#looking ?? Promise.resolve();
    return this.#look();
  }

  /** The file was just written as a whole: what it says is what holds when this resolves. Never rejects. */
  async takeOver(): Promise<void> {
    // A look under way may have begun before.
    if (this.#looking) await this.#looking;
    await this.#look(true);
  }

  close(): void {
    this.#watcher?.close();
  }

  #look(writtenWhole = false): Promise<void> {
    this.#looking ??= this.#lookNow(writtenWhole).finally(() => {
      this.#looking = undefined;
      this.#lookedAt = performance.now();
    });
    return this.#looking;
  }

  async #lookNow(writtenWhole: boolean): Promise<void> {
    const look = await this.file.look(Date.now(), writtenWhole);
    try {
      if (look.kind === 'changed') await this.apply(look.config);
      if (look.kind === 'unusable')
        this.journal.write('warn', `the running configuration goes on. ${look.error.code}: ${look.error.message}`);
    } catch (error) {
      this.journal.write('error', `${this.file.path} could not be taken over whole: ${String(error)}. Deploy again`);
    }
  }
}
