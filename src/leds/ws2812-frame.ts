/**
 * A strip of WS2812B LEDs as the bytes that make it show colours. Two ways: over the data line of an SPI bus, whose bits
 * are three to one of the strip's, and as the words that the kernel's own driver takes (dtoverlay=ws2812-pio).
 *
 * Colours come as three bytes (R, G, B) an LED. Brightness 0 to 255 scales them linearly; there is no gamma correction.
 *
 * Source: Worldsemi, WS2812B data sheet, sections "Data transfer time" and "Composition of 24bit data". At 2.4 MHz an SPI
 * bit lasts 0.417 µs. 0 is 100: high for 0.42 µs, low for 0.83 µs (0.4 and 0.85 µs, ± 0.15 µs). 1 is 110: high for 0.83 µs,
 * low for 0.42 µs (0.8 and 0.45 µs). The strip shows what it got after a low of 280 µs, in newer lots; 84 bytes are that.
 */
export const WS2812_SPI_HZ = 2_400_000;

const COLOR_BYTES = 3;
const SPI_BYTES_PER_COLOR_BYTE = 3;
/** The line is low before the first bit, whatever level it rested at. */
const LEADING_ZERO_BYTES = 1;
const RESET_US = 280;
const BITS_PER_BYTE = 8;
const RESET_BYTES = Math.ceil((RESET_US * WS2812_SPI_HZ) / 1_000_000 / BITS_PER_BYTE);
const MAX_BYTE = 255;

/** Green first, each colour's highest bit first. */
export function ws2812SpiFrame(colors: Uint8Array, brightness: number): Uint8Array {
  const colorBytes = Math.floor(colors.length / COLOR_BYTES) * COLOR_BYTES;
  const frame = new Uint8Array(LEADING_ZERO_BYTES + colorBytes * SPI_BYTES_PER_COLOR_BYTE + RESET_BYTES);
  let at = LEADING_ZERO_BYTES;
  for (let led = 0; led < colorBytes; led += COLOR_BYTES) {
    const [red = 0, green = 0, blue = 0] = colors.subarray(led, led + COLOR_BYTES);
    for (const color of [green, red, blue]) {
      frame.set(tripled(scaled(color, brightness)), at);
      at += SPI_BYTES_PER_COLOR_BYTE;
    }
  }
  return frame;
}

/**
 * What /dev/leds0 takes: four bytes (R, G, B, W) an LED, in one write (Raspberry Pi's kernel,
 * drivers/misc/ws2812-pio-rp1.c). White stays dark.
 */
export function ws2812RgbwFrame(colors: Uint8Array, brightness: number): Uint8Array {
  const leds = Math.floor(colors.length / COLOR_BYTES);
  const frame = new Uint8Array(leds * 4);
  for (let led = 0; led < leds; led += 1) {
    const color = colors.subarray(led * COLOR_BYTES, (led + 1) * COLOR_BYTES);
    frame.set(
      color.map((byte) => scaled(byte, brightness)),
      led * 4,
    );
  }
  return frame;
}

function scaled(color: number, brightness: number): number {
  return Math.round((color * brightness) / MAX_BYTE);
}

/** Eight bits as 24: 1 is 110, 0 is 100. */
function tripled(byte: number): Uint8Array {
  let bits = 0;
  for (let bit = BITS_PER_BYTE - 1; bit >= 0; bit -= 1) bits = (bits << 3) | ((byte >> bit) & 1 ? 0b110 : 0b100);
  return Uint8Array.of((bits >> 16) & MAX_BYTE, (bits >> 8) & MAX_BYTE, bits & MAX_BYTE);
}
