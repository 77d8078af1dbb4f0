/**
 * The way of somebody who has just installed the package: an example is imported by the editor's own menu, deployed, and
 * runs. What each example does is tested in test/system.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { HOST_TOML, STILL_WORLD } from '../system/flow-nodes';
import { NodeRed } from '../system/node-red';
import { keepPicture, launchBrowser, noBrowser } from './chromium';
import { Editor } from './editor';

const GREEN = /^green dot \S.* \(sim\)$/;
/** Somebody who has just installed the package has no cluster. */
const WITHOUT_CLUSTER = /^grey ring no cluster \(sim\)$/;
/** The first one, and the one with nodes of every kind but the gateway's. */
const EXAMPLES = ['01-poll-cycle', '10-heat-the-room'];
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

  for (const name of EXAMPLES) {
    it(`imports ${name}, deploys it, and sees that it works`, async () => {
      await nodeRed.deploy([]);
      const editor = await Editor.open(browser, nodeRed);
      try {
        await editor.importExample(name);
        await editor.deploy();
        const works = (type: string, status: string) =>
          (type === 'cluster-watch' ? WITHOUT_CLUSTER : GREEN).test(status);
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
