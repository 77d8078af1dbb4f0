/**
 * Home Assistant's MQTT discovery of one number of one sensor: the retained message that makes it appear there, named, with
 * its unit, its device and when it counts as unavailable. Pure. Keys and classes as in home-assistant.io/integrations/mqtt
 * ("MQTT discovery"), /integrations/sensor.mqtt and /integrations/sensor ("Device class").
 *
 * The payload is JSON text, which a flow publishes as it is: a text is compared by a filter node, and copied for a second
 * wire, at no cost. Making it takes a few µs. Names that a guest chose (sensor, field, unit) stand in it as data; what
 * tells plugins apart, topic and unique_id, begins with the node and the plugin, which a guest cannot choose.
 */
import type { Reading } from './reading';

export interface Discovery {
  /** `homeassistant/sensor/<node>/<plugin>-<sensor>-<field>/config`, of letters, digits, `_` and `-`. */
  readonly topic: string;
  /** JSON text; to be published retained. */
  readonly payload: string;
}

interface Kind {
  readonly device_class?: string;
  readonly state_class: string;
}

const PREFIX = 'homeassistant/sensor';
/** Nearly every name; asking is three times as fast as replacing nothing. */
const ALLOWED = /^[A-Za-z0-9_-]*$/;
const MEASUREMENT: Kind = { state_class: 'measurement' };
/** Values may be lost or late twice in a row before a sensor counts as unavailable. */
const MISSED_POLLS = 3;
/** Polls as fast as several a second may still pause for a reload or a broker. */
const MIN_EXPIRE_AFTER_S = 30;
/** As `MISSED_POLLS`, and half a poll for timers of a flow that are late. */
const LATE_POLLS = 3.5;
const EXPIRE_STEPS_S = [30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400];

/** Only units that mean one thing; a class with a unit it does not know is refused by Home Assistant. */
const CLASSES_BY_UNIT: Readonly<Record<string, string>> = {
  '°C': 'temperature',
  '°F': 'temperature',
  K: 'temperature',
  hPa: 'atmospheric_pressure',
  mbar: 'atmospheric_pressure',
  Pa: 'pressure',
  kPa: 'pressure',
  bar: 'pressure',
  psi: 'pressure',
  lx: 'illuminance',
  V: 'voltage',
  mV: 'voltage',
  A: 'current',
  mA: 'current',
  W: 'power',
  kW: 'power',
  Wh: 'energy',
  kWh: 'energy',
  Hz: 'frequency',
  kHz: 'frequency',
  dBm: 'signal_strength',
  ms: 'duration',
  s: 'duration',
  min: 'duration',
  h: 'duration',
  d: 'duration',
  B: 'data_size',
  KiB: 'data_size',
  MiB: 'data_size',
  GiB: 'data_size',
  kB: 'data_size',
  MB: 'data_size',
  GB: 'data_size',
};

/** Units that mean several things: the field's name decides. */
const CLASSES_BY_FIELD: readonly (readonly [unit: string, field: RegExp, deviceClass: string])[] = [
  ['%', /humidity$/i, 'humidity'],
  ['%', /moisture$/i, 'moisture'],
  ['%', /battery$/i, 'battery'],
  ['ppm', /co2$/i, 'carbon_dioxide'],
  ['ppm', /co$/i, 'carbon_monoxide'],
];

/** `expireAfterS`: as `expireAfterSeconds` makes it; undefined where nobody knows when the next value comes. */
export function discoveryOf(reading: Reading, field: string, expireAfterS: number | undefined): Discovery {
  const { node, plugin, sensorId } = reading;
  const unit = Object.hasOwn(reading.units, field) ? reading.units[field] : undefined;
  const topic = `${node}/${plugin}/${sensorId}/${field}`;
  const payload = {
    name: `${plugin === sensorId ? plugin : `${plugin} ${sensorId}`} ${inWords(field)}`,
    unique_id: topic,
    state_topic: topic,
    unit_of_measurement: unit,
    ...kindOf(unit, field),
    availability_topic: `${node}/status`,
    expire_after: expireAfterS,
    device: { identifiers: [`edge-wasi/${node}`], name: node, manufacturer: 'edge-wasi', model: 'node-red-wasi' },
    origin: { name: '@edge-wasi/node-red-wasi' },
  };
  const object = [plugin, sensorId, field].map(asTopicPart).join('-');
  return { topic: `${PREFIX}/${asTopicPart(node)}/${object}/config`, payload: JSON.stringify(payload) };
}

/** Whole seconds, for a sensor that is polled every so often. */
export function expireAfterSeconds(intervalMs: number): number {
  return Math.max(MIN_EXPIRE_AFTER_S, Math.ceil((MISSED_POLLS * intervalMs) / 1_000));
}

/**
 * Whole seconds, for a sensor that something else polls, as often as it usually did lately. In steps that lie between the
 * intervals people choose: a value that changed with each poll would announce the sensor anew each time. undefined for a
 * sensor that is read less than every six hours.
 */
export function expireAfterUsual(intervalMs: number): number | undefined {
  const leastS = (LATE_POLLS * intervalMs) / 1_000;
  return EXPIRE_STEPS_S.find((step) => step >= leastS);
}

function kindOf(unit: string | undefined, field: string): Kind {
  if (unit === undefined) return MEASUREMENT;
  const byUnit = Object.hasOwn(CLASSES_BY_UNIT, unit) ? CLASSES_BY_UNIT[unit] : undefined;
  const deviceClass = byUnit ?? CLASSES_BY_FIELD.find(([of, name]) => of === unit && name.test(field))?.[2];
  if (deviceClass === undefined) return MEASUREMENT;
  // Home Assistant takes energy as a meter only.
  return { device_class: deviceClass, state_class: deviceClass === 'energy' ? 'total_increasing' : 'measurement' };
}

/** `gasResistance` is "gas resistance". */
function inWords(field: string): string {
  return field.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
}

/** What Home Assistant allows in its topics; any other character as its code, so that "ä" and "ö" stay two sensors. */
function asTopicPart(text: string): string {
  if (ALLOWED.test(text)) return text;
  return text.replace(/[^A-Za-z0-9_-]/gu, (character) => `_${character.codePointAt(0)?.toString(16)}`);
}
