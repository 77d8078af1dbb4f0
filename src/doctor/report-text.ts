/**
 * The report for people: one line a check with its mark in words, what to mend below it. Lines to type start with "$",
 * lines to paste with "|". Colours are the mark's only, and only where the terminal shows them.
 */
import type { DoctorContext } from './context';
import { type Finding, GROUPS, type Group } from './finding';
import type { Fix } from './fix';
import type { CheckResult, Report } from './report';

const HEADINGS: Readonly<Record<Group, string>> = {
  machine: 'Machine',
  'node-red': 'Node-RED',
  devices: 'Devices',
  plugins: 'Plugins',
};
const MARKS: Readonly<Record<Finding['kind'], string>> = {
  ok: 'ok',
  warning: 'warning',
  missing: 'missing',
  skipped: 'skipped',
};
/** ECMA-48: green, yellow, red, faint. */
const COLOURS: Readonly<Record<Finding['kind'], number>> = { ok: 32, warning: 33, missing: 31, skipped: 2 };

export function reportText({ results, toMend, warnings }: Report, { board }: DoctorContext, colour: boolean): string {
  const width = Math.max(...results.map(({ title }) => title.length));
  const blocks = GROUPS.map((group) => {
    const lines = results.filter((result) => result.group === group).flatMap((result) => lineOf(result, width, colour));
    return [HEADINGS[group], ...lines].join('\n');
  });
  const leftOut = results.filter(({ finding }) => finding.kind === 'skipped').length;
  const simulated = board.kind === 'other' ? `Simulated hardware is used here; ${leftOut} checks were left out.\n` : '';
  return `${blocks.join('\n\n')}\n\n${simulated}${summary(toMend, warnings)}\n`;
}

function lineOf({ title, finding }: CheckResult, width: number, colour: boolean): string[] {
  const mark = MARKS[finding.kind].padEnd(7);
  const shown = colour ? `\u001b[${COLOURS[finding.kind]}m${mark}\u001b[0m` : mark;
  const line = `  ${shown}  ${title.padEnd(width)}  ${finding.says.replaceAll('\n', ' ')}`;
  return 'mend' in finding ? [line, ...mendLines(finding.mend)] : [line];
}

function mendLines({ how, lines }: Fix): string[] {
  const indent = ' '.repeat(11);
  const isPasted = /^\[|^[a-z_]+:( \S+)?$/.test(lines[0] ?? '');
  return [`${indent}-> ${how}`, ...lines.map((line) => `${indent}   ${isPasted ? '|' : '$'} ${line}`)];
}

function summary(toMend: number, warnings: number): string {
  const mend = toMend === 0 ? 'Nothing to mend' : `${toMend} ${toMend === 1 ? 'thing' : 'things'} to mend`;
  return warnings === 0 ? `${mend}.` : `${mend}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}.`;
}
