/** The strip of the Raspberry Pi backend, and a plugin's transfers, on a real SPI bus whose input is wired to its output. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { ws2812SpiFrame } from '../../../src/leds/ws2812-frame';
import { openPi, piOf } from './pi';
import { spiWire } from './spi-wire';

const BRIGHTNESS = 50;
const LEDS = 3;
const COLORS = Uint8Array.of(255, 0, 0, 0, 128, 0, 1, 2, 3);

afterEach(() => spiWire.plug());

describe('the strip on SPI bus 0', () => {
  it('gets a frame in one transfer, and is dark once the backend is closed', async () => {
    const { hardware, said } = await openPi();
    const before = spiWire.transfers();
    await hardware.writeLeds(COLORS);
    assert.deepEqual(spiWire.sent(), ws2812SpiFrame(COLORS, BRIGHTNESS));
    assert.equal(spiWire.transfers() - before, 1);
    await hardware.close();
    assert.deepEqual(spiWire.sent(), ws2812SpiFrame(new Uint8Array(LEDS * 3), BRIGHTNESS));
    assert.deepEqual(
      said.filter((text) => /SPI|LED/.test(text)),
      [],
    );
  });

  it('is missing while the bus is unplugged, says how it is turned on, and works when it is back', async (t) => {
    const { hardware, said } = await piOf(t);
    await hardware.writeLeds(COLORS);
    spiWire.unplug();
    const missing = {
      code: 'HARDWARE_MISSING',
      message: /SPI device 0\.0 is not there \(\/dev\/spidev0\.0, ENOENT\).*do_spi/,
    };
    await assert.rejects(hardware.writeLeds(COLORS), missing);
    await assert.rejects(hardware.writeLeds(COLORS), missing);
    assert.equal(said.filter((text) => missing.message.test(text)).length, 1);
    spiWire.plug();
    await hardware.writeLeds(COLORS);
    assert.ok(said.includes('the LED strip: works again'));
  });

  it('of another length than that of host.toml is refused', async (t) => {
    const { hardware } = await piOf(t);
    await assert.rejects(hardware.writeLeds(new Uint8Array(6)), { code: 'HARDWARE_IO', message: /has 3 LEDs.*for 2/ });
  });
});

describe("a plugin's transfer over SPI", () => {
  it('gives back what its device says meanwhile, up to the buffer of the kernel', async (t) => {
    const { hardware } = await piOf(t);
    const data = Uint8Array.from({ length: 4_096 }, (_, at) => at * 7);
    assert.deepEqual(await hardware.spiTransfer(0, 0, data), data);
    assert.deepEqual(await hardware.spiTransfer(0, 0, new Uint8Array(0)), new Uint8Array(0));
  });

  it('that is longer than the buffer of the kernel names the parameter that makes it larger', async (t) => {
    const { hardware } = await piOf(t);
    await assert.rejects(hardware.spiTransfer(0, 0, new Uint8Array(4_097)), {
      code: 'HARDWARE_IO',
      message: /4097 bytes are more than SPI device 0\.0 takes.*spidev\.bufsiz=8192/,
    });
  });

  it('to a device that is absent names its overlay', async (t) => {
    const { hardware } = await piOf(t);
    await assert.rejects(hardware.spiTransfer(1, 0, Uint8Array.of(1)), {
      code: 'HARDWARE_MISSING',
      message: /dtoverlay=spi1-1cs/,
    });
  });
});
