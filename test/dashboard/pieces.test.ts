/** What is made of the readings of a plugin that reads as much as it may is made in pieces: none goes through more than 64 values. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readingsAnswer } from '../../src/dashboard/api';
import { metricsAnswer } from '../../src/dashboard/metrics';
import { sensorData } from '../../src/dashboard/sensor-data';
import type { Reading } from '../../src/readings/reading';
import { MAX_VALUES, weightOf } from '../../src/readings/reading-size';
import { readingOf } from '../readings/reading-of';

const SHAPES = [
  ['many sensors', 256, 4],
  ['many fields', 16, 64],
] as const;

function readings(sensors: number, fields: number): readonly Reading[] {
  return ['loud', 'louder'].flatMap((plugin) =>
    Array.from({ length: sensors }, (_, sensor) =>
      readingOf({
        plugin,
        sensorId: `${sensor}`,
        values: Object.fromEntries(Array.from({ length: fields }, (_, field) => [`f${field}`, field])),
      }),
    ),
  );
}

/** Each piece, with how many values were looked at for it. */
function looked(make: (look: (reading: Reading) => undefined) => Iterable<string>): readonly [string, number][] {
  let values = 0;
  const pieces: [string, number][] = [];
  const look = (reading: Reading): undefined => {
    values += weightOf(reading);
  };
  for (const piece of make(look)) {
    pieces.push([piece, values]);
    values = 0;
  }
  return pieces;
}

for (const [what, sensors, fields] of SHAPES) {
  const all = readings(sensors, fields);

  describe(`two plugins with as many values as they may have: ${what}`, () => {
    it('are metrics in pieces', () => {
      const runtime = { version: '1', node: 'pi4', hardware: { kind: 'simulated', because: 'asked for' } } as const;
      const pieces = looked(
        (unknownSince) => metricsAnswer({ readings: all, plugins: [], runtime, unknownSince }).chunks,
      );
      for (const [text, values] of pieces) assert.ok(values <= 64 && text.split('\n').length <= 65);
      assert.equal(
        pieces.reduce((sum, [, values]) => sum + values, 0),
        2 * MAX_VALUES,
      );
    });

    it('are a list of readings in pieces', () => {
      const pieces = looked((unknownSince) => readingsAnswer(all, 0, unknownSince).chunks);
      for (const [, values] of pieces) assert.ok(values <= 64);
      const text = pieces.map(([piece]) => piece).join('');
      assert.deepEqual(
        JSON.parse(text).map(({ plugin, sensorId }: Reading) => `${plugin} ${sensorId}`),
        all.map(({ plugin, sensorId }) => `${plugin} ${sensorId}`),
      );
    });

    it('are page data in pieces', () => {
      const parts = { leds: [], plugins: [], now: 0, host: { node: 'pi4', simulated: true }, logs: [] };
      let trends = 0;
      const pieces = looked((unknownSince) =>
        sensorData({
          readings: all,
          ...parts,
          unknownSince,
          trend: () => {
            trends += 1;
            return undefined;
          },
        }),
      );
      for (const [, values] of pieces) assert.ok(values <= 64);
      assert.equal(trends, 2 * MAX_VALUES, 'each of them was asked for');
      const { nodes } = JSON.parse(pieces.map(([piece]) => piece).join(''));
      assert.equal(Object.keys(nodes.pi4.louder).length, sensors);
    });
  });
}
