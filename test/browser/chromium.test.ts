/** The browser itself: what the other tests of this folder rest on. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { launchBrowser, noBrowser } from './chromium';

describe('the browser of the tests', { skip: noBrowser }, () => {
  it('starts and shows a page', async () => {
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.setContent('<!doctype html><title>here</title>');
      assert.equal(await page.title(), 'here');
    } finally {
      await browser.close();
    }
  });
});
