/** The results of a run as build/bench.json holds them, and as a table for the terminal. */
import { BASELINES } from './baselines.mjs';
import { numberText, quantityText, rangeText } from './quantity.mjs';

/** The baselines that rows of `groups` are compared with, each with the range of its values. */
export function usedBaselines(groups) {
  const used = groups.flatMap(({ rows }) => rows.flatMap(({ baseline }) => baseline ?? []));
  return Object.entries(BASELINES).flatMap(([name, { unit, meaning }]) => {
    const values = used.filter((baseline) => baseline.name === name).map(({ value }) => value);
    if (values.length === 0) return [];
    return [{ name, unit, meaning, least: Math.min(...values), most: Math.max(...values) }];
  });
}

export function machineText({ cores, model, arch, platform, node, nodeRed, load }) {
  return `${cores} cores (${model}), ${arch}, ${platform}, Node.js ${node}, Node-RED ${nodeRed}, load average before the run ${load.toFixed(1)}`;
}

export function baselineText({ name, unit, meaning, least, most }) {
  return `${name}: ${meaning} (${rangeText(least, most, unit)})`;
}

export function valueText({ value, unit, note }) {
  return note === undefined ? quantityText(value, unit) : `${quantityText(value, unit)} (${note})`;
}

/** Empty for counts, sizes and percentages, which have no baseline. */
export function ratioText({ ratio, baseline }) {
  return ratio === undefined ? '' : `${numberText(ratio)} × ${baseline.name}`;
}

/** Empty where there is no target. Values that equal their target miss it. */
export function targetText({ value, unit, target }) {
  if (target === undefined) return '';
  return `< ${quantityText(target, unit)}${value < target ? '' : ', missed'}`;
}

export function terminalTable(groups) {
  const lines = groups.flatMap(({ name, rows }) => [[name, '', '', ''], ...rows.map(cells)]);
  const widths = [0, 1, 2].map((column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cells(row) {
  if (row.skipped !== undefined) return [`  ${row.figure}`, 'skipped', '', row.skipped];
  const target = targetText(row);
  const remarks = [target && `target ${target}`, row.note && `(${row.note})`].filter(Boolean).join(' ');
  return [`  ${row.figure}`, quantityText(row.value, row.unit), ratioText(row), remarks];
}
