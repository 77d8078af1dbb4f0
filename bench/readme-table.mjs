/** README's table of figures, made from the content of build/bench.json. */
import { GROUP_NAMES } from './groups.mjs';
import { baselineText, machineText, ratioText, targetText, valueText } from './report.mjs';

/** The figures that a user of the package asks about, by group. */
const SHOWN = {
  start: [
    'bundled',
    'userFiles',
    'newFile.one',
    'newFile.four',
    'newBuild.answer',
    'newBuild.longestPoll',
    'newBuild.busy',
    'reload',
    'kill',
    'checks.load',
    'checks.poll',
    'stall.start',
    'stall.newBuild',
    'stall.reload',
    'stall.kill',
  ],
  poll: ['counter.p50', 'piMonitor.p50', 'deviceCall.p50', 'stall.device', 'modbus.percent'],
  memory: ['ready', 'polled', 'peak', 'reloaded', 'newFile', 'newBuilds', 'newBuildsPeak'].map((id) => `memory.${id}`),
  page: ['render.p50', 'firstPaint', 'pageKb'],
  cluster: ['event.p50', 'event.p99', 'etcd', 'share'].map((id) => `cluster.${id}`),
};

/** Throws where `bench` lacks a figure, with the command that measures it. */
export function readmeTable(bench) {
  const missing = GROUP_NAMES.filter((name) => !bench.groups.some((group) => group.name === name));
  if (missing.length > 0) {
    throw new Error(`build/bench.json has no group ${missing.join(', ')}: run "npm run bench" without naming groups`);
  }
  const shown = GROUP_NAMES.flatMap((name) => {
    const { rows } = bench.groups.find((group) => group.name === name);
    return SHOWN[name].map((id) => measuredRow(rows, name, id));
  });
  const baselines = bench.baselines.filter(({ name }) => shown.some(({ baseline }) => baseline?.name === name));
  return [
    `Measured on ${bench.at.slice(0, 10)} with \`npm run bench\`: ${machineText(bench.machine)}.`,
    '',
    '| figure | measured | ratio | target |',
    '| --- | --- | --- | --- |',
    ...shown.map(line),
    '',
    'The ratio compares a figure with a baseline that is measured in the same run:',
    '',
    ...baselines.map((baseline) => `- ${baselineText(baseline)}`),
  ].join('\n');
}

function measuredRow(rows, group, id) {
  const row = rows.find((each) => each.id === id);
  if (row === undefined)
    throw new Error(`build/bench.json has no figure ${id} in group ${group}: run "npm run bench" again`);
  if (row.skipped !== undefined) {
    throw new Error(`build/bench.json has no value of "${row.figure}", which was skipped: ${row.skipped}`);
  }
  return row;
}

function line(row) {
  return `| ${row.figure} | ${valueText(row)} | ${ratioText(row)} | ${targetText(row)} |`;
}
