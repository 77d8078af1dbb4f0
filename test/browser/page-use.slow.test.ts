/**
 * What the page of the dashboard does in its reader's hands: the log is filtered by keyboard and stays so after an update, ages
 * count on, times are the reader's, and what needs a script is not there without one.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { PLANT } from '../dashboard/plant';
import { PLANT_NOW } from '../dashboard/plant-sensors';
import { keepPicture, noBrowser } from './chromium';
import { RenderedPages, SIZES } from './rendered-page';

const LIMIT = { timeout: 120_000 };
/** More than a keyboard's reader would go through. */
const MOST_TABS = 12;

const pages = new RenderedPages({ after });

async function tabTo(page: Page, id: string): Promise<void> {
  for (let tab = 0; tab < MOST_TABS; tab += 1) {
    await page.keyboard.press('Tab');
    if ((await page.evaluate(() => document.activeElement?.id)) === id) return;
  }
  assert.fail(`${id} is not reached by ${MOST_TABS} tabs`);
}

/** As the shell does it: the new page in the old one's place, and the word that it is there. */
async function morph(page: Page, html: string): Promise<void> {
  await page.evaluate((next) => {
    const parsed = new DOMParser().parseFromString(next, 'text/html');
    document.body.replaceChildren(...parsed.body.childNodes);
    document.dispatchEvent(new CustomEvent('wasi-update'));
  }, html);
}

const lines = (page: Page) => page.locator('#log-lines > li:visible').count();

describe('the page of the dashboard in use', { skip: noBrowser }, () => {
  it('filters its log by keyboard: text of a line or a plugin, and level', LIMIT, async () => {
    const { page } = await pages.show(await pages.html(PLANT.calm()));
    await tabTo(page, 'log-filter');
    await page.keyboard.type(' CELLAR ');
    assert.equal(await lines(page), 14);
    assert.equal(await page.locator('#log-count').textContent(), '14 of 60 lines');
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Delete');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'log-level');
    await page.keyboard.type('Errors');
    assert.equal(await lines(page), 4);
    assert.deepEqual(
      new Set(await page.locator('#log-lines > li:visible > span').allTextContents()),
      new Set(['error']),
    );
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.className), 'lines');
    assert.notEqual(await page.locator('.lines').evaluate((box) => getComputedStyle(box).outlineStyle), 'none');
    await keepPicture(page, 'page-log-errors');
    await page.context().close();
  });

  it('says so when no line fits the filter', LIMIT, async () => {
    const { page } = await pages.show(await pages.html(PLANT.calm()));
    await page.locator('#log-filter').fill('nothing like it');
    assert.equal(await page.locator('#log-none').isVisible(), true);
    assert.equal(await page.locator('#log-count').textContent(), '0 of 60 lines');
    await page.context().close();
  });

  it('keeps filter and level when it is updated', LIMIT, async () => {
    const { page, complaints } = await pages.show(await pages.html(PLANT.calm()));
    await page.locator('#log-filter').fill('dht22');
    await page.locator('#log-level').selectOption('Errors');
    await morph(page, await pages.html(PLANT.alarms()));
    assert.equal(await page.locator('#log-filter').inputValue(), 'dht22');
    assert.equal(await page.locator('#log-level').inputValue(), '0');
    assert.equal(await lines(page), 4);
    assert.equal(await page.locator('#log-count').textContent(), '4 of 60 lines');
    await page.locator('#log-filter').fill('');
    await page.locator('#log-level').selectOption('All levels');
    assert.equal(await lines(page), 60);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('counts ages on, and from the start again when it is updated', LIMIT, async () => {
    const { page } = await pages.show(await pages.html(PLANT.single()), { clock: PLANT_NOW });
    const age = page.locator('.sensor .badge').first();
    assert.equal(await age.textContent(), '2 s ago');
    await page.clock.runFor(5_000);
    assert.equal(await age.textContent(), '7 s ago');
    await morph(page, await pages.html(PLANT.single()));
    assert.equal(await age.textContent(), '2 s ago');
    await page.clock.runFor(40_000);
    assert.equal(await age.textContent(), '42 s ago');
    await page.context().close();
  });

  it('shows a sensor as stale when its time has passed and nothing came', LIMIT, async () => {
    const { page } = await pages.show(await pages.html(PLANT.single()), { clock: PLANT_NOW });
    await page.clock.runFor(58_000);
    assert.equal(await page.locator('#state').textContent(), 'All 3 sensors fresh');
    await page.clock.runFor(1_000);
    assert.equal(await page.locator('#state').textContent(), '3 sensors stale');
    assert.equal(await page.locator('#state').getAttribute('class'), 'overall warn');
    assert.equal(await page.locator('.sensor.stale .badge.warn').count(), 3);
    assert.equal(await page.locator('.sensor .badge').first().textContent(), 'stale, 1 min 1 s ago');
    await morph(page, await pages.html(PLANT.single()));
    assert.equal(await page.locator('#state').textContent(), 'All 3 sensors fresh');
    assert.equal(await page.locator('.sensor.stale').count(), 0);
    await page.context().close();
  });

  it('adds those that grow stale to what was wrong before', LIMIT, async () => {
    const { page } = await pages.show(await pages.html(PLANT.alarms()), { clock: PLANT_NOW });
    const before = (await page.locator('#state').textContent()) ?? '';
    assert.match(before, /^3 alarms and 3 warnings/);
    await page.clock.runFor(61_000);
    assert.equal(await page.locator('#state').textContent(), `${before}; 6 sensors more stale`);
    await page.clock.runFor(1_000);
    assert.equal(await page.locator('#state').textContent(), `${before}; 6 sensors more stale`);
    await page.context().close();
  });

  it("tells times in the reader's zone, with the day where it is another", LIMIT, async () => {
    const html = await pages.html(PLANT.single());
    const { page } = await pages.show(html, { clock: PLANT_NOW, timezoneId: 'Asia/Tokyo' });
    assert.equal(await page.locator('.facts time').textContent(), '23:03:22');
    assert.equal(await page.locator('.zone').first().isVisible(), false);
    await page.clock.runFor(2 * 3_600_000);
    await morph(page, html);
    assert.equal(await page.locator('.facts time').textContent(), '2026-11-24 23:03:22');
    await page.context().close();
  });

  it('is complete without scripts, but for the controls that need one', LIMIT, async () => {
    const { page } = await pages.show(await pages.html(PLANT.alarms()), {
      javaScriptEnabled: false,
      viewport: SIZES.phone,
    });
    assert.equal(await page.locator('#alarms li').count(), 6);
    assert.equal(await lines(page), 60);
    assert.equal(await page.locator('.tools').isVisible(), false);
    assert.equal(await page.locator('.zone').first().isVisible(), true);
    await page.context().close();
  });

  it('tells a table from its parts on a phone, where its rows are blocks', LIMIT, async () => {
    const { page } = await pages.show(await pages.html(PLANT.calm()), { viewport: SIZES.phone });
    const tree = await page.locator('#cluster').ariaSnapshot();
    assert.match(tree, /table "Cluster"/);
    assert.match(tree, /row "pi5/);
    assert.match(tree, /rowheader "pi5"/);
    assert.match(tree, /columnheader "Last seen"/);
    await page.context().close();
  });
});
