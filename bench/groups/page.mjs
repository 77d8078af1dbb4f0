/** Group "page": rendering the page of the bundled dashboard plugin, and showing it in a browser. */
import { join } from 'node:path';
import { repeat } from '../processes.mjs';
import { quantityText } from '../quantity.mjs';
import { row, timeRow } from '../row.mjs';

const FIRST_PAINT_TARGET_MS = 100;
const PAGE_TARGET_KB = 150;
const BYTES_PER_KB = 1_000;
const US_PER_MS = 1_000;

export async function measure({ folder }) {
  const task = (name) => () => ({ userDir: join(folder, name) });
  return { render: await repeat(1, 'render', task('render')), page: await repeat(1, 'page', task('page')) };
}

export function rows({ render, page }) {
  return [
    timeRow({
      id: 'render.p50',
      figure: 'render of the page with the readings of the bundled plugins, median',
      runs: render,
      pick: (run) => run.render.p50 / US_PER_MS,
      note: () => `${quantityText(render[0].pageKb, 'kB')} of HTML`,
    }),
    timeRow({
      id: 'render.p99',
      figure: 'render of the page with the readings of the bundled plugins, 99 %',
      runs: render,
      pick: (run) => run.render.p99 / US_PER_MS,
    }),
    row({
      id: 'firstPaint',
      figure: "the page in a browser: from the server's answer to the first paint",
      unit: 'ms',
      target: FIRST_PAINT_TARGET_MS,
      runs: page,
      pick: (run) => run.firstPaintMs,
      baseline: { name: 'empty page', of: (run) => run.emptyPaintMs },
    }),
    row({
      id: 'pageKb',
      figure: 'the page in a browser: size of the transfer',
      unit: 'kB',
      target: PAGE_TARGET_KB,
      runs: page,
      pick: (run) => run.bytes / BYTES_PER_KB,
    }),
    row({
      id: 'elements',
      figure: 'the page in a browser: HTML elements',
      unit: '',
      runs: page,
      pick: (run) => run.elements,
    }),
    row({
      id: 'longTasks',
      figure: 'the page in a browser: tasks longer than 50 ms in ten updates',
      unit: '',
      runs: page,
      pick: (run) => run.longTasks,
    }),
    timeRow({
      id: 'longestTask',
      figure: 'the page in a browser: the longest of these tasks',
      runs: page,
      pick: (run) => run.longestTaskMs,
    }),
  ];
}
