/** What is told of something that is kept, in its order; the same twice in a row once. */
import { errnoOf } from '../../src/platform/errno';
import type { StorageReport } from '../../src/platform/storage-report';

export class ToldReport implements StorageReport {
  readonly told: string[] = [];

  written(): void {
    this.#add('written');
  }

  failed(cause: unknown): void {
    this.#add(`failed ${errnoOf(cause) ?? String(cause)}`);
  }

  settled(): void {
    this.#add('settled');
  }

  #add(what: string): void {
    if (this.told.at(-1) !== what) this.told.push(what);
  }
}
