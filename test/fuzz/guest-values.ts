/** Values as a guest might return or pass them: what jco's glue can make of any WIT type, and more. */
import * as fc from 'fast-check';

/** Names that mean something to the host, or to JavaScript. */
const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'toJSON',
  'then',
  'sensorId',
  'timestampMs',
  'metrics',
  'name',
  'value',
  'unit',
  'tag',
  'val',
];

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '\u202e\u0000\n', '\ud800', 'sensor', 'cpu-temp', '__proto__', 'ä'.repeat(300)),
);
const number = fc.oneof(
  fc.double(),
  fc.float(),
  fc.integer(),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY, 8.64e15, 8.64e15 + 1, 2 ** 53),
);
/** A record's field name may be as long as wasm-tools takes names: 100 000 bytes. */
const key = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...KEYS) },
  { weight: 3, arbitrary: fc.string() },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 4_096 }).map((length) => 'k'.repeat(length)) },
);

/** Anything that plain data can be. */
export const anyValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(text, number, fc.boolean(), fc.constantFrom(undefined, null)),
    fc.array(tie('value'), { maxLength: 12 }),
    fc.dictionary(key, tie('value'), { maxKeys: 8 }),
    fc.record({ tag: text, val: tie('value') }),
    fc.uint8Array(),
    fc.float64Array(),
    fc
      .tuple(key, fc.nat(300), fc.boolean())
      .map(([name, length, val]) => Array.from({ length }, () => ({ [name]: val }))),
  ),
})).value;

const length = fc.nat(40_000);

/** One text or list of numbers, up to ten times what a small limit allows; by itself, or within something light. */
export const largeValue: fc.Arbitrary<unknown> = fc
  .oneof(
    length.map((count) => 'x'.repeat(count)),
    length.map((count) => 'ä'.repeat(count)),
    length.map((count) => new Uint8Array(count)),
    length.map((count) => new Float64Array(count >> 3)),
    length.map((count) => Array.from({ length: count >> 2 }, () => 1)),
  )
  .chain((large) => fc.constantFrom<unknown>(large, [large], { field: large }, [{ tag: 'some', val: large }]));

const metric = fc.record({ name: text, value: fc.oneof(number, anyValue), unit: fc.oneof(text, anyValue) });

/** Close to a reading, so that more than the first check is reached. */
export const readingLike: fc.Arbitrary<unknown> = fc.oneof(
  fc.record(
    { sensorId: fc.oneof(text, anyValue), timestampMs: fc.oneof(number, anyValue), temperature: number, note: text },
    { requiredKeys: [] },
  ),
  fc.record({ sensorId: text, timestampMs: number, metrics: fc.array(fc.oneof(metric, anyValue), { maxLength: 70 }) }),
  fc.dictionary(key, number, { maxKeys: 80 }),
);
