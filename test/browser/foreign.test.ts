/** The page of a hostile dashboard plugin in a browser, beside Node-RED's editor of the same origin: no attack does anything. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ATTACKS } from './attacks';
import { noBrowser } from './chromium';
import { ForeignScene } from './foreign-scene';
import { LIMIT } from './watched-site';

let scene: ForeignScene;

describe('the page of a hostile plugin', { skip: noBrowser }, () => {
  before(async () => {
    scene = await ForeignScene.open();
  }, LIMIT);
  after(() => scene?.close());

  for (const [i, { tries, clicked = false }] of ATTACKS.entries()) {
    it(`that tries ${tries} does nothing`, LIMIT, async () => {
      const window = await scene.window();
      const url = scene.foreignUrl(i);
      await window.settle(url, clicked);
      assert.deepEqual(await window.damage(url), []);
      assert.notEqual(await window.tried(), 0, 'the attack did not even try');
      await window.context.close();
    });
  }
});
