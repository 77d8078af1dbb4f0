/**
 * Node-RED's editor in a browser, as a person uses it: opened in a language, logged in where there is a login, with the
 * forms of nodes and its import dialog. Whatever the page throws or says as an error is kept in `errors`; `close` closes
 * the browser's window alone.
 */
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { until } from '../support/until';
import type { NodeRed } from '../system/node-red';
import { REPOSITORY } from '../wasm/components';

export interface EditorOptions {
  readonly language?: 'en-US' | 'de';
  /** What a user has chosen for the editor; one that has only a light scheme (Node-RED 4) stays light. */
  readonly scheme?: 'dark';
  readonly login?: { readonly user: string; readonly password: string };
}

const PACKAGE = '@edge-wasi/node-red-wasi';
const AXE = join(REPOSITORY, 'node_modules', 'axe-core', 'axe.min.js');
/** For a machine that does much else at once. */
const LIMIT_MS = 60_000;
const CLICK_MS = 5_000;
const CLICKS = 5;
const SIZE = { width: 1_300, height: 900 };

export class Editor {
  readonly errors: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on('pageerror', (error) => this.errors.push(error.stack ?? error.message));
  }

  static async open(browser: Browser, nodeRed: NodeRed, { language = 'en-US', login, scheme }: EditorOptions = {}) {
    const context = await browser.newContext({ locale: language, viewport: SIZE });
    context.setDefaultTimeout(LIMIT_MS);
    if (scheme === 'dark') await context.addInitScript("localStorage.setItem('view-dark-theme', 'dark')");
    const editor = new Editor(context, await context.newPage());
    await editor.page.goto(nodeRed.url);
    if (login !== undefined) {
      await editor.page.locator('#node-dialog-login-username').fill(login.user);
      await editor.page.locator('#node-dialog-login-password').fill(login.password);
      await editor.page.locator('#node-dialog-login-submit').click();
    }
    await editor.page.locator('.red-ui-palette-node[data-palette-type="plugin-poll"]').waitFor();
    // Flows come last; what is done before is lost.
    await editor.page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
    return editor;
  }

  /** The part of the open form that is ours. */
  get form(): Locator {
    return this.page.locator('.edge-wasi-form').last();
  }

  /** As a double click on the node does. */
  async edit(id: string): Promise<Locator> {
    await this.page.evaluate(`RED.editor.edit(RED.nodes.node(${JSON.stringify(id)}))`);
    await this.form.waitFor();
    await this.#untilStill();
    return this.form;
  }

  async editConfig(type: string, id: string): Promise<Locator> {
    await this.page.evaluate(`RED.editor.editConfig('', ${JSON.stringify(type)}, ${JSON.stringify(id)})`);
    await this.form.waitFor();
    await this.#untilStill();
    return this.form;
  }

  /** "Done" of the form that is open. */
  async done(): Promise<void> {
    await this.page.locator('.red-ui-tray').last().locator('.red-ui-tray-toolbar button.primary').click();
    await this.form.waitFor({ state: 'detached' });
  }

  async cancel(): Promise<void> {
    await this.page.evaluate('RED.tray.close()');
    await this.form.waitFor({ state: 'detached' });
  }

  async deploy(): Promise<void> {
    // Before that it does nothing, and is taken for done.
    await this.page.locator('#red-ui-header-button-deploy:not(.disabled)').click();
    await this.page.locator('#red-ui-header-button-deploy.disabled').waitFor();
  }

  /** By menu and dialog, as a newcomer does; the dialog's tab of examples lists what every package brings. */
  async importExample(name: string): Promise<void> {
    await this.page.locator('#red-ui-header-button-sidemenu').click();
    await this.page.locator('#menu-item-import').click();
    const dialog = this.page.locator('#red-ui-clipboard-dialog');
    await dialog.locator('a[href="#red-ui-clipboard-dialog-import-tab-examples"]').click();
    const tree = dialog.locator('#red-ui-clipboard-dialog-import-tabs-content');
    const named = (label: string) => this.page.getByText(label, { exact: true });
    // Others have a folder of that name, too.
    const ours = tree.locator('li', { has: named(PACKAGE) }).last();
    const inOurs = (label: string) => ours.getByText(label, { exact: true }).last();
    const ok = this.page.locator('#red-ui-clipboard-dialog-ok:enabled');
    await this.#clickUntil(inOurs(PACKAGE), inOurs('flows'));
    await this.#clickUntil(inOurs('flows'), inOurs(name));
    await this.#clickUntil(inOurs(name), ok);
    await ok.click();
    await dialog.waitFor({ state: 'hidden' });
  }

  /** A click that comes while the tree is still being drawn does nothing, or undoes the one before; a person clicks again. */
  async #clickUntil(clicked: Locator, comes: Locator): Promise<void> {
    for (let tries = 0; tries < CLICKS && !(await comes.isVisible()); tries++) {
      await clicked.click();
      await comes.waitFor({ timeout: CLICK_MS }).catch(() => undefined);
    }
    await comes.waitFor();
  }

  /** Of every node of ours in the flows, as the editor draws it: "green dot ready (sim)". */
  statuses(): Promise<readonly { readonly id: string; readonly type: string; readonly status: string }[]> {
    return this.page.evaluate(`(() => {
      const found = [];
      RED.nodes.eachNode(({ id, type, status, _def }) => {
        const { fill = '', shape = '', text = '' } = status || {};
        if (_def.set.module === ${JSON.stringify(PACKAGE)}) found.push({ id, type, status: fill + ' ' + shape + ' ' + text });
      });
      return found;
    })()`);
  }

  /** The tab that the node lies on. */
  async showFlowOf(id: string): Promise<void> {
    await this.page.evaluate(`RED.workspaces.show(RED.nodes.node(${JSON.stringify(id)}).z)`);
  }

  /**
   * Rules of axe-core that the open form breaks, each with the elements, and labels that lead nowhere, which it takes a
   * placeholder for; Node-RED's own frame and code editor are left out. The frame clips what it
   * shows in a way that axe takes for hidden, and passes over, so nothing is clipped meanwhile, and the form has the frame's
   * colour where it reaches out of it; that axe saw the form is checked by what it says of contrast.
   */
  async accessibility(): Promise<readonly string[]> {
    await this.page.addScriptTag({ path: AXE });
    return this.page.evaluate(`(async () => {
      const clipping = [];
      for (let each = [...document.querySelectorAll('.edge-wasi-form')].at(-1); each; each = each.parentElement) {
        clipping.push([each, each.style.overflow]);
        each.style.overflow = 'visible';
      }
      const form = clipping[0][0];
      const colours = clipping.map(([each]) => getComputedStyle(each).backgroundColor);
      form.style.backgroundColor = colours.find((colour) => colour !== 'rgba(0, 0, 0, 0)') ?? '';
      const { violations, passes } = await axe.run({ include: ['.edge-wasi-form'], exclude: ['.monaco-editor'] }).finally(() => {
        form.style.backgroundColor = '';
        for (const [each, overflow] of clipping) each.style.overflow = overflow;
      });
      const looked = [...passes, ...violations].filter(({ id }) => id === 'color-contrast');
      if (!looked.some(({ nodes }) => nodes.some(({ any }) => any.some(({ data }) => data?.contrastRatio > 0)))) {
        return ['axe saw no text'];
      }
      const lost = [...document.querySelectorAll('.edge-wasi-form label[for]')]
        .filter(({ htmlFor }) => document.getElementById(htmlFor) === null)
        .map(({ outerHTML }) => 'label without a field: ' + outerHTML);
      return lost.concat(violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html + ' ' + failureSummary)));
    })()`);
  }

  /** Whether anything of the form lies outside its tray, to be scrolled to from the side. */
  isTooWide(): Promise<boolean> {
    return this.form.evaluate((form) => {
      const { parentElement: frame } = form;
      return form.scrollWidth > form.clientWidth || (frame !== null && frame.scrollWidth > frame.clientWidth);
    });
  }

  close(): Promise<void> {
    return this.context.close();
  }

  /** A tray slides in; clicks that hit it meanwhile miss. */
  async #untilStill(): Promise<void> {
    const tray = this.page.locator('.red-ui-tray').last();
    let left = Number.NaN;
    await until(async () => {
      const before = left;
      left = (await tray.boundingBox())?.x ?? Number.NaN;
      if (left === before) return true;
      // Several frames: between two of them it stands still, too.
      await this.page.waitForTimeout(100);
      return false;
    }, 'the tray to stand still');
  }
}
