/**
 * What browsers report of tabs that the page of a plugin crashed, as warnings of its node. Whoever reaches the page can
 * report: one line a minute at most, with how many there were.
 */
const EVERY_MS = 60_000;

export class CrashReports {
  #warnedAt = Number.NEGATIVE_INFINITY;
  #unsaid = 0;

  constructor(
    readonly plugin: string,
    readonly path: string,
    readonly warn: (text: string) => void,
    readonly now: () => number = () => performance.now(),
  ) {}

  crashed(): void {
    if (this.now() - this.#warnedAt < EVERY_MS) {
      this.#unsaid += 1;
      return;
    }
    const more = this.#unsaid === 0 ? '' : ` (and ${this.#unsaid} more since the last warning)`;
    this.#warnedAt = this.now();
    this.#unsaid = 0;
    this.warn(
      `plugin ${this.plugin}: a browser tab crashed while it showed the page at ${this.path}${more}. The page is off in that ` +
        'browser until somebody presses "Show the page again" there; if it crashes again, disable the plugin or replace ' +
        'its file.',
    );
  }
}
