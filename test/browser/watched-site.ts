/**
 * A real Node-RED with a dashboard at /wasi, and a browser that looks at it: what the live tests have in common. Whatever
 * is waited for is looked for, and never slept for.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, FrameLocator, Page } from 'playwright-core';
import { type FlowNode, injectNode, inlineRuntime, onTab, pollNode, TAB } from '../system/flow-nodes';
import { NodeRed, type NodeRedOptions } from '../system/node-red';
import { launchBrowser } from './chromium';
import { settingPlugin } from './page-plugins';

export const LIMIT = { timeout: 120_000 };
/** Generous: the machine is shared. */
export const SOON_MS = 30_000;

export class WatchedSite {
  private constructor(
    readonly nodeRed: NodeRed,
    readonly browser: Browser,
  ) {}

  static async open(options: NodeRedOptions = {}): Promise<WatchedSite> {
    const nodeRed = await NodeRed.start({ linked: true, ...options });
    try {
      return new WatchedSite(nodeRed, await launchBrowser());
    } catch (error) {
      await nodeRed.stop();
      throw error;
    }
  }

  /** Before the flow that has it is deployed, or while it runs. */
  async addPlugin(name: string, bytes: Uint8Array): Promise<void> {
    await writeFile(join(this.nodeRed.userDir, 'wasi', 'plugins', `${name}.wasm`), bytes);
  }

  /** Plugins whose pages are those of their settings (`settingTable`), each served below its name. */
  static async ofPages(toml: string, names: readonly string[]): Promise<WatchedSite> {
    const site = await WatchedSite.open({ texts: { 'wasi/plugins/.keep': '' } });
    const fromSetting = await settingPlugin();
    for (const name of names) await site.addPlugin(name, fromSetting);
    await site.nodeRed.deploy(siteFlow(toml, ...names.map((name) => siteNode(`site-${name}`, name, `/${name}`))));
    for (const name of names) {
      await site.nodeRed.until(`${name} is served`, async () => (await site.nodeRed.request(`/${name}`)).ok);
    }
    return site;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.nodeRed.stop();
  }

  async look(path: string, options: BrowserContextOptions = {}, base = this.nodeRed.url): Promise<Look> {
    const context = await this.browser.newContext({ ...options });
    const page = await context.newPage();
    const look = new Look(page);
    await page.goto(`${base}${path}`, { timeout: SOON_MS });
    return look;
  }
}

/** One browser window at the page. */
export class Look {
  /** What the console said as an error, and what no script caught. */
  readonly errors: string[] = [];

  constructor(readonly page: Page) {
    page.setDefaultTimeout(SOON_MS);
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    page.on('pageerror', (error) => this.errors.push(error.message));
  }

  get plugin(): FrameLocator {
    return this.page.frameLocator('#page');
  }

  /** Until the plugin's page holds that text. */
  async sees(text: string | RegExp): Promise<void> {
    await this.plugin.locator('html', { hasText: text }).first().waitFor({ state: 'attached' });
  }

  /** Until the bar says so. */
  async isConnected(): Promise<void> {
    await this.page.locator('#state.live').waitFor();
  }

  async hasBanner(text: string | RegExp): Promise<void> {
    await this.page.locator('#banner p', { hasText: text }).waitFor();
  }

  async hasNoBanner(): Promise<void> {
    await this.page.locator('#banner:empty').waitFor({ state: 'attached' });
  }

  /** In the plugin's frame, whatever it became. */
  inFrame<T>(work: () => T): Promise<T> {
    const [, frame] = this.page.frames();
    if (!frame) throw new Error('there is no frame');
    return frame.evaluate(work);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

export function siteNode(id: string, plugin: string, path: string, properties: object = {}): FlowNode {
  return onTab(id, 'dashboard', { runtime: 'runtime', plugin, path, ...properties });
}

/** A runtime with what `toml` says, a dht22 that is polled by the button `go`, and `others`. */
export function siteFlow(toml: string, ...others: readonly FlowNode[]): FlowNode[] {
  return [TAB, inlineRuntime('runtime', toml), injectNode('go', ['poll']), pollNode('poll', 'dht22', []), ...others];
}
