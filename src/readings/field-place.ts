/** Where a number comes from: the node, the plugin, the sensor and the field of its readings. */
export interface FieldPlace {
  readonly node: string;
  readonly plugin: string;
  readonly sensorId: string;
  readonly field: string;
}

/**
 * `sensor`: its id, which several may have, or `<node>/<plugin>/<sensor>` for exactly one; undefined is any. A plugin may call
 * its sensor `vm/dht22/dht22`: what has two "/" is therefore always a whole place, as neither a node nor a plugin has one in
 * its name, and a sensor with such an id is asked for by its own place alone.
 */
export function isOfSensor(
  { node, plugin, sensorId }: Pick<FieldPlace, 'node' | 'plugin' | 'sensorId'>,
  sensor: string | undefined,
): boolean {
  if (sensor === undefined) return true;
  return isWholePlace(sensor) ? sensor === `${node}/${plugin}/${sensorId}` : sensor === sensorId;
}

function isWholePlace(sensor: string): boolean {
  const first = sensor.indexOf('/');
  return first >= 0 && sensor.includes('/', first + 1);
}

export function byPlace(a: FieldPlace, b: FieldPlace): number {
  return (
    compare(a.node, b.node) ||
    compare(a.plugin, b.plugin) ||
    compare(a.sensorId, b.sensorId) ||
    compare(a.field, b.field)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
