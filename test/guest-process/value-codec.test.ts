import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeValue, encodeValue, MalformedValue, ValueTooLarge } from '../../src/guest-process/value-codec';

const COST = 2 ** 20;

const scalars = fc.oneof(
  fc.constantFrom(undefined, null, true, false, -0, Number.NaN, Number.POSITIVE_INFINITY),
  fc.integer(),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.string({ unit: 'grapheme' }),
  fc.uint8Array(),
);
const keys = fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__');
const { value: values } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalars,
    fc.array(tie('value')),
    fc.dictionary(keys, tie('value'), { noNullPrototype: true }),
  ),
}));

describe('a value that crosses to another process', () => {
  it('arrives as it was', () => {
    fc.assert(
      fc.property(values, (value) => {
        assert.deepStrictEqual(decodeValue(encodeValue(value, COST * 64), COST * 64), value);
      }),
    );
  });

  it('takes no more bytes than it costs, so that the limit of a frame bounds both', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 20_000 }), (value, maxCost) => {
        try {
          assert.ok(encodeValue(value, maxCost).length <= maxCost);
        } catch (error) {
          assert.ok(error instanceof ValueTooLarge);
        }
      }),
    );
  });

  it('is a list where it is a view of other numbers than bytes', () => {
    const sent = [new Uint16Array([1, 65_535]), new Float64Array([0.5]), new BigInt64Array([-1n])];
    assert.deepEqual(decodeValue(encodeValue(sent, COST), COST), [[1, 65_535], [0.5], [-1n]]);
  });

  it('is refused where it is no value', () => {
    for (const value of [() => 1, Symbol('x'), 2n ** 64n, new DataView(new ArrayBuffer(1))])
      assert.throws(() => encodeValue(value, COST), TypeError);
  });

  it('costs its text, its bytes, and something for each part', () => {
    for (const value of ['x'.repeat(1_000), 'ä'.repeat(600), new Uint8Array(1_000), [[], []], { a: {} }])
      assert.throws(() => encodeValue(value, 1_000), ValueTooLarge);
    encodeValue(['x'.repeat(300)], 1_000);
  });

  it('may not be nested for ever', () => {
    let nested: unknown[] = [];
    for (let depth = 0; depth < 100; depth += 1) nested = [nested];
    assert.throws(() => encodeValue(nested, COST), ValueTooLarge);
    const bytes = Buffer.concat([
      ...Array.from({ length: 100 }, () => Buffer.from([10, 1, 0, 0, 0])),
      Buffer.from([0]),
    ]);
    assert.throws(() => decodeValue(bytes, COST), /nested/);
  });
});

describe('bytes of another process', () => {
  it('are a value or malformed, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeValue(bytes, COST);
        } catch (error) {
          assert.ok(error instanceof MalformedValue);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  it('are a value or malformed, where one byte of a value was changed', () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, place, change) => {
        const bytes = encodeValue(value, COST * 64);
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ change;
        try {
          decodeValue(bytes, COST * 64);
        } catch (error) {
          assert.ok(error instanceof MalformedValue);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('are refused where a length promises more than is there', () => {
    for (const tag of [8, 9, 10, 11])
      assert.throws(() => decodeValue(Buffer.from([tag, 0xff, 0xff, 0xff, 0xff]), COST), MalformedValue);
  });

  it('are refused where the value costs more than it may, before it is built', () => {
    const empties = Buffer.alloc(5 + 5 * 100_000);
    empties.writeUInt8(10, 0);
    empties.writeUInt32LE(100_000, 1);
    for (let at = 5; at < empties.length; at += 5) empties.writeUInt8(10, at);
    assert.throws(() => decodeValue(empties, COST), /costs more/);
    assert.throws(() => decodeValue(encodeValue('x'.repeat(2_000), COST), 1_000), /costs more/);
  });

  it('cannot set a prototype', () => {
    const bytes = encodeValue({ __prot0__: { polluted: true } }, COST);
    bytes.write('__proto__', bytes.indexOf('__prot0__'), 'latin1');
    assert.throws(() => decodeValue(bytes, COST), MalformedValue);
  });

  it('are refused where something follows the value', () => {
    assert.throws(() => decodeValue(Buffer.from([0, 0]), COST), /after the value/);
  });
});
