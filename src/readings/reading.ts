/** One sensor's values at one moment: what a poll yields, what the store keeps, what every consumer gets. Frozen. */
export interface Reading {
  /** The node it was read on: `[cluster] node_id`, else the host name. */
  readonly node: string;
  /** Normalised plugin name. */
  readonly plugin: string;
  readonly sensorId: string;
  /** ms since 1970, a number. */
  readonly timestamp: number;
  /** By camelCase field or metric name. Booleans of a record are 0 or 1. Text is kept beside numbers. */
  readonly values: Readonly<Record<string, number | string>>;
  /** Unit by field name, where it is known ("°C", "%", "hPa", "kΩ", "MiB", "s"). */
  readonly units: Readonly<Record<string, string>>;
}
