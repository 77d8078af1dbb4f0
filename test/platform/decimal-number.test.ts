import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decimalNumber } from '../../src/platform/decimal-number';

describe('a number in a form', () => {
  it('is decimal digits, with spaces beside them', () => {
    assert.deepEqual([5, '5', ' 5 ', '-5', '+0.25'].map(decimalNumber), [5, 5, 5, -5, 0.25]);
  });

  it('is nothing else that JavaScript takes for one', () => {
    for (const value of [
      '',
      ' ',
      '\t',
      '0x10',
      '0b1',
      '1e3',
      'Infinity',
      '1,5',
      '1_000',
      '.5',
      null,
      undefined,
      true,
      [],
      ['5'],
    ])
      assert.ok(Number.isNaN(decimalNumber(value)), JSON.stringify(value));
  });
});
