/** The way of somebody who has just installed the package: every example, by the editor's own menu, deployed, running. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { exampleNames, HOST_TOML, STILL_WORLD } from '../system/flow-nodes';
import { NodeRed } from '../system/node-red';
import { freePort } from '../system/user-directory';
import { keepPicture, launchBrowser, noBrowser } from './chromium';
import { Editor } from './editor';

const GREEN = /^green dot \S.* \(sim\)$/;
/** Its plugin reads a RevPi's process image and has to be copied into the plugin folder first. */
const WITHOUT_PLUGIN = /^(green dot .*|red ring not found) \(sim\)$/;
/** Somebody who has just installed the package has no cluster. */
const WITHOUT_CLUSTER = /^grey ring no cluster \(sim\)$/;
const LIMIT_MS = 60_000;

describe('a newcomer', { skip: noBrowser }, () => {
  let browser: Browser;
  let nodeRed: NodeRed;
  before(async () => {
    browser = await launchBrowser();
    nodeRed = await NodeRed.start({ linked: true, texts: { [HOST_TOML]: STILL_WORLD } });
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  for (const name of exampleNames()) {
    it(`imports ${name}, deploys it, and sees that it works`, async () => {
      await nodeRed.deploy([]);
      const editor = await Editor.open(browser, nodeRed);
      try {
        await editor.importExample(name);
        await usePortsThatAreFree(editor);
        await editor.deploy();
        const usual = name.includes('revpi') ? WITHOUT_PLUGIN : GREEN;
        const works = (type: string, status: string) =>
          (type === 'cluster-watch' ? WITHOUT_CLUSTER : usual).test(status);
        const shown = await nodeRed.until(
          'every node shows that it works',
          async () => {
            const statuses = await editor.statuses();
            return statuses.length > 0 && statuses.every(({ type, status }) => works(type, status)) && statuses;
          },
          LIMIT_MS,
        );
        assert.ok(shown.length > 0);
        await editor.showFlowOf(shown[0]?.id ?? '');
        await keepPicture(editor.page, `example-${name}`);
        assert.deepEqual(editor.errors, []);
      } catch (error) {
        throw new Error(`it shows ${JSON.stringify(await editor.statuses())}`, { cause: error });
      } finally {
        await editor.close();
      }
    });
  }
});

/** The gateway's own port may be taken on the machine of the tests. */
async function usePortsThatAreFree(editor: Editor): Promise<void> {
  const gateways = (await editor.statuses()).filter(({ type }) => type === 'modbus-gateway');
  for (const { id } of gateways) {
    const form = await editor.edit(id);
    await form.locator('#node-input-port').fill(String(await freePort()));
    await editor.done();
  }
}
