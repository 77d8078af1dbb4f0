import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDht22Frame } from '../../../src/hardware/dht22/dht22-frame';

const frame = (...bytes: number[]) => Uint8Array.from(bytes);

describe("a DHT22's frame", () => {
  it("reads as the manual's example does: 65.2 % and 35.1 °C", () => {
    assert.deepEqual(parseDht22Frame(frame(0x02, 0x8c, 0x01, 0x5f, 0xee)), { humidity: 65.2, temperature: 35.1 });
  });

  it("reads below zero by the sign bit, as in the manual's example: -10.1 °C", () => {
    assert.equal(parseDht22Frame(frame(0x02, 0x8c, 0x80, 0x65, 0x73)).temperature, -10.1);
  });

  it('reads 0 °C as plain zero, with the sign bit too', () => {
    assert.ok(Object.is(parseDht22Frame(frame(0x01, 0x90, 0x80, 0x00, 0x11)).temperature, 0));
  });

  it('is refused with HARDWARE_IO when any single bit arrived wrong', () => {
    for (let bit = 0; bit < 40; bit += 1) {
      const broken = frame(0x02, 0x8c, 0x01, 0x5f, 0xee);
      broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.throws(() => parseDht22Frame(broken), { code: 'HARDWARE_IO', message: /checksum/ });
    }
  });

  it('is refused with HARDWARE_IO when it is cut short', () => {
    assert.throws(() => parseDht22Frame(frame(0x02, 0x8c)), { code: 'HARDWARE_IO', message: /16 of 40 bits/ });
  });

  it('is refused with HARDWARE_IO when it says what the sensor cannot measure', () => {
    assert.throws(() => parseDht22Frame(frame(0x02, 0x8c, 0x03, 0xe8, 0x79)), {
      code: 'HARDWARE_IO',
      message: /100 °C/,
    });
    assert.throws(() => parseDht22Frame(frame(0x03, 0xe9, 0x00, 0xc8, 0xb4)), {
      code: 'HARDWARE_IO',
      message: /100\.1 %/,
    });
  });
});
