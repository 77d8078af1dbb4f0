/**
 * The newest reading of each sensor of this node, as they go to `latest/<node>`: what a reader who was not there needs, and
 * what makes older batches superfluous. Kept as text; bounded by bytes and by age, the one heard of longest ago going first.
 */
import { latestText, parseLatest, parseReading, readingText } from './wire';

interface Latest {
  readonly epoch: string;
  readonly seq: number;
  readonly text: string;
  /** ms since 1970. */
  readonly timestamp: number;
}

/** Some thousand sensors. */
export const MAX_LATEST_BYTES = 256 * 2 ** 10;
/** A sensor that was taken away is not shown for ever. */
const MAX_AGE_MS = 7 * 24 * 3_600_000;

export class LatestReadings {
  /** By plugin and sensor; the one heard of longest ago comes first. */
  readonly #latest = new Map<string, Latest>();
  #bytes = 0;

  constructor(readonly node: string) {}

  /** Of what it will be as a value. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What etcd has, of sensors that were not heard of since. */
  restore(value: string): void {
    for (const { epoch, seq, reading } of parseLatest(this.node, value) ?? []) {
      const { plugin, sensorId, timestamp } = reading;
      if (this.#latest.has(nameOf(plugin, sensorId))) continue;
      this.#keep(plugin, sensorId, { epoch, seq, text: readingText(reading), timestamp });
    }
  }

  add(epoch: string, seq: number, text: string): void {
    const reading = parseReading(this.node, text);
    if (reading === undefined) return;
    this.#keep(reading.plugin, reading.sensorId, { epoch, seq, text, timestamp: reading.timestamp });
  }

  /** Of no more than `maxBytes` of readings: the ones heard of longest ago are given up for that. */
  value(now: number, maxBytes = MAX_LATEST_BYTES): string {
    for (const [sensor, { timestamp }] of this.#latest) {
      if (now - timestamp > MAX_AGE_MS) this.#forget(sensor);
    }
    this.#bound(maxBytes);
    return latestText([...this.#latest.values()]);
  }

  #keep(plugin: string, sensorId: string, latest: Latest): void {
    const sensor = nameOf(plugin, sensorId);
    this.#forget(sensor);
    this.#latest.set(sensor, latest);
    this.#bytes += latest.text.length;
    this.#bound(MAX_LATEST_BYTES);
  }

  #bound(maxBytes: number): void {
    for (const oldest of this.#latest.keys()) {
      if (this.#bytes <= maxBytes) break;
      this.#forget(oldest);
    }
  }

  #forget(sensor: string): void {
    this.#bytes -= this.#latest.get(sensor)?.text.length ?? 0;
    this.#latest.delete(sensor);
  }
}

function nameOf(plugin: string, sensorId: string): string {
  return JSON.stringify([plugin, sensorId]);
}
