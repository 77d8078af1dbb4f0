/** A browser window that shows an attack, and every damage that it can do, as words. Empty where the attack did nothing. */
import type { BrowserContext, Page } from 'playwright-core';
import type { Canary } from './canary';

/** What did not happen within it counts as not happening. */
const SETTLE_MS = 800;

export interface Surroundings {
  readonly canary: Canary;
  /** How often Node-RED's flow was fired so far. */
  readonly baits: () => number;
  readonly origin: string;
}

export class AttackedWindow {
  readonly #dialogs: string[] = [];
  readonly #downloads: string[] = [];
  readonly #baitsBefore: number;
  readonly #heardBefore: number;

  constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly around: Surroundings,
  ) {
    this.#baitsBefore = around.baits();
    this.#heardBefore = around.canary.heard.length;
    page.on('dialog', (dialog) => {
      this.#dialogs.push(dialog.type());
      void dialog.dismiss();
    });
    page.on('download', (download) => this.#downloads.push(download.suggestedFilename()));
  }

  /** Looks at the page until the attack was tried and had its time. */
  async settle(url: string, clicked: boolean): Promise<void> {
    await this.page.goto(url, { waitUntil: 'commit' });
    await this.page.waitForTimeout(SETTLE_MS);
    if (!clicked) return;
    await this.page.mouse.click(200, 200);
    await this.page.waitForTimeout(SETTLE_MS);
  }

  /** How many things the attack's script tried; undefined where its document is gone. */
  async tried(): Promise<number | undefined> {
    return this.#ask<number>('tried');
  }

  async damage(expectedUrl: string): Promise<string[]> {
    const { canary, baits } = this.around;
    const loot = (await this.#ask<string[]>('loot')) ?? [];
    const heard = canary.heard.slice(this.#heardBefore);
    const frame = this.page.frames()[1]?.url() ?? 'gone';
    const isOurs = frame === 'about:srcdoc' || frame === 'chrome-error://chromewebdata/';
    return [
      ...(loot.length > 0 ? [`loot: ${loot.join(', ').slice(0, 2_000)}`] : []),
      ...(heard.length > 0 ? [`canary: ${heard.join(', ')}`] : []),
      ...(baits() > this.#baitsBefore ? ['the bait was taken'] : []),
      ...(this.page.url() === expectedUrl ? [] : [`the window is at ${this.page.url()}`]),
      ...(this.context.pages().length > 1 ? ['there are more windows'] : []),
      ...(this.#dialogs.length > 0 ? [`dialogs: ${this.#dialogs.join(', ')}`] : []),
      ...(this.#downloads.length > 0 ? [`downloads: ${this.#downloads.join(', ')}`] : []),
      ...(isOurs ? [] : [`the frame is ${frame}`]),
      ...((await this.#barIsFree()) ? [] : ['the bar is covered']),
    ];
  }

  async #ask<T>(name: string): Promise<T | undefined> {
    const frame = this.page.frames()[1];
    // A frame that shows the browser's own error page has nothing of the attack.
    return frame?.evaluate((wanted) => Reflect.get(window, wanted), name).catch(() => undefined);
  }

  async #barIsFree(): Promise<boolean> {
    return this.page
      .evaluate(() => {
        const bar = document.querySelector('footer');
        if (bar === null) return true;
        const { left, top, height } = bar.getBoundingClientRect();
        const found = document.elementFromPoint(left + 5, top + height / 2);
        return height > 0 && bar.contains(found);
      })
      .catch(() => true);
  }
}
