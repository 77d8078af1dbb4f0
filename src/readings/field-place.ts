/** Where a number comes from: the node, the plugin, the sensor and the field of its readings. */
export interface FieldPlace {
  readonly node: string;
  readonly plugin: string;
  readonly sensorId: string;
  readonly field: string;
}

/** `sensor`: its id, which several may have, or `<node>/<plugin>/<sensor>`; undefined is any. */
export function isOfSensor({ node, plugin, sensorId }: FieldPlace, sensor: string | undefined): boolean {
  return sensor === undefined || sensor === sensorId || sensor === `${node}/${plugin}/${sensorId}`;
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
