/**
 * Data for a dashboard plugin, as the host makes it: a plant of four nodes in a state that can be chosen. Always the same, so
 * that pictures and sizes can be compared.
 */
import type { SensorDataCluster, SensorDataParts } from '../../src/dashboard/sensor-data';
import type { LogLine } from '../../src/readings/log-lines';
import type { PluginSummary } from '../../src/runtime-api/runtime-api';
import { climate, machine, NODES, PLANT_NOW, reading, sensorsOf, trendOf } from './plant-sensors';
import { pluginOf } from './plugin-of';
import { sensorData } from './whole';

const PLUGINS: readonly PluginSummary[] = [
  pluginOf({
    name: 'dht22',
    leds: [1],
    polls: 12_407,
    failures: 3,
    latency: { lastMs: 2.1, medianMs: 2.2, longestMs: 310 },
    memoryBytes: 19_200_000,
  }),
  pluginOf({
    name: 'pi_monitor',
    leds: [0],
    polls: 12_410,
    latency: { lastMs: 0.4, medianMs: 0.5, longestMs: 12 },
    memoryBytes: 18_900_000,
  }),
  pluginOf({
    name: 'bme680',
    leds: [2],
    polls: 12_402,
    failures: 9,
    latency: { lastMs: 191, medianMs: 190, longestMs: 420 },
    memoryBytes: 19_500_000,
  }),
  pluginOf({
    name: 'dashboard',
    role: 'dashboard',
    state: 'polling',
    polls: 842,
    latency: { lastMs: 9, medianMs: 8.4, longestMs: 61 },
    memoryBytes: 24_000_000,
  }),
];

function clusterOf(lost: readonly string[]): SensorDataCluster {
  const roles = ['leader-preferred', 'voter', 'voter', 'learner'];
  return {
    connected: true,
    isLeader: true,
    leader: 'pi4',
    members: NODES.map((node, at) => ({
      node,
      role: roles[at] ?? 'voter',
      healthy: !lost.includes(node),
      lastSeen: PLANT_NOW - (lost.includes(node) ? 340_000 : 1_000 * at),
    })),
  };
}

function logOf(count: number): LogLine[] {
  const texts: readonly Omit<LogLine, 'at'>[] = [
    { level: 'info', plugin: 'dht22', text: 'pi4/dht22/hall: temperature 21.5 °C, humidity 44 %' },
    { level: 'debug', text: 'host.toml: nothing changed' },
    {
      level: 'info',
      plugin: 'bme680',
      text: 'pi4/bme680/cellar: temperature 18.2 °C, humidity 61 %, pressure 1013.25 hPa',
    },
    { level: 'warn', plugin: 'bme680', text: 'the baseline is of an earlier run' },
    {
      level: 'error',
      plugin: 'dht22',
      text: 'HARDWARE_IO: the sensor on GPIO 4 sent a frame with a wrong sum, three times',
    },
  ];
  return Array.from({ length: count }, (_, at): LogLine => {
    const line = texts[at % 13 === 12 ? 4 : at % 4];
    return { level: 'info', text: '', ...line, at: PLANT_NOW - (count - at) * 1_700 };
  });
}

const LONG = 'W'.repeat(4_000);
const HOSTILE = [
  '"><script>document.title="owned"</script>',
  '\u202egnp.exe \u05d0\u05d1\u05d2',
  '\u{1F525}\u{1F469}\u200D\u{1F692} '.repeat(20),
  `Z\u0351\u0365\u036b${'\u0301'.repeat(60)}algo`,
  '</style></title><!--',
  '',
] as const;
const OFF = '#000000';
const STRIP = [...Array.from({ length: 11 }, () => OFF)];

function strip(...colors: readonly string[]): string[] {
  return [...colors, ...STRIP.slice(colors.length)];
}

function dataOf(parts: Partial<SensorDataParts>): string {
  return sensorData({
    readings: [],
    leds: strip(),
    plugins: PLUGINS,
    now: PLANT_NOW,
    host: { node: 'pi4', simulated: false, model: 'Raspberry Pi 4 Model B' },
    logs: logOf(60),
    trend: trendOf,

    ...parts,
  });
}

export const PLANT = {
  /** Four nodes, nothing wrong. */
  calm: () =>
    dataOf({
      readings: [...NODES.flatMap((node, at) => climate(node, at)), ...machine('revpi-hall')],
      leds: strip('#00ff00', '#00ff00', '#ffc800'),
      cluster: clusterOf([]),
    }),

  /** A hot room, a metric's alarm, a lost node, a plugin without its device and one that asks for too much. */
  alarms: () =>
    dataOf({
      readings: [
        ...climate('pi4', 10.4).slice(0, 1),
        ...climate('pi4', 0).slice(2),
        ...climate('pi5', 1),
        ...machine('revpi-hall', { lowWaterAlarm: 1 }),
        ...climate('pi-zero', 2, 340_000),
      ],
      leds: strip('#ff7800', '#ff0000', '#281400'),
      plugins: [...PLUGINS.filter(({ name }) => name !== 'bme680'), failingBme680(), deniedVendor()],
      cluster: clusterOf(['pi-zero']),
    }),

  /** One small machine on its first day. */
  single: () =>
    dataOf({
      host: { node: 'garden', simulated: true },
      readings: climate('garden', 0),
      leds: strip('#00ff00', '#00ff00', '#ffc800'),
    }),

  /** Names of nodes, plugins and sensors that want to be something else, and values out of this world. */
  hostile: () =>
    dataOf({
      host: { node: LONG, simulated: true, model: HOSTILE[0] },
      readings: [
        ...HOSTILE.map((name) =>
          reading(name, name, name, { [name]: 1e300, alarm: name, note: LONG, zero: -0, small: 5e-324 }),
        ),
        ...sensorsOf('plc', 30),
      ],
      leds: ['red', '#ff0000', '"><b>', ...STRIP],
      plugins: HOSTILE.map((name) =>
        pluginOf({ name, state: 'backing-off', lastError: { code: name, message: LONG, at: 0 } }),
      ),
      logs: HOSTILE.map((text, at) => ({ at, level: 'error', plugin: text, text: `${text} ${LONG}` })),
      cluster: {
        connected: false,
        isLeader: false,
        leader: null,
        members: HOSTILE.map((node) => ({ node, role: node, healthy: false, lastSeen: null })),
      },
    }),

  /** A thousand sensors: four plugins with as many as each may have. */
  many: () => dataOf({ readings: ['plc_1', 'plc_2', 'plc_3', 'plc_4'].flatMap((plugin) => sensorsOf(plugin, 250)) }),

  /** Before the first poll. */
  empty: () => dataOf({ logs: [], host: { node: 'pi4', simulated: true } }),

  /** Ten sensors of four fields, each with its trend: what the size of the page is measured by. */
  tenSensors: () =>
    dataOf({
      readings: Array.from({ length: 10 }, (_, at) =>
        reading('pi4', `plugin_${at}`, `sensor-${at}`, {
          temperature: 20 + at,
          humidity: 40 + at,
          pressure: 1_000 + at,
          level: 7 * at,
        }),
      ),
      logs: logOf(20),
    }),
} as const;

function failingBme680(): PluginSummary {
  const message = 'bme680: no chip answers at 0x77 on bus 1. Check the wiring, or set [sensors.bme680] i2c_address';
  const lastError = { code: 'HARDWARE_MISSING', message, at: PLANT_NOW - 4_000 };
  return pluginOf({ name: 'bme680', leds: [2], polls: 40, failures: 40, lastError });
}

function deniedVendor(): PluginSummary {
  const message =
    'vendor_co2 imports edge:plugin/uart@1.0.0, which it was not granted. To grant it: uart = ["/dev/ttyAMA0"]';
  const lastError = { code: 'CAPABILITY_DENIED', message, at: PLANT_NOW - 3_600_000 };
  return pluginOf({ name: 'vendor_co2', state: 'backing-off', origin: 'file', failures: 1, lastError });
}
