/**
 * What the runtime says about itself, asked for anew every two seconds for as long as the form is open and its page is
 * looked at. One question at a time; `now` asks at once, after something was done.
 */
import type { RuntimeRequests } from './admin-api';
import type { RuntimeView } from './runtime-view';

const PERIOD_MS = 2_000;

export interface Shown {
  view(view: RuntimeView): void;
  failed(error: unknown): void;
}

export class Refresh {
  #timer: number | undefined;
  #state: 'waiting' | 'asking' | 'asking-again' | 'closed' = 'waiting';

  constructor(
    readonly requests: RuntimeRequests,
    readonly shown: Shown,
  ) {
    this.now();
  }

  now(): void {
    if (this.#state === 'asking') this.#state = 'asking-again';
    if (this.#state === 'waiting') void this.#ask();
  }

  close(): void {
    this.#state = 'closed';
    window.clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    window.clearTimeout(this.#timer);
    this.#state = 'asking';
    try {
      const view = await this.requests.view();
      if (!this.#isClosed()) this.shown.view(view);
    } catch (error) {
      if (!this.#isClosed()) this.shown.failed(error);
    }
    if (this.#isClosed()) return;
    const again = this.#isAskedAgain();
    this.#state = 'waiting';
    this.#timer = window.setTimeout(() => this.#due(), again ? 0 : PERIOD_MS);
  }

  #due(): void {
    if (document.hidden) this.#timer = window.setTimeout(() => this.#due(), PERIOD_MS);
    else this.now();
  }

  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #isAskedAgain(): boolean {
    return this.#state === 'asking-again';
  }
}
