/** Group "poll": polls and other round trips, calls of devices, and Modbus clients beside them. */
import { join } from 'node:path';
import { median } from '../figures.mjs';
import { repeat } from '../processes.mjs';
import { numberText, quantityText } from '../quantity.mjs';
import { row, stallRow, timeRow, tripRows } from '../row.mjs';

const RUNS = 2;
const POLL_TARGET_US = 200;
const DEVICE_CALL_TARGET_US = 150;
const DEVICE_STALL_TARGET_MS = 5;
const MODBUS_TARGET_PERCENT = 5;

export async function measure({ folder, guestsDir }) {
  // The first run prepares the components; the others find them prepared.
  const task = (name) => () => ({ userDir: join(folder, name), guestsDir });
  return {
    rounds: await repeat(RUNS, 'rounds', task('rounds')),
    devices: await repeat(RUNS, 'devices', task('devices')),
    modbus: await repeat(1, 'modbus', task('rounds')),
  };
}

export function rows({ rounds, devices, modbus }) {
  const trip = (id, figure, of, target) => tripRows({ id, figure, runs: rounds, of, target });
  return [
    ...trip('counter', 'poll of a Python plugin without devices', (run) => run.counter, POLL_TARGET_US),
    ...trip('throughNode', 'the same through a plugin-poll node', (run) => run.throughNode),
    ...trip('piMonitor', 'poll of pi_monitor', (run) => run.piMonitor),
    ...trip('ledSync', 'write of the simulated LED strip', (run) => run.ledSync),
    stallRow({ id: 'stall.polls', figure: 'polls one after the other', runs: rounds, pick: (run) => run.stall }),
    ...deviceRows(devices),
    ...modbusRows(modbus),
  ];
}

function deviceRows(runs) {
  const slowMs = () => median(runs.map((run) => run.slowMs));
  return [
    ...tripRows({
      id: 'deviceCall',
      figure: "call of a simulated device from a plugin's thread and back",
      runs,
      of: (run) => run.call,
      target: DEVICE_CALL_TARGET_US,
    }),
    timeRow({
      id: 'airBeside',
      figure: 'read of a simulated BME680 while another plugin waits for a slow DHT22',
      runs,
      pick: (run) => run.airBesideMs,
      baseline: { name: 'read alone', of: (run) => run.airAloneMs },
      note: () => `the DHT22 took ${quantityText(slowMs(), 'ms')}`,
    }),
    stallRow({
      id: 'stall.device',
      figure: 'a DHT22 read of 2.5 s',
      runs,
      pick: (run) => run.stall,
      target: DEVICE_STALL_TARGET_MS,
    }),
  ];
}

function modbusRows(runs) {
  const mid = (pick) => median(runs.map(pick));
  const percentOfFull = () => mid((run) => run.full.percent - run.idle.percent);
  const requestsOfFull = () => mid((run) => run.full.requestsPerSecond);
  const pollsWithout = () => mid((run) => run.idle.poll.p50);
  const pollsBesideFull = () => mid((run) => run.full.poll.p50);
  return [
    row({
      id: 'modbus.percent',
      figure: 'share of a core to serve 1 000 Modbus registers a second to ten clients',
      unit: '%',
      target: MODBUS_TARGET_PERCENT,
      runs,
      pick: (run) => run.served.percent - run.idle.percent,
      note: () =>
        `${quantityText(percentOfFull(), '%')} for as many requests as it answers, ${numberText(requestsOfFull())} a second`,
    }),
    row({
      id: 'modbus.poll',
      figure: 'poll of a Python plugin beside these clients, median',
      unit: 'µs',
      runs,
      pick: (run) => run.served.poll.p50,
      baseline: { name: 'echo', of: (run) => run.echo.p50 },
      note: () =>
        `${quantityText(pollsWithout(), 'µs')} without clients, ${quantityText(pollsBesideFull(), 'µs')} beside as many requests as it answers`,
    }),
    stallRow({
      id: 'stall.modbus',
      figure: 'as many Modbus requests as it answers',
      runs,
      pick: (run) => run.full.stall,
      idle: (run) => run.idleLoop,
    }),
  ];
}
