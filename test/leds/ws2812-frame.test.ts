import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WS2812_SPI_HZ, ws2812RgbwFrame, ws2812SpiFrame } from '../../src/leds/ws2812-frame';

const FULL = 255;

/** Each bit of a byte as three, highest first: the text that the wire carries. */
function wire(byte: number): string {
  return [...byte.toString(2).padStart(8, '0')].map((bit) => (bit === '1' ? '110' : '100')).join('');
}

/** Bytes as the bits they are. */
function bits(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
}

describe('a frame for the strip over SPI', () => {
  it('is, byte for byte, what the data sheet asks for', () => {
    // Red 0xff, green 0x00, blue 0xa5. On the wire green first: eight 0s are 8 × 100 = 1001 0010 0100 1001 0010 0100.
    const green = [0b10010010, 0b01001001, 0b00100100];
    // Eight 1s are 8 × 110 = 1101 1011 0110 1101 1011 0110.
    const red = [0b11011011, 0b01101101, 0b10110110];
    // 1010 0101 is 110 100 110 100 100 110 100 110 = 1101 0011 0100 1001 1010 0110.
    const blue = [0b11010011, 0b01001001, 0b10100110];
    const frame = ws2812SpiFrame(Uint8Array.of(0xff, 0x00, 0xa5), FULL);
    assert.deepEqual([...frame.subarray(0, 10)], [0, ...green, ...red, ...blue]);
    assert.ok(frame.subarray(10).every((byte) => byte === 0));
  });

  it('carries every byte as three bits a bit, whatever the byte', () => {
    for (let byte = 0; byte <= FULL; byte += 1) {
      const frame = ws2812SpiFrame(Uint8Array.of(byte, FULL - byte, byte ^ 0x5a), FULL);
      assert.equal(bits(frame.subarray(1, 10)), wire(FULL - byte) + wire(byte) + wire(byte ^ 0x5a));
    }
  });

  it('has one leading zero byte, 9 bytes an LED, and 280 µs of low at its end', () => {
    const resetBytes = Math.ceil((280e-6 * WS2812_SPI_HZ) / 8);
    assert.equal(resetBytes, 84);
    for (const leds of [0, 1, 11, 256]) {
      assert.equal(ws2812SpiFrame(new Uint8Array(leds * 3), FULL).length, 1 + leds * 9 + resetBytes);
    }
  });

  it('of the longest strip fits into the buffer that spidev has by itself', () => {
    assert.ok(ws2812SpiFrame(new Uint8Array(256 * 3), FULL).length <= 4_096);
  });

  it('keeps within the times of the data sheet', () => {
    const bitNs = 1e9 / WS2812_SPI_HZ;
    const within = (ns: number, nominal: number) => Math.abs(ns - nominal) <= 150;
    assert.ok(within(bitNs, 400) && within(2 * bitNs, 850), 'a 0: high one bit, low two');
    assert.ok(within(2 * bitNs, 800) && within(bitNs, 450), 'a 1: high two bits, low one');
  });

  it('is scaled by the brightness, linearly and rounded', () => {
    // 255 × 50 / 255 = 50; 128 × 50 / 255 = 25.098; 1 × 50 / 255 = 0.196.
    const frame = ws2812SpiFrame(Uint8Array.of(255, 128, 1), 50);
    assert.equal(bits(frame.subarray(1, 10)), wire(25) + wire(50) + wire(0));
    const dark = ws2812SpiFrame(Uint8Array.of(255, 255, 255), 0);
    assert.equal(bits(dark.subarray(1, 10)), wire(0).repeat(3));
  });
});

describe("a frame for the kernel's own driver of the strip", () => {
  it('is red, green, blue and a dark white for each LED, scaled alike', () => {
    assert.deepEqual([...ws2812RgbwFrame(Uint8Array.of(1, 2, 3, 255, 254, 253), FULL)], [1, 2, 3, 0, 255, 254, 253, 0]);
    assert.deepEqual([...ws2812RgbwFrame(Uint8Array.of(255, 128, 1), 50)], [50, 25, 0, 0]);
  });
});
