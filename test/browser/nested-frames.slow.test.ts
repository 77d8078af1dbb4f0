/**
 * Documents in frames of a plugin's page, above all in shadow roots, where no script finds them: the shell, its headers and
 * the script of the frame as they are served, in a real Chromium. As a control, each way gets its document to run in a frame
 * that is sandboxed alike and has nothing of ours in it.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { browserCode } from '../../src/dashboard/browser-code';
import { escapeAttribute } from '../../src/dashboard/escape-html';
import { renderedPage } from '../../src/dashboard/page';
import { SHELL_HEADERS, Shell } from '../../src/dashboard/shell';
import { until } from '../support/until';
import { launchBrowser, noBrowser } from './chromium';
import { NESTED_FRAMES, RAN, REACHES, reachingPage, TRIED } from './nested-frames';

const LIMIT = { timeout: 150_000 };
const shell = new Shell('Edge sensors', 'hostile', browserCode());

let browser: Browser;
let server: Server;
let url: string;
/** By the address below which it is served. */
const PAGES = [...NESTED_FRAMES.map(({ html }) => html), ...REACHES.map(reachingPage)];

interface Outcome {
  readonly heard: readonly string[];
  readonly crashed: boolean;
}

function control(html: string): string {
  const doc = escapeAttribute(`<!doctype html>${html}`);
  return `<!doctype html><title>control</title><iframe sandbox="allow-scripts" srcdoc="${doc}"></iframe>`;
}

/** Listens before anything of the page runs. */
function listen(): void {
  if (window !== top) return;
  const heard: string[] = [];
  Object.assign(window, { heard });
  window.addEventListener('message', ({ data }) => heard.push(String(data)));
}

async function heardBy(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => Reflect.get(window, 'heard'));
}

/** Until the attempt is over, and in a control until its document ran. */
async function outcome(path: string, isOver: (heard: readonly string[]) => boolean): Promise<Outcome> {
  const page = await browser.newPage();
  let crashed = false;
  page.on('crash', () => {
    crashed = true;
  });
  await page.addInitScript(listen);
  let heard: readonly string[] = [];
  try {
    // A page that crashes does not finish loading.
    await page.goto(`${url}${path}`, { waitUntil: 'commit' });
    await until(
      async () => {
        if (!crashed) heard = await heardBy(page).catch(() => heard);
        return crashed || isOver(heard);
      },
      () => `the end of the attempt at ${path}, which said so far: ${heard.join(', ')}`,
    );
    return { heard, crashed };
  } finally {
    await page.close();
  }
}

/** Most of its time a test waits. */
describe('a document in a frame of a plugin’s page', { skip: noBrowser, concurrency: 4 }, () => {
  before(async () => {
    browser = await launchBrowser();
    server = createServer((request, response) => {
      const [, kind, index] = request.url?.split('/') ?? [];
      const html = PAGES[Number(index)] ?? '';
      if (kind === 'shell') {
        response.writeHead(200, SHELL_HEADERS).end([...shell.document(renderedPage('hostile', html), './')].join(''));
      } else if (kind === 'control') {
        response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(control(html));
      } else response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    url = `http://127.0.0.1:${address.port}`;
  }, LIMIT);
  after(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
  });

  for (const [i, { way }] of NESTED_FRAMES.entries()) {
    it(`does not run when it is made by ${way}`, LIMIT, async () => {
      await outcome(`/control/${i}`, (heard) => heard.includes(RAN));
      const { heard, crashed } = await outcome(`/shell/${i}`, (words) => words.includes(TRIED) || words.includes(RAN));
      assert.ok(!crashed, 'the tab crashed');
      assert.ok(!heard.includes(RAN), 'it runs');
    });
  }

  for (const [i, reach] of REACHES.entries()) {
    it(`is not reached by ${reach}`, LIMIT, async () => {
      const { heard, crashed } = await outcome(`/shell/${NESTED_FRAMES.length + i}`, (words) => words.includes(TRIED));
      assert.ok(!crashed, 'the tab crashed');
      assert.deepEqual(
        heard.filter((word) => word.startsWith(RAN)),
        [],
      );
    });
  }
});
