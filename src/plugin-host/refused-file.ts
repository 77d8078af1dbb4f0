/**
 * The newest file of a plugin that could not take over from the one that runs, and when it may be tried again: at the next
 * look while it may still be copied, after a while where it was kept from being loaded by the disk or a shortage, else when it is another file.
 * Times are ms of a clock that nobody sets.
 */
import type { Retry } from './plugin-state';

/** What was not prepared may have to be translated anew: as long as a plugin rests at most. */
const RETRY_MS = 30_000;

export class RefusedFile {
  #file: { readonly key: string; readonly retry: Retry | { readonly when: 'next-look' } } | undefined;

  is(key: string): boolean {
    return this.#file?.key === key;
  }

  rests(key: string, now: number): boolean {
    if (this.#file?.key !== key) return false;
    const { retry } = this.#file;
    return retry.when === 'file-changes' || (retry.when === 'time' && now < retry.at);
  }

  forget(): void {
    this.#file = undefined;
  }

  mayGrow(key: string): void {
    this.#file = { key, retry: { when: 'next-look' } };
  }

  forGood(key: string): void {
    this.#file = { key, retry: { when: 'file-changes' } };
  }

  /** Returns whether that is news. */
  forAWhile(key: string, now: number): boolean {
    const isKnown = this.#file?.key === key && this.#file.retry.when === 'time';
    this.#file = { key, retry: { when: 'time', at: now + RETRY_MS } };
    return !isKnown;
  }
}
