/** The examples about the cluster as the editor draws them: nothing lies on anything else. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleFlow, HOST_TOML, STILL_WORLD } from '../system/flow-nodes';
import { NodeRed } from '../system/node-red';
import { keepPicture, launchBrowser, noBrowser } from './chromium';
import { OVERLAPS } from './overlaps';

describe('in the editor, the example', { skip: noBrowser }, () => {
  for (const name of ['11-cluster', '12-cluster-to-database']) {
    it(`${name} can be read: nothing lies on anything else, and every node has what it needs`, async () => {
      const texts = { [HOST_TOML]: STILL_WORLD };
      const [nodeRed, browser] = await Promise.all([NodeRed.start({ linked: true, texts }), launchBrowser()]);
      try {
        await nodeRed.deploy(exampleFlow(name));
        const page = await browser.newPage({ viewport: { width: 1500, height: 860 } });
        await page.goto(nodeRed.url);
        await page.locator('.red-ui-flow-node-group').first().waitFor();
        await page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
        await keepPicture(page, `flow-${name}`);
        assert.deepEqual(await page.evaluate(OVERLAPS), []);
        assert.deepEqual(await page.evaluate(INVALID), []);
      } finally {
        await browser.close();
        await nodeRed.stop();
      }
    });
  }
});

const INVALID = `(() => {
  const names = [];
  const look = ({ type, name, valid }) => { if (valid === false) names.push(name || type); };
  RED.nodes.eachNode(look);
  RED.nodes.eachConfig(look);
  return names;
})()`;
