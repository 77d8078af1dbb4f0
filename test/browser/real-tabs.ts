/**
 * A Chromium with tabs and windows as a person has them. The browser of chromium.ts makes every page believe that it is seen
 * and has the focus; here a tab is hidden when another one of its window is in front, and all of them share cookies,
 * workers and connections.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { until } from '../support/until';
import { BROWSER_ARGUMENTS, browserProgram } from './chromium';
import { Look, SOON_MS } from './watched-site';

export interface RealTabsOptions {
  /** Of Chromium's settings, as its file Preferences has them. */
  readonly preferences?: object;
  readonly args?: readonly string[];
}

export class RealTabs {
  private constructor(
    readonly process: ChildProcess,
    readonly folder: string,
    readonly browser: Browser,
    readonly context: BrowserContext,
  ) {}

  static async open({ preferences = {}, args = [] }: RealTabsOptions = {}): Promise<RealTabs> {
    const folder = await mkdtemp(join(tmpdir(), 'wasi-tabs-'));
    await mkdir(join(folder, 'Default'));
    await writeFile(join(folder, 'Default', 'Preferences'), JSON.stringify(preferences));
    const fixed = ['--headless=new', '--remote-debugging-port=0', '--no-first-run', `--user-data-dir=${folder}`];
    const all = [...fixed, ...BROWSER_ARGUMENTS, ...args, 'about:blank'];
    const child = spawn(browserProgram(), all, { stdio: ['ignore', 'ignore', 'pipe'] });
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.removeListener('exit', kill));
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
    });
    const address = await until(
      () => /DevTools listening on (ws:\S+)/.exec(said)?.[1],
      () => `an address of Chromium in: ${said}`,
    );
    const browser = await chromium.connectOverCDP(address, { noDefaults: true });
    const [context] = browser.contexts();
    if (!context) throw new Error('Chromium has no profile');
    return new RealTabs(child, folder, browser, context);
  }

  /** In front of the others of its window. */
  async tab(url: string): Promise<Look> {
    return this.#look(await this.context.newPage(), url);
  }

  async window(url: string): Promise<Look> {
    const session = await this.browser.newBrowserCDPSession();
    const came = this.context.waitForEvent('page', { timeout: SOON_MS });
    await session.send('Target.createTarget', { url: 'about:blank', newWindow: true });
    return this.#look(await came, url);
  }

  async close(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill();
    await ended;
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #look(page: Page, url: string): Promise<Look> {
    const look = new Look(page);
    await page.goto(url, { timeout: SOON_MS });
    return look;
  }
}

/** As a browser does with a tab that is hidden for long. */
export async function freeze({ page }: Look): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
}

/** With the process that it lies in. */
export async function crash({ page }: Look): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent('crash', { timeout: SOON_MS });
  // It is not answered any more.
  session.send('Page.crash').catch(() => undefined);
  await crashed;
}
