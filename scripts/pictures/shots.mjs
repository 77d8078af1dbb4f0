/**
 * What each picture shows, taken from a Node-RED that runs: `nodeRed` is the tests' one, `take(name, colorScheme)` opens a
 * page of that picture's size. Each waits for what it shows, and fails where that does not come.
 */
import { animate } from './apng.mjs';
import { MAX_SECONDS } from './sizes.mjs';

const WAIT_MS = 60_000;
const FLOW_STATUS = '.red-ui-flow-node-status-dot-green';
/** Enough for a line in the small charts. */
const POLLS_BEFORE_PAGE = 12;
const SHORTEST_MS = 160;
const LOOK_MS = 1_600;

/** The first example in the editor, with every node's status and some messages in the sidebar. */
export async function pollCycle(page, url) {
  await page.goto(url);
  // Three sensors and the strip.
  await page.waitForFunction((dots) => document.querySelectorAll(dots).length >= 4, FLOW_STATUS, { timeout: WAIT_MS });
  await page.evaluate(() => {
    window.RED.actions.invoke('core:toggle-palette');
    window.RED.actions.invoke('core:show-debug-tab');
  });
  // One more cycle, so that the sidebar has its messages.
  await page.waitForFunction(() => document.querySelectorAll('.red-ui-debug-msg').length >= 4, null, {
    timeout: WAIT_MS,
  });
  return page.screenshot();
}

/** The form of the runtime that the nodes of the flow share. */
export async function runtimeForm(page, url, runtime) {
  await page.goto(url);
  await page.locator('.red-ui-flow-node-group').first().waitFor({ timeout: WAIT_MS });
  await page.evaluate(() => {
    for (const bar of ['core:toggle-sidebar', 'core:toggle-palette']) window.RED.actions.invoke(bar);
  });
  await page.evaluate((id) => window.RED.editor.editConfig('', 'wasi-runtime', id), runtime);
  await page.locator('.edge-wasi-plugins tbody tr').first().waitFor({ timeout: WAIT_MS });
  // The tray slides in, and what it lists is asked for.
  await page.waitForLoadState('networkidle', { timeout: WAIT_MS }).catch(() => undefined);
  await page.waitForTimeout(1_000);
  return page.screenshot();
}

/** The page of the dashboard plugin, wherever in the document it is. */
export async function dashboard(page, nodeRed) {
  await nodeRed.until(
    'enough readings for a chart',
    async () => {
      const { plugins } = await nodeRed.json('/wasi/api/health');
      return plugins.some(({ name, polls }) => name === 'pi_monitor' && polls >= POLLS_BEFORE_PAGE);
    },
    WAIT_MS,
  );
  await page.goto(`${nodeRed.url}/wasi`);
  const endsAt = Date.now() + WAIT_MS;
  const shows = async (frame) =>
    /pi.monitor/i.test(await frame.evaluate(() => document.body.textContent).catch(() => ''));
  while (!(await Promise.all(page.frames().map(shows))).includes(true)) {
    if (Date.now() > endsAt) throw new Error('the dashboard does not show pi_monitor');
    await page.waitForTimeout(200);
  }
  await page.waitForTimeout(500);
  return page.screenshot();
}

/** The sliders of the example: the room is heated, the alarm rises, it cools, and the alarm ends. */
export async function heatTheRoom(page, url) {
  const frames = [];
  const shoot = async (ms) => frames.push({ png: await page.screenshot(), ms });
  const alarm = (text) => page.locator('#alarm', { hasText: text }).waitFor({ timeout: WAIT_MS });
  const led = (colour) => page.locator('#led-text', { hasText: colour }).waitFor({ timeout: WAIT_MS });
  const move = async (from, to, step) => {
    for (let value = from; step > 0 ? value <= to : value >= to; value += step) {
      await page.locator('#room').fill(String(value));
      await shoot(SHORTEST_MS);
    }
  };
  await page.goto(`${url}/heat`);
  await page.locator('#room:enabled').waitFor({ timeout: WAIT_MS });
  await alarm('No alarm');
  await led('green');
  await shoot(LOOK_MS);
  await move(23, 33, 1);
  await alarm('too hot');
  await led('red');
  await shoot(LOOK_MS);
  await move(31, 21, -2);
  await alarm('No alarm');
  await led('green');
  await shoot(LOOK_MS);
  const seconds = frames.reduce((sum, { ms }) => sum + ms, 0) / 1_000;
  if (seconds > MAX_SECONDS) throw new Error(`the recording lasts ${seconds} s`);
  return animate(frames);
}
