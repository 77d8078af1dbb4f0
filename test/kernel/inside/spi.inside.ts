/** The SPI bus as tests of drivers use it. spidev takes a plain write as a transfer. */
import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import { afterEach, describe, it } from 'node:test';
import { spiWire } from './spi-wire';

const DEVICE = '/dev/spidev0.0';
/** A frame of eleven WS2812 LEDs, as long as it is on a strip. */
const FRAME = Uint8Array.from({ length: 184 }, (_, index) => (index * 37) & 0xff);

function send(bytes: Uint8Array): void {
  const fd = openSync(DEVICE, 'r+');
  try {
    assert.equal(writeSync(fd, bytes), bytes.length);
  } finally {
    closeSync(fd);
  }
}

describe('SPI bus 0', () => {
  afterEach(() => spiWire.plug());

  it('shows the bytes of the last transfer, each transfer counted', () => {
    const before = spiWire.transfers();
    send(FRAME);
    assert.deepEqual(spiWire.sent(), FRAME);
    send(Uint8Array.of(0x80, 0x01));
    assert.deepEqual(spiWire.sent(), Uint8Array.of(0x80, 0x01));
    assert.equal(spiWire.transfers() - before, 2);
  });

  it('is gone once unplugged, though somebody has it open, and comes back', () => {
    const fd = openSync(DEVICE, 'r+');
    spiWire.unplug();
    assert.equal(existsSync(DEVICE), false);
    assert.throws(() => writeSync(fd, FRAME), { code: 'ESHUTDOWN' });
    closeSync(fd);
    spiWire.plug();
    send(FRAME);
    assert.deepEqual(spiWire.sent(), FRAME);
  });
});
