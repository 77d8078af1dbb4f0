/**
 * What the page of the bundled dashboard is for everybody: no violation that axe-core knows, in light and dark, on a phone and
 * on a wall, in calm and under attack; valid HTML; no request and no complaint of the browser. Pictures of all are kept.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { HtmlValidate } from 'html-validate';
import type { Page } from 'playwright-core';
import { PLANT } from '../dashboard/plant';
import { keepPicture, noBrowser } from './chromium';
import { RenderedPages, SIZES } from './rendered-page';

const LIMIT = { timeout: 120_000 };
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const MAX_TEN_SENSORS_BYTES = 60_000;
const SHOWN = ['calm', 'alarms', 'empty', 'hostile'] as const;

/**
 * The one exception: tables say their roles, as a row that is shown as a block on a phone is no row any more to Safari.
 * html-validate cannot know what the style sheet does.
 */
const VALIDATOR = new HtmlValidate({
  extends: ['html-validate:standard', 'html-validate:a11y'],
  rules: { 'no-redundant-role': 'off' },
});

const pages = new RenderedPages({ after });

async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const axe: {
      run(
        options: object,
      ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
    } = Reflect.get(globalThis, 'axe');
    const found = await axe.run({ resultTypes: ['violations'] });
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
  });
}

/** Pixels that a reader would have to scroll sideways. */
function tooWide(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
}

describe('the page of the dashboard', { skip: noBrowser }, () => {
  for (const kind of SHOWN) {
    for (const size of ['phone', 'desktop'] as const) {
      for (const colorScheme of ['light', 'dark'] as const) {
        it(`is for everybody: ${kind}, ${size}, ${colorScheme}`, LIMIT, async () => {
          const { page, complaints, requests } = await pages.show(await pages.html(PLANT[kind]()), {
            viewport: SIZES[size],
            colorScheme,
          });
          await keepPicture(page, `page-${kind}-${size}-${colorScheme}`);
          assert.deepEqual(await violations(page), []);
          assert.equal(await tooWide(page), 0);
          assert.deepEqual(complaints, []);
          assert.deepEqual(requests, []);
          await page.context().close();
        });
      }
    }
  }

  for (const [kind, size] of [
    ['calm', 'small'],
    ['hostile', 'small'],
    ['many', 'phone'],
    ['many', 'desktop'],
    ['calm', 'wall'],
    ['single', 'wall'],
  ] as const) {
    it(`fits a screen of ${SIZES[size].width} pixels: ${kind}`, LIMIT, async () => {
      const { page } = await pages.show(await pages.html(PLANT[kind]()), { viewport: SIZES[size] });
      await keepPicture(page, `page-${kind}-${size}-light`);
      assert.equal(await tooWide(page), 0);
      await page.context().close();
    });
  }

  it('has larger type on a wall, which is read from far away', LIMIT, async () => {
    const sizes = [];
    for (const size of ['desktop', 'wall'] as const) {
      const { page } = await pages.show(await pages.html(PLANT.single()), { viewport: SIZES[size] });
      sizes.push(
        await page
          .locator('.large')
          .first()
          .evaluate((value) => Number.parseFloat(getComputedStyle(value).fontSize)),
      );
      await page.context().close();
    }
    const [desktop = 0, wall = 0] = sizes;
    assert.ok(wall > 1.25 * desktop, `${wall} px on a wall, ${desktop} px on a desktop`);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`is for everybody in colours that its reader forces: ${colorScheme}`, LIMIT, async () => {
      const html = await pages.html(PLANT.alarms());
      const { page } = await pages.show(html, { forcedColors: 'active', colorScheme, viewport: SIZES.desktop });
      await keepPicture(page, `page-alarms-forced-${colorScheme}`);
      assert.deepEqual(await violations(page), []);
      await page.context().close();
    });
  }

  it('moves nothing', LIMIT, async () => {
    const { page } = await pages.show(await pages.html(PLANT.alarms()), { reducedMotion: 'no-preference' });
    assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
    await page.context().close();
  });

  it('is printed whole: every line of the log, and no controls', LIMIT, async () => {
    const { page } = await pages.show(await pages.html(PLANT.calm()));
    await page.emulateMedia({ media: 'print' });
    const hidden = await page.locator('.lines').evaluate((lines) => lines.scrollHeight - lines.clientHeight);
    assert.equal(hidden, 0);
    assert.equal(await page.locator('.tools').isVisible(), false);
    await keepPicture(page, 'page-calm-print');
    await page.context().close();
  });

  it('runs no script of a name, whatever a plugin is called', LIMIT, async () => {
    const { page } = await pages.show(await pages.html(PLANT.hostile()));
    assert.match(await page.title(), /^W+… · Edge sensors$/);
    await page.context().close();
  });

  it('has ten sensors of four fields, each with its trend, in less than 60 KB', async () => {
    const bytes = Buffer.byteLength(await pages.html(PLANT.tenSensors()));
    assert.ok(bytes < MAX_TEN_SENSORS_BYTES, `${bytes} bytes`);
  });

  for (const kind of ['calm', 'alarms', 'single', 'empty', 'hostile'] as const) {
    it(`is valid HTML: ${kind}`, LIMIT, async () => {
      const report = await VALIDATOR.validateString(await pages.html(PLANT[kind]()));
      const found = report.results.flatMap(({ messages }) =>
        messages.map(({ ruleId, message, selector }) => `${ruleId}: ${message} (${selector})`),
      );
      assert.deepEqual(found.slice(0, 20), []);
    });
  }
});
