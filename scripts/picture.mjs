/**
 * Takes README's picture of a flow from the running editor: `npm start` in one terminal, this in another. Waits until
 * every node of the flow says that its last action worked. Needs a Chromium: CHROMIUM names it (/usr/bin/chromium).
 */
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { REPOSITORY } from './guest-tools.mjs';

const EDITOR = process.env.EDITOR_URL || 'http://127.0.0.1:1880/';
const TARGET = join(REPOSITORY, 'docs', 'images', 'poll-cycle.png');
const WIDTH = 1480;
const HEIGHT = 520;
const WAIT_MS = 60_000;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});
try {
  const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT }, deviceScaleFactor: 1.5 });
  await page.goto(EDITOR);
  // Three sensors and the strip.
  await page.waitForFunction(() => document.querySelectorAll('.red-ui-flow-node-status-dot-green').length >= 4, null, {
    timeout: WAIT_MS,
  });
  await page.evaluate(() => {
    window.RED.actions.invoke('core:toggle-palette');
    window.RED.actions.invoke('core:show-debug-tab');
  });
  // One more cycle, so that the sidebar has its messages.
  await page.waitForFunction(() => document.querySelectorAll('.red-ui-debug-msg').length >= 4, null, {
    timeout: WAIT_MS,
  });
  await page.screenshot({ path: TARGET });
  console.log(`picture: ${TARGET}`);
} finally {
  await browser.close();
}
