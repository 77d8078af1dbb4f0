/**
 * [simulation]: the world that simulated devices measure. A number is a value that stays; a table says how it moves,
 * and what it leaves out does not move (its mean is then the usual one). A signal that host.toml does not mention moves
 * gently around a usual value, so that charts of a first try show life and no alarm goes off.
 */
import type { Signal, SimulationSettings } from '../hardware/hardware';
import { isTable, type TableReader } from './table-reader';

interface SignalKey {
  readonly key: string;
  /** Of the mean, by what the device can measure. */
  readonly min: number;
  readonly max: number;
  readonly usual: Signal;
}

const SIGNALS = {
  dht22Temperature: {
    key: 'dht22_temperature',
    min: -40,
    max: 80,
    usual: { mean: 22, amplitude: 3, periodS: 600, noise: 0.1 },
  },
  dht22Humidity: {
    key: 'dht22_humidity',
    min: 0,
    max: 100,
    usual: { mean: 45, amplitude: 5, periodS: 900, noise: 0.3 },
  },
  cpuTemperature: {
    key: 'cpu_temperature',
    min: -40,
    max: 150,
    usual: { mean: 48, amplitude: 4, periodS: 300, noise: 0.4 },
  },
  bme680Temperature: {
    key: 'bme680_temperature',
    min: -40,
    max: 85,
    usual: { mean: 23, amplitude: 2, periodS: 800, noise: 0.05 },
  },
  bme680Humidity: {
    key: 'bme680_humidity',
    min: 0,
    max: 100,
    usual: { mean: 42, amplitude: 4, periodS: 1_100, noise: 0.2 },
  },
  bme680Pressure: {
    key: 'bme680_pressure',
    min: 300,
    max: 1_100,
    usual: { mean: 1_013.25, amplitude: 2, periodS: 3_600, noise: 0.05 },
  },
  bme680GasResistance: {
    key: 'bme680_gas_resistance',
    min: 0.1,
    max: 10_000,
    usual: { mean: 120, amplitude: 10, periodS: 1_800, noise: 0.8 },
  },
} as const satisfies Readonly<Record<string, SignalKey>>;

/** Names of the settings, with what host.toml calls them. */
export const SIMULATION_KEYS = [
  ['dht22Temperature', SIGNALS.dht22Temperature.key],
  ['dht22Humidity', SIGNALS.dht22Humidity.key],
  ['cpuTemperature', SIGNALS.cpuTemperature.key],
  ['bme680Temperature', SIGNALS.bme680Temperature.key],
  ['bme680Humidity', SIGNALS.bme680Humidity.key],
  ['bme680Pressure', SIGNALS.bme680Pressure.key],
  ['bme680GasResistance', SIGNALS.bme680GasResistance.key],
  ['dht22FailureRate', 'dht22_failure_rate'],
  ['seed', 'seed'],
] as const satisfies readonly (readonly [keyof SimulationSettings, string])[];

const MAX_PERIOD_S = 10_000_000;
const MAX_SEED = 2 ** 32 - 1;

export function readSimulation(table: TableReader): SimulationSettings {
  return {
    dht22Temperature: readSignal(table, SIGNALS.dht22Temperature),
    dht22Humidity: readSignal(table, SIGNALS.dht22Humidity),
    cpuTemperature: readSignal(table, SIGNALS.cpuTemperature),
    bme680Temperature: readSignal(table, SIGNALS.bme680Temperature),
    bme680Humidity: readSignal(table, SIGNALS.bme680Humidity),
    bme680Pressure: readSignal(table, SIGNALS.bme680Pressure),
    bme680GasResistance: readSignal(table, SIGNALS.bme680GasResistance),
    dht22FailureRate: table.number('dht22_failure_rate', { min: 0, max: 1, fallback: 0 }),
    seed: table.whole('seed', { min: 0, max: MAX_SEED, fallback: 1 }),
  };
}

function readSignal(table: TableReader, { key, min, max, usual }: SignalKey): Signal {
  const found = table.value(key);
  if (found === undefined) return usual;
  if (!isTable(found)) {
    if (typeof found === 'number') return still(table.number(key, { min, max, fallback: usual.mean }), usual);
    table.wrong(key, 'a number or a table of mean, amplitude, period_s and noise');
    return usual;
  }
  const signal = table.table(key);
  return {
    mean: signal.number('mean', { min, max, fallback: usual.mean }),
    amplitude: signal.number('amplitude', { min: 0, max: max - min, fallback: 0 }),
    periodS: signal.number('period_s', { min: 1, max: MAX_PERIOD_S, fallback: usual.periodS }),
    noise: signal.number('noise', { min: 0, max: max - min, fallback: 0 }),
  };
}

function still(mean: number, { periodS }: Signal): Signal {
  return { mean, amplitude: 0, periodS, noise: 0 };
}
