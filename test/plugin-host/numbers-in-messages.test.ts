/** What becomes of a guest's numbers on their way into messages, in every form of message. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toReadings } from '../../src/plugin-host/guest-readings';
import { type Emit, toMessages } from '../../src/readings/messages';

const ORIGIN = { node: 'pi4', plugin: 'mine', now: 5_000 };

/** Of records of named fields, and of the same as metrics, which must not differ. */
function payloads(emit: Emit, numbers: Readonly<Record<string, unknown>>): unknown[] {
  const metrics = Object.entries(numbers).map(([name, value]) => ({ name, value, unit: '' }));
  const [asFields, asMetrics] = [numbers, { metrics }].map((record) =>
    toMessages(emit, toReadings([record], ORIGIN), 'mine', 'pi4', {}, { newId: () => 'id' }).map(
      ({ topic, payload }) => [topic, payload],
    ),
  );
  assert.deepEqual(asFields, asMetrics);
  return asFields ?? [];
}

const HUGE = 2n ** 53n;

describe('a number of a guest', () => {
  it('that is none is left out of every form of message, and the others stay', () => {
    const numbers = { a: Number.NaN, b: 1.5, c: Number.POSITIVE_INFINITY, d: Number.NEGATIVE_INFINITY };
    assert.deepEqual(payloads('readings', numbers), [['pi4/mine/mine', { b: 1.5 }]]);
    assert.deepEqual(payloads('values', numbers), [['pi4/mine/mine/b', 1.5]]);
    const batch = { plugin: 'mine', node: 'pi4', sensorId: 'mine', timestamp: 5_000, values: { b: 1.5 } };
    assert.deepEqual(payloads('batch', numbers), [['pi4/mine', [batch]]]);
  });

  it('leaves a message without fields where none of them is one: the sensor did answer', () => {
    assert.deepEqual(payloads('readings', { a: Number.NaN }), [['pi4/mine/mine', {}]]);
    assert.deepEqual(payloads('values', { a: Number.NaN }), []);
  });

  it('of 64 bits is exact up to 2^53 and rounded above, never a text and never a bigint', () => {
    const numbers = { exact: HUGE - 1n, even: HUGE, rounded: HUGE + 1n, most: 2n ** 64n - 1n, least: -(2n ** 63n) };
    const expected = {
      exact: 9_007_199_254_740_991,
      even: 9_007_199_254_740_992,
      rounded: 9_007_199_254_740_992,
      most: 2 ** 64,
      least: -(2 ** 63),
    };
    assert.deepEqual(payloads('readings', numbers), [['pi4/mine/mine', expected]]);
    assert.deepEqual(JSON.parse(JSON.stringify(payloads('readings', numbers))), [['pi4/mine/mine', expected]]);
  });

  it('of 32 bits is the shortest that is the same one', () => {
    assert.deepEqual(payloads('readings', { t: Math.fround(46.2) }), [['pi4/mine/mine', { t: 46.2 }]]);
  });
});
