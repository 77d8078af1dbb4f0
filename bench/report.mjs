/**
 * Figures as rows: what, unit, value, target where there is one, and the ratio to the same run's floor where only that
 * can be compared between machines.
 */
import { median } from './figures.mjs';

const STALL_TARGET_MS = 20;
const DEVICE_STALL_TARGET_MS = 5;
const DEVICE_CALL_TARGET_US = 150;
const LOAD_CHECKS_TARGET_PERCENT = 5;
const POLL_CHECKS_TARGET_PERCENT = 3;
const MODBUS_TARGET_PERCENT = 5;
const FIRST_PAINT_TARGET_MS = 100;
const PAGE_TARGET_KB = 150;

export function rowsOf({ bundled, cold, userFiles, rounds, changes, checks, devices, modbus, page, alone, memory }) {
  const mid = (runs, pick) => median(runs.map(pick));
  const stallOf = (runs, pick) => ({
    value: mid(runs, (run) => pick(run).stallMs),
    note: `${mid(runs, (run) => pick(run).waitedMs).toFixed(1)} of it waiting for a core`,
  });
  const aloneMb = mid(alone, (run) => run.nodeRed);
  const above = (name, stage, target) => ({
    figure: `memory above Node-RED alone: ${name}`,
    unit: 'MB',
    value: mid(memory, (run) => run[stage]) - aloneMb,
    target,
  });
  const trip = (figure, of, target) => [
    {
      figure: `${figure}, p50`,
      unit: 'µs',
      value: mid(rounds, (run) => run[of].p50),
      target,
      ratio: mid(rounds, (run) => run[of].p50 / run.echo.p50),
    },
    { figure: `${figure}, p99`, unit: 'µs', value: mid(rounds, (run) => run[of].p99) },
  ];
  const stall = (during, runs, pick, target = STALL_TARGET_MS) => ({
    figure: `longest stall of the loop: ${during}`,
    unit: 'ms',
    target,
    ...stallOf(runs, pick),
  });
  const shareOfChecks = (of, parts, target) => {
    const percent = (part) => mid(checks, (run) => run[of][part] * 100);
    return {
      figure: `share of all checks in a ${of === 'load' ? 'prepared load' : 'poll'}`,
      unit: '%',
      value: mid(checks, (run) => parts.reduce((sum, part) => sum + run[of][part] * 100, 0)),
      target,
      note: parts.map((part) => `${part} ${percent(part).toFixed(2)}`).join(', '),
    };
  };
  return [
    { figure: 'four plugins callable, prepared', unit: 'ms', value: mid(bundled, (run) => run.firstMs), target: 700 },
    { figure: 'four plugins callable, warm', unit: 'ms', value: mid(bundled, (run) => run.secondMs) },
    {
      figure: "four plugins callable, user's files, prepared",
      unit: 'ms',
      value: mid(userFiles, (run) => run.firstMs),
    },
    { figure: "four plugins callable, user's files, cold", unit: 'ms', value: mid(cold, (run) => run.firstMs) },
    ...trip('message to an empty worker thread and back', 'echo'),
    ...trip('poll of a plugin without devices', 'counter', 200),
    ...trip('the same through a plugin-poll node', 'throughNode'),
    ...trip('poll of pi_monitor', 'piMonitor'),
    ...trip('render of the page', 'render'),
    ...trip('write of the LED strip', 'ledSync'),
    { figure: 'reload, from finished copy to first answer', unit: 'ms', value: mid(changes, (run) => run.reloadMs) },
    { figure: 'kill, from deadline to fresh instance', unit: 'ms', value: mid(changes, (run) => run.killMs) },
    shareOfChecks('load', ['digests', 'imports', 'memories'], LOAD_CHECKS_TARGET_PERCENT),
    shareOfChecks('poll', ['guards', 'arguments', 'result'], POLL_CHECKS_TARGET_PERCENT),
    stall('prepared start', bundled, (run) => run.stall),
    stall('cold start', cold, (run) => run.stall),
    stall('polls, one after the other', rounds, (run) => run.stall),
    stall('reloads', changes, (run) => run.reloadStall),
    stall('kills', changes, (run) => run.killStall),
    stall('a DHT22 read of 2.5 s', devices, (run) => run.stall, DEVICE_STALL_TARGET_MS),
    {
      figure: 'call of a simulated device by a guest, p50',
      unit: 'µs',
      value: mid(devices, (run) => run.call.p50),
      target: DEVICE_CALL_TARGET_US,
    },
    { figure: 'call of a simulated device by a guest, p99', unit: 'µs', value: mid(devices, (run) => run.call.p99) },
    {
      figure: 'BME680 read while another guest waits for a DHT22',
      unit: 'ms',
      value: mid(devices, (run) => run.airBesideMs),
      note: `${mid(devices, (run) => run.airAloneMs).toFixed(1)} alone; the DHT22 took ${mid(devices, (run) => run.slowMs).toFixed(0)}`,
    },
    {
      figure: 'core used to serve 1 000 Modbus registers a second to ten clients',
      unit: '%',
      value: mid(modbus, (run) => run.served.percent - run.idle.percent),
      target: MODBUS_TARGET_PERCENT,
      note: `${mid(modbus, (run) => run.full.percent - run.idle.percent).toFixed(1)} for ${mid(modbus, (run) => run.full.requestsPerSecond).toFixed(0)} requests a second, all they are given`,
    },
    {
      figure: 'poll beside them, p50',
      unit: 'µs',
      value: mid(modbus, (run) => run.served.poll.p50),
      note: `${mid(modbus, (run) => run.idle.poll.p50).toFixed(0)} without them, ${mid(modbus, (run) => run.full.poll.p50).toFixed(0)} beside all they are given`,
    },
    stall('all requests that Modbus clients are given', modbus, (run) => run.full.stall),
    ...pageRows(page),
    { figure: 'memory of Node-RED alone', unit: 'MB', value: aloneMb },
    above('package installed, no flow', 'nodeRed'),
    above('runtime open, no plugin', 'runtimeOpen'),
    above('four plugins ready, at once', 'readyAtOnce'),
    above('four plugins ready', 'ready', 220),
    above('after polls', 'polled', 220),
    above('after reloads', 'reloaded'),
    above('most ever', 'peak'),
  ];
}

function pageRows(runs) {
  const skipped = runs.find((run) => run.skipped !== undefined)?.skipped;
  const row = (figure, unit, pick, target, floorOf) => {
    if (skipped !== undefined) return { figure, unit, skipped };
    const ratio = floorOf && median(runs.map((run) => pick(run) / floorOf(run)));
    return { figure, unit, value: median(runs.map(pick)), target, ratio };
  };
  return [
    row(
      'page: first paint after its answer',
      'ms',
      (run) => run.firstPaintMs,
      FIRST_PAINT_TARGET_MS,
      (run) => run.emptyPaintMs,
    ),
    row('page: transferred', 'kB', (run) => run.bytes / 1_000, PAGE_TARGET_KB),
    row('page: elements of shell and frame', '', (run) => run.nodes),
    row('page: long tasks in ten updates', '', (run) => run.longTasks),
    row('page: longest of them', 'ms', (run) => run.longestTaskMs),
  ];
}

export function table(rows) {
  const width = Math.max(...rows.map(({ figure }) => figure.length));
  const line = ({ figure, unit, value, target, ratio, note, skipped }) => {
    if (skipped !== undefined) return `${figure.padEnd(width)}  skipped: ${skipped}`;
    const met = target === undefined ? '' : `  ${value < target ? 'met   ' : 'MISSED'} < ${target}`;
    const compared = ratio === undefined ? '' : `  ×${ratio.toFixed(1)} of the floor`;
    const shown = value.toFixed(value < 100 ? 1 : 0).padStart(8);
    return `${figure.padEnd(width)} ${shown} ${unit}${met}${compared}${note ? `  (${note})` : ''}`;
  };
  return rows.map(line).join('\n');
}
