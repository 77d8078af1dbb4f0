import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  isFloat32,
  NO_INT16,
  scaleOf,
  writeFloat32,
  writeScaled,
  writeUint16,
  writeUint32,
} from '../../src/modbus/encoding';
import { reference } from '../../src/modbus/register-layout';

function words(write: (registers: Buffer) => void): string {
  const registers = Buffer.alloc(8);
  write(registers);
  return registers.toString('hex', 2, 6);
}

describe('a float32', () => {
  it('stands high word first as ABCD and low word first as CDAB, each word high byte first', () => {
    // IEEE 754: 21.5 is 0x41AC0000, 0.1 is 0x3DCCCCCD.
    assert.equal(
      words((to) => writeFloat32(to, 1, 21.5, 'ABCD')),
      '41ac0000',
    );
    assert.equal(
      words((to) => writeFloat32(to, 1, 21.5, 'CDAB')),
      '000041ac',
    );
    assert.equal(
      words((to) => writeFloat32(to, 1, 0.1, 'ABCD')),
      '3dcccccd',
    );
    assert.equal(
      words((to) => writeFloat32(to, 1, 0.1, 'CDAB')),
      'cccd3dcc',
    );
    assert.equal(
      words((to) => writeFloat32(to, 1, Number.NaN, 'ABCD')),
      '7fc00000',
    );
  });

  it('holds no text, no NaN and nothing that would become infinite', () => {
    for (const value of ['21.5', undefined, Number.NaN, Number.POSITIVE_INFINITY, 3.5e38])
      assert.equal(isFloat32(value), false, String(value));
    for (const value of [0, -0, 3.4e38, 1e-46]) assert.ok(isFloat32(value), String(value));
  });
});

describe('whole numbers', () => {
  it('of 32 bits follow the word order too', () => {
    assert.equal(
      words((to) => writeUint32(to, 1, 0x12345678, 'ABCD')),
      '12345678',
    );
    assert.equal(
      words((to) => writeUint32(to, 1, 0xf2345678, 'CDAB')),
      '5678f234',
    );
  });

  it('of 16 bits are cut to their range', () => {
    assert.equal(
      words((to) => writeUint16(to, 1, 70_000)),
      'ffff0000',
    );
    assert.equal(
      words((to) => writeUint16(to, 1, -1)),
      '00000000',
    );
  });
});

describe('a scaled value', () => {
  const scaled = (value: number, scale: number): number => {
    const registers = Buffer.alloc(2);
    writeScaled(registers, 0, value, scale);
    return registers.readInt16BE(0);
  };

  it('is rounded, kept at the ends of its range, and -32768 only where there is none', () => {
    assert.equal(scaled(21.456, 100), 2146);
    assert.equal(scaled(-40, 100), -4000);
    assert.equal(scaled(1e6, 10), 32_767);
    assert.equal(scaled(-1e6, 10), -32_767);
    assert.equal(scaled(Number.NaN, 100), NO_INT16);
  });

  it('has the factor of its physical unit', () => {
    assert.deepEqual(['°C', '%', 'hPa', 'MiB', '', 'constructor'].map(scaleOf), [100, 100, 10, 1, 10, 10]);
  });
});

describe('a reference', () => {
  it('counts from one, with six digits where five do not do', () => {
    assert.deepEqual(
      [0, 32, 9_998, 9_999, 65_535].map((address) => reference(4, address)),
      ['40001', '40033', '49999', '410000', '465536'],
    );
    assert.equal(reference(3, 0), '30001');
  });
});
