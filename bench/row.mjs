/**
 * One figure of the report. `id` names it for scripts/bench-readme.mjs, `figure` describes in plain words what was measured,
 * and `target` is the limit it should stay below. `value` and `ratio` are medians over `runs`; the ratio of each run is
 * to that run's own baseline. A run whose `skipped` is a reason could not measure.
 */
import { median } from './figures.mjs';
import { quantityText } from './quantity.mjs';

export function row({ id, figure, unit, target, runs, pick, baseline, note }) {
  const skipped = runs.find((run) => run.skipped !== undefined)?.skipped;
  if (skipped !== undefined) return { id, figure, unit, skipped };
  const value = median(runs.map(pick));
  return { id, figure, unit, value, target, ...compared(runs, pick, baseline), note: note?.() };
}

function compared(runs, pick, baseline) {
  if (baseline === undefined) return {};
  const { name, of } = baseline;
  const ratio = median(runs.map((run) => pick(run) / of(run)));
  return { ratio, baseline: { name, value: median(runs.map(of)) } };
}

/** A time in ms. */
export function timeRow(options) {
  return row({ unit: 'ms', baseline: { name: 'hash', of: (run) => run.yardstickMs }, ...options });
}

/** Median and 99th percentile of round trips in µs; `of` picks their spread from a run. */
export function tripRows({ id, figure, target, runs, of }) {
  const trip = (part, name, more) =>
    row({
      unit: 'µs',
      runs,
      pick: (run) => of(run)[part],
      baseline: { name, of: (run) => run.echo[part] },
      ...more,
    });
  return [
    trip('p50', 'echo', { id: `${id}.p50`, figure: `${figure}, median`, target }),
    trip('p99', 'echo p99', { id: `${id}.p99`, figure: `${figure}, 99 %` }),
  ];
}

const STALL_TARGET_MS = 20;

/** The longest stall of the event loop; `pick` picks one result of a StallProbe from a run. */
export function stallRow({ id, figure, runs, pick, idle = (run) => run.idle, target = STALL_TARGET_MS }) {
  const waitedMs = () => median(runs.map((run) => pick(run).waitedMs));
  return row({
    id,
    figure: `longest stall of Node-RED's event loop: ${figure}`,
    unit: 'ms',
    target,
    runs,
    pick: (run) => pick(run).stallMs,
    baseline: { name: 'idle loop', of: (run) => idle(run).stallMs },
    note: () => `${quantityText(waitedMs(), 'ms')} of it waiting for a processor core`,
  });
}
