/**
 * Measured process: the page of a dashboard node in a browser (build/chromium.json, `npm test -- browser` brings it), with
 * the four plugins polled. First paint is the browser's own paint timing of the shell, from when the answer was there;
 * bytes are what the one request transferred; nodes are those of shell and frame; long tasks (over 50 ms of the page's own
 * thread) are counted from the first paint on, over ten updates. The floor is the first paint of a page that has one word
 * and one line of script, from the same Node-RED. Without a browser it answers with the reason.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { flow, openNodeRed, whenReady } from './node-red.mjs';
import { measured } from './task.mjs';

const BROWSER = join(dirname(dirname(fileURLToPath(import.meta.url))), 'build', 'chromium.json');
const EMPTY_PAGE = '<!doctype html><title>empty</title><p>empty<script>window.empty = true</script>';
const UPDATES = 10;
const UPDATE_EVERY_MS = 700;

await measured(async ({ userDir }) => {
  const { program, reason } = existsSync(BROWSER)
    ? JSON.parse(readFileSync(BROWSER, 'utf8'))
    : { reason: 'no build/chromium.json: npm test -- browser' };
  if (program === undefined) return { skipped: reason };
  const { chromium } = await import('playwright-core');
  const nodeRed = await openNodeRed(userDir);
  const api = await nodeRed.deploy(flow({}, [{ id: 'page', type: 'dashboard', plugin: 'dashboard', path: '/wasi' }]));
  await whenReady(api);
  await api.pollAll();
  const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const url = `http://127.0.0.1:${nodeRed.server.address().port}/wasi`;
    // A browser's first window of all pays for starting it.
    await (await opened(browser, url)).context().close();
    const emptyPaintMs = await paintOfEmptyPage(browser, nodeRed.server);
    return { ...(await look(await opened(browser, url), api)), emptyPaintMs };
  } finally {
    await browser.close();
    await nodeRed.close();
  }
});

/** In a context of its own: nothing of it is cached. */
async function opened(browser, url) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  await page.locator('#state.live').waitFor();
  return page;
}

async function paintOfEmptyPage(browser, server) {
  const path = '/bench/empty';
  const [serveNodeRed] = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request, answer) => {
    if (request.url !== path) return serveNodeRed(request, answer);
    return answer.setHeader('Content-Type', 'text/html').end(EMPTY_PAGE);
  });
  const page = await (await browser.newContext()).newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}${path}`);
  await page.waitForTimeout(UPDATE_EVERY_MS);
  const { firstPaintMs } = await page.evaluate(timings);
  await page.context().close();
  return firstPaintMs;
}

async function look(page, api) {
  const first = await page.evaluate(timings);
  const [, frame] = page.frames();
  for (const each of [page, frame]) await each.evaluate(watchLongTasks);
  for (let update = 0; update < UPDATES; update += 1) {
    await api.pollAll();
    await page.waitForTimeout(UPDATE_EVERY_MS);
  }
  const parts = await Promise.all([page, frame].map((each) => each.evaluate(partOf)));
  return {
    ...first,
    nodes: parts.reduce((sum, { nodes }) => sum + nodes, 0),
    longTasks: parts.reduce((sum, { longTasks }) => sum + longTasks.length, 0),
    longestTaskMs: Math.max(0, ...parts.flatMap(({ longTasks }) => longTasks)),
  };
}

/** In the browser. */
function timings() {
  const [answer] = performance.getEntriesByType('navigation');
  const [paint] = performance.getEntriesByName('first-paint');
  return { firstPaintMs: paint.startTime - answer.responseEnd, bytes: answer.transferSize };
}

/** In the browser; `buffered`: those before it are seen too. */
function watchLongTasks() {
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longTasks.push(duration);
  }).observe({ type: 'longtask', buffered: true });
}

function partOf() {
  return { nodes: document.querySelectorAll('*').length, longTasks: window.longTasks };
}
