/**
 * The pages of hostile dashboard plugins in a Node-RED, each attack of attacks.ts twice: in the shell of a dashboard node, and
 * as a control in a frame of the editor's origin, where nothing keeps it foreign.
 */
import { debugNode, type FlowNode, injectNode, inlineRuntime, onTab, TAB } from '../system/flow-nodes';
import { AttackedWindow, type Surroundings } from './attacked-window';
import { ATTACKS, TOOLS } from './attacks';
import { Canary } from './canary';
import { settingPlugin, settingTable } from './page-plugins';
import { siteNode, WatchedSite } from './watched-site';

const SECRET = 'SECRET';
const nameOf = (index: number): string => `attack_${index}`;

export class ForeignScene {
  /** Of the decoy's page. */
  #build = '';

  private constructor(
    readonly site: WatchedSite,
    readonly canary: Canary,
  ) {}

  static async open(): Promise<ForeignScene> {
    const canary = await Canary.open();
    const site = await WatchedSite.open({ texts: { 'wasi/plugins/.keep': '' } });
    const scene = new ForeignScene(site, canary);
    await scene.#deploy();
    return scene;
  }

  async close(): Promise<void> {
    await this.site.close();
    await this.canary.close();
  }

  foreignUrl(index: number): string {
    return `${this.site.nodeRed.url}/${nameOf(index)}`;
  }

  controlUrl(index: number): string {
    return `${this.site.nodeRed.url}/control/${nameOf(index)}`;
  }

  /** A window whose origin holds what an attack would steal. */
  async window(): Promise<AttackedWindow> {
    const context = await this.site.browser.newContext({ acceptDownloads: true });
    const page = await context.newPage();
    await page.goto(`${this.site.nodeRed.url}/favicon.ico`);
    await page.evaluate((secret) => {
      localStorage.setItem('auth-tokens', secret);
      // biome-ignore lint/suspicious/noDocumentCookie: what an old page does
      document.cookie = `session=${secret}`;
    }, SECRET);
    const { nodeRed } = this.site;
    const surroundings: Surroundings = {
      canary: this.canary,
      origin: nodeRed.url,
      baits: () => nodeRed.comms.debugs('baited').length,
    };
    return new AttackedWindow(context, page, surroundings);
  }

  async #deploy(): Promise<void> {
    const { nodeRed } = this.site;
    const bytes = await settingPlugin();
    await nodeRed.deploy([TAB, inlineRuntime('runtime'), siteNode('decoy', 'dashboard', '/decoy')]);
    this.#build = /data-build="([^"]+)"/.exec(await nodeRed.text('/decoy'))?.[1] ?? '';
    const pages = ATTACKS.map(({ html }, i) => [nameOf(i), html] as const);
    for (const [name] of pages) await this.site.addPlugin(name, bytes);
    const toml = pages.map(([name, html]) => settingTable(name, this.#filled(html)));
    await nodeRed.deploy([
      TAB,
      inlineRuntime('runtime', toml.join('')),
      injectNode('bait', ['baited']),
      debugNode('baited'),
      siteNode('decoy', 'dashboard', '/decoy'),
      ...pages.map(([name]) => siteNode(`site-${name}`, name, `/${name}`)),
      ...ATTACKS.flatMap(({ html }, i) => this.#controlNodes(nameOf(i), html)),
    ]);
    for (const [name] of pages) {
      await nodeRed.until(`${name} is served`, async () => (await nodeRed.request(`/${name}`)).ok);
    }
  }

  #filled(html: string): string {
    return (TOOLS + html)
      .replaceAll('$HTTP', `http://${this.canary.host}`)
      .replaceAll('$STUN', this.canary.stun)
      .replaceAll('$SELF', this.site.nodeRed.url)
      .replaceAll('$BUILD', this.#build);
  }

  /** The same HTML in a frame of the editor's origin, made of core nodes; `bar` is where the shell has its own. */
  #controlNodes(name: string, html: string): FlowNode[] {
    const srcdoc = this.#filled(html).replaceAll('&', '&amp;').replaceAll('"', '&quot;');
    const template = `<!doctype html><title>control</title><body style="margin:0"><iframe srcdoc="${srcdoc}" style="width:100%;height:600px;border:0"></iframe><footer>bar</footer>`;
    return [
      onTab(`in-${name}`, 'http in', { url: `/control/${name}`, method: 'get' }, [`body-${name}`]),
      onTab(`body-${name}`, 'template', { field: 'payload', fieldType: 'msg', syntax: 'plain', template }, [
        `out-${name}`,
      ]),
      onTab(`out-${name}`, 'http response', { statusCode: '200', headers: { 'content-type': 'text/html' } }),
    ];
  }
}
