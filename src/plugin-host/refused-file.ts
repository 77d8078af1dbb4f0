/**
 * The newest file of a plugin that could not take over from the one that runs, and when it may be tried again: at the next
 * look while it may still be copied, after a while where the disk kept it from being loaded, else when it is another file.
 */

const NEVER = Number.POSITIVE_INFINITY;
const AT_ONCE = 0;
/** What was not prepared may have to be translated anew: as long as a plugin rests at most. */
const DISK_RETRY_MS = 30_000;

export class RefusedFile {
  #file: { readonly key: string; readonly retryAt: number } | undefined;

  /** Whether it takes another file to make a difference. */
  get isFinal(): boolean {
    return this.#file === undefined || this.#file.retryAt === NEVER;
  }

  is(key: string): boolean {
    return this.#file?.key === key;
  }

  /** `now`: ms of a clock that nobody sets. */
  rests(key: string, now: number): boolean {
    return this.#file !== undefined && this.#file.key === key && now < this.#file.retryAt;
  }

  forget(): void {
    this.#file = undefined;
  }

  mayGrow(key: string): void {
    this.#file = { key, retryAt: AT_ONCE };
  }

  forGood(key: string): void {
    this.#file = { key, retryAt: NEVER };
  }

  /** Returns whether that is news. */
  byDisk(key: string, now: number): boolean {
    const isNews = this.#file === undefined || this.#file.key !== key || this.#file.retryAt === AT_ONCE;
    this.#file = { key, retryAt: now + DISK_RETRY_MS };
    return isNews;
  }
}
