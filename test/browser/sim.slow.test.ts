/** The sliders of the example 10-heat-the-room, moved in a browser: by keyboard, by mouse, on a phone. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { HeatedRoom } from '../system/heat-the-room';
import { keepPicture, launchBrowser, noBrowser } from './chromium';
import { OVERLAPS } from './overlaps';

const PHONE = { width: 360, height: 740 };
const LIMIT_MS = 30_000;
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

describe('the page with sliders', { skip: noBrowser }, () => {
  let room: HeatedRoom;
  let browser: Browser;
  let page: Page;
  const troubles: string[] = [];

  before(async () => {
    [room, browser] = await Promise.all([HeatedRoom.start({ linked: true }), launchBrowser()]);
    page = await browser.newPage({ viewport: PHONE, colorScheme: 'light' });
    page.setDefaultTimeout(LIMIT_MS);
    page.on('pageerror', (error) => troubles.push(String(error)));
  });
  beforeEach(async () => {
    await room.deploy();
    await page.goto(`${room.nodeRed.url}/heat`);
    await page.locator('#room:enabled').waitFor();
  });
  after(async () => {
    await browser?.close();
    await room?.stop();
  });

  const shown = (id: string) => page.locator(`output[for=${id}]`).textContent();
  const untilAlarm = (text: RegExp) => page.locator('#alarm', { hasText: text }).waitFor();

  it('shows the world as it is', async () => {
    assert.equal(await shown('room'), '21.5 °C');
    assert.equal(await shown('humidity'), '40 %');
    assert.equal(await shown('cpu'), '48 °C');
    await untilAlarm(/^No alarm$/);
    assert.equal(await page.locator('#broken').isChecked(), false);
    await keepPicture(page, 'heat-the-room-phone');
  });

  it('heats the room by keyboard alone until the alarm rises, and cools it until it falls', async () => {
    await page.locator('#room').focus();
    // Half a degree each.
    for (let step = 0; step < 20; step += 1) await page.keyboard.press('ArrowRight');
    assert.equal(await shown('room'), '31.5 °C');
    await untilAlarm(/the room is too hot/);
    await page.locator('#led-text', { hasText: 'red' }).waitFor();
    assert.equal((await room.world())['dht22_temperature'], 31.5);
    await keepPicture(page, 'heat-the-room-alarm');
    await page.locator('#room').focus();
    await page.keyboard.press('Home');
    await untilAlarm(/^No alarm$/);
    await page.locator('#led-text', { hasText: 'green' }).waitFor();
    assert.deepEqual(await room.nodeRed.untilDebugs(room.node('debug', 'notify'), 2), ['too hot', 'back to normal']);
  });

  it('takes the value at which a finger or a mouse lets go', async () => {
    const box = await page.locator('#humidity').boundingBox();
    assert.ok(box !== null);
    const middle = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.4, middle);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, middle, { steps: 25 });
    await page.mouse.up();
    const value = Number.parseInt((await shown('humidity')) ?? '', 10);
    assert.ok(value > 80, `${value} %`);
    const world = await room.untilWorld('the last value', (now) => now['dht22_humidity'] === value);
    assert.equal(world['dht22_humidity'], value);
  });

  it('tests the buzzer, switches the fan by heat, and breaks the sensor', async () => {
    await page.locator('#beep').click();
    await page.locator('#buzzer', { hasText: 'sounds' }).waitFor();
    await page.locator('#buzzer', { hasText: 'silent' }).waitFor();
    await page.locator('#cpu').focus();
    await page.keyboard.press('End');
    await page.locator('#fan', { hasText: 'on' }).waitFor();
    await page.locator('#broken').check();
    await page.locator('#led-text', { hasText: 'amber' }).waitFor();
  });

  it('follows what the buttons of the flow do', async () => {
    await room.nodeRed.inject(room.node('inject', 'hot'));
    await page.locator('output[for=room]', { hasText: '33.0 °C' }).waitFor();
    assert.equal(await page.locator('#room').inputValue(), '33');
  });

  it('says that Node-RED does not answer, and goes on when it does again', async () => {
    await page.route('**/heat/world', (route) => route.abort());
    await page.locator('#trouble', { hasText: 'No answer from Node-RED' }).waitFor();
    await page.unroute('**/heat/world');
    await page.locator('#trouble', { hasText: /^$/ }).waitFor({ state: 'attached' });
  });

  it('leads to the dashboard', async () => {
    await page.locator('#dashboard').click();
    await page.waitForURL(`${room.nodeRed.url}/heat/dashboard`);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`fits a phone and can be read by everyone, ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme });
      await untilAlarm(/^No alarm$/);
      await keepPicture(page, `heat-the-room-${colorScheme}`);
      assert.ok((await page.evaluate('document.documentElement.scrollWidth')) === PHONE.width);
      await page.evaluate(AXE);
      const { violations }: AxeResults = await page.evaluate('axe.run()');
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
        [],
      );
    });
  }

  it('has raised no error in the browser', () => assert.deepEqual(troubles, []));
});

describe('the flow of the example in the editor', { skip: noBrowser }, () => {
  it('can be read: no node lies on another one', async () => {
    const [room, browser] = await Promise.all([HeatedRoom.start({ linked: true }), launchBrowser()]);
    try {
      const page = await browser.newPage({ viewport: { width: 1600, height: 1060 } });
      await page.goto(room.nodeRed.url);
      await page.locator('.red-ui-flow-node-group').first().waitFor();
      await keepPicture(page, 'heat-the-room-flow');
      const overlaps: unknown = await page.evaluate(OVERLAPS);
      assert.deepEqual(overlaps, []);
    } finally {
      await browser.close();
      await room.stop();
    }
  });
});
