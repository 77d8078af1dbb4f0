/** A reading for tests: say what matters, the rest is filled in. */
import type { Reading } from '../../src/readings/reading';

export function readingOf(parts: Partial<Reading> = {}): Reading {
  return Object.freeze({
    node: 'pi4',
    plugin: 'dht22',
    sensorId: 'room',
    timestamp: 1_000,
    values: { temperature: 21.5, humidity: 40 },
    units: { temperature: '°C', humidity: '%' },
    ...parts,
  });
}
