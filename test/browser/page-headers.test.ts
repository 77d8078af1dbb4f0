/** Headers of the shell and of a plugin's page in a real Chromium, which complains of names that it does not know. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import { PAGE_HEADERS } from '../../src/dashboard/page-headers';
import { SHELL_HEADERS } from '../../src/dashboard/shell';
import { launchBrowser, noBrowser } from './chromium';

const LIMIT = { timeout: 60_000 };

describe('the headers of a page', { skip: noBrowser }, () => {
  for (const [whose, headers] of [
    ['the shell', SHELL_HEADERS],
    ['a plugin', PAGE_HEADERS],
  ] as const) {
    it(`of ${whose} have no name that Chromium does not know`, LIMIT, async () => {
      const server = createServer((_request, response) => {
        response.writeHead(200, headers).end('<!doctype html><title>x</title><link rel="icon" href="data:,">');
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      assert.ok(typeof address === 'object' && address !== null);
      const browser = await launchBrowser();
      try {
        const page = await browser.newPage();
        const said: string[] = [];
        page.on('console', (message) => said.push(message.text()));
        await page.goto(`http://127.0.0.1:${address.port}/`);
        // Said after the headers' complaints.
        await page.evaluate(() => console.log('end'));
        assert.deepEqual(said, ['end']);
      } finally {
        await browser.close();
        server.closeAllConnections();
        server.close();
      }
    });
  }
});
