/**
 * Measured process: the page of a dashboard node in a browser (build/chromium.json, which scripts/chromium.mjs writes),
 * after the four plugins were polled. First paint is the browser's own paint timing of the shell, from the end of the
 * answer; bytes are the transfer of that one request; elements are those of shell and frame; long tasks (over 50 ms of the
 * page's own thread) are counted from the first paint on, over ten updates. The baseline is the first paint of a page with
 * one word and one line of script, from the same Node-RED. Without a browser the figures are the reason.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './figures.mjs';
import { flow, openNodeRed, whenReady } from './node-red.mjs';
import { measured } from './task.mjs';

const BROWSER = join(dirname(dirname(fileURLToPath(import.meta.url))), 'build', 'chromium.json');
const EMPTY_PAGE = '<!doctype html><title>empty</title><p>empty<script>window.empty = true</script>';
const EMPTY_PATH = '/bench/empty';
const VISITS = 3;
const UPDATES = 10;
/** The page is rendered at most twice a second. */
const UPDATE_EVERY_MS = 700;

await measured(async ({ userDir }) => {
  const { program, reason } = JSON.parse(readFileSync(BROWSER, 'utf8'));
  if (program === undefined) return { skipped: reason };
  const { chromium } = await import('playwright-core');
  const nodeRed = await openNodeRed(userDir);
  const api = await nodeRed.deploy(flow({}, [{ id: 'page', type: 'dashboard', plugin: 'dashboard', path: '/wasi' }]));
  await whenReady(api);
  await api.pollAll();
  serveEmptyPage(nodeRed.server);
  const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const origin = `http://127.0.0.1:${nodeRed.server.address().port}`;
    // The first window of a browser takes longer: it is not counted.
    await (await openPage(browser, `${origin}/wasi`)).context().close();
    const emptyPaintMs = await medianPaint(browser, `${origin}${EMPTY_PATH}`, openEmptyPage);
    const firstPaintMs = await medianPaint(browser, `${origin}/wasi`, openPage);
    const page = await openPage(browser, `${origin}/wasi`);
    const { bytes } = await page.evaluate(timings);
    return { emptyPaintMs, firstPaintMs, bytes, ...(await updates(page, api)) };
  } finally {
    await browser.close();
    await nodeRed.close();
  }
});

/** A context of its own has an empty cache. */
async function openPage(browser, url) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  await page.locator('#state.live').waitFor();
  return page;
}

async function openEmptyPage(browser, url) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  await page.waitForFunction(() => performance.getEntriesByName('first-paint').length > 0);
  return page;
}

async function medianPaint(browser, url, open) {
  const times = [];
  for (let visit = 0; visit < VISITS; visit += 1) {
    const page = await open(browser, url);
    times.push((await page.evaluate(timings)).firstPaintMs);
    await page.context().close();
  }
  return median(times);
}

function serveEmptyPage(server) {
  const [serveNodeRed] = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request, answer) => {
    if (request.url !== EMPTY_PATH) return serveNodeRed(request, answer);
    return answer.setHeader('Content-Type', 'text/html').end(EMPTY_PAGE);
  });
}

async function updates(page, api) {
  const [, frame] = page.frames();
  for (const each of [page, frame]) await each.evaluate(watchLongTasks);
  for (let update = 0; update < UPDATES; update += 1) {
    await api.pollAll();
    await page.waitForTimeout(UPDATE_EVERY_MS);
  }
  const parts = await Promise.all([page, frame].map((each) => each.evaluate(partOf)));
  return {
    elements: parts.reduce((sum, { elements }) => sum + elements, 0),
    longTasks: parts.reduce((sum, { longTasks }) => sum + longTasks.length, 0),
    longestTaskMs: Math.max(0, ...parts.flatMap(({ longTasks }) => longTasks)),
  };
}

/** Runs in the browser. */
function timings() {
  const [answer] = performance.getEntriesByType('navigation');
  const [paint] = performance.getEntriesByName('first-paint');
  return { firstPaintMs: paint.startTime - answer.responseEnd, bytes: answer.transferSize };
}

/** Runs in the browser. `buffered` includes the long tasks before this call. */
function watchLongTasks() {
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longTasks.push(duration);
  }).observe({ type: 'longtask', buffered: true });
}

/** Runs in the browser. */
function partOf() {
  return { elements: document.querySelectorAll('*').length, longTasks: window.longTasks };
}
