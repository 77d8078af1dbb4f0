/** The attacks of foreign.test.ts where nothing keeps a page foreign: each does what it tries, so the other test can fail. */
import { after, before, describe, it } from 'node:test';
import { until } from '../support/until';
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

  for (const [i, { tries, control, clicked = false }] of ATTACKS.entries()) {
    it(`that tries ${tries} would do it in a frame that is not foreign`, LIMIT, async () => {
      const window = await scene.window();
      const url = scene.controlUrl(i);
      await window.settle(url, clicked);
      // What takes time on a busy machine is waited for: only that it happens shows that the other test can fail.
      const damage = async () => (await window.damage(url)).join('; ');
      await until(async () => control.test(await damage()), `damage that is ${control}`);
      await window.context.close();
    });
  }
});
