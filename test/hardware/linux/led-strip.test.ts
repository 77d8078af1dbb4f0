/** The strip over a file in the place of /dev/leds0, and over an SPI device whose kernel is a recording. */
import assert from 'node:assert/strict';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { LedSettings } from '../../../src/hardware/hardware';
import { type Kernel, KernelError } from '../../../src/hardware/linux/kernel';
import { LedStripOutput } from '../../../src/hardware/linux/led-strip';
import { SPI_IOC_MESSAGE_1, SpiBus } from '../../../src/hardware/linux/spi-device';
import { ws2812SpiFrame } from '../../../src/leds/ws2812-frame';
import { scratchOf } from './scratch';

const FULL = 255;

function strip(brightness: number, onClose: LedSettings['onClose'] = 'dark'): LedSettings {
  return { count: 2, brightness, driver: 'spi', onClose };
}

interface Sent {
  readonly request: number;
  readonly speedHz: number;
  readonly bytes: Uint8Array;
}

/** Echoes what is sent, and remembers it; fails with `code` where there is one. */
function recordingKernel(code?: string) {
  const sent: Sent[] = [];
  const kernel: Kernel = {
    pointerBytes: 8,
    addressOf: () => 1n,
    ioctl: () => assert.fail('a transfer may sleep'),
    moveFile: () => assert.fail('nothing is moved'),
    ioctlAsync: async (_fd, request, argument, [out, back]) => {
      if (code !== undefined) throw new KernelError(code, 'ioctl');
      const fields = new DataView(argument.buffer);
      assert.equal(fields.getUint32(16, true), out?.length);
      sent.push({ request, speedHz: fields.getUint32(20, true), bytes: Uint8Array.from(out ?? []) });
      back?.set(out ?? []);
      return 0;
    },
  };
  return { sent, bus: (devDir: string) => new SpiBus(0, devDir, () => kernel) };
}

describe('the strip over SPI', () => {
  it('is written in one message at 2.4 MHz, and dark when it is closed', async (t) => {
    const { folder } = await scratchOf(t, { 'spidev0.0': '' });
    const { sent, bus } = recordingKernel();
    const output = new LedStripOutput(folder, bus(folder), strip(50));
    const colors = Uint8Array.of(255, 0, 0, 0, 255, 0);
    await output.write(colors);
    await output.close();
    assert.deepEqual(sent, [
      { request: SPI_IOC_MESSAGE_1, speedHz: 2_400_000, bytes: ws2812SpiFrame(colors, 50) },
      { request: SPI_IOC_MESSAGE_1, speedHz: 2_400_000, bytes: ws2812SpiFrame(new Uint8Array(6), 50) },
    ]);
  });

  it('is dark in the end when it is closed during its first write', async (t) => {
    const { folder } = await scratchOf(t, { 'spidev0.0': '' });
    const { sent, bus } = recordingKernel();
    const output = new LedStripOutput(folder, bus(folder), strip(50));
    const writing = output.write(Uint8Array.of(255, 0, 0, 0, 255, 0));
    await Promise.resolve();
    await output.close();
    await writing;
    assert.deepEqual(sent.at(-1)?.bytes, ws2812SpiFrame(new Uint8Array(6), 50));
  });

  it('that is to keep what it shows is left alone when it is closed', async (t) => {
    const { folder } = await scratchOf(t, { 'spidev0.0': '' });
    const { sent, bus } = recordingKernel();
    const output = new LedStripOutput(folder, bus(folder), strip(50, 'keep'));
    await output.write(Uint8Array.of(255, 0, 0, 0, 255, 0));
    await output.close();
    assert.equal(sent.length, 1);
  });

  it('that was never written is left alone when it is closed', async (t) => {
    const { folder } = await scratchOf(t);
    const { sent, bus } = recordingKernel();
    await new LedStripOutput(folder, bus(folder), strip(50)).close();
    assert.deepEqual(sent, []);
  });

  it('says how SPI is turned on where it is off, and works once it is on', async (t) => {
    const dev = await scratchOf(t);
    const { sent, bus } = recordingKernel();
    const output = new LedStripOutput(dev.folder, bus(dev.folder), strip(FULL));
    await assert.rejects(output.write(new Uint8Array(3)), {
      code: 'HARDWARE_MISSING',
      message: /SPI device 0\.0 is not there.*ENOENT.*do_spi 0.*dtparam=spi=on/,
    });
    await dev.write('spidev0.0', '');
    await output.write(new Uint8Array(3));
    assert.equal(sent.length, 1);
  });

  it("names the kernel's parameter where the frame is longer than its buffer", async (t) => {
    const { folder } = await scratchOf(t, { 'spidev0.0': '' });
    const output = new LedStripOutput(folder, recordingKernel('EMSGSIZE').bus(folder), strip(FULL));
    await assert.rejects(output.write(new Uint8Array(3)), { code: 'HARDWARE_IO', message: /spidev\.bufsiz=8192/ });
  });
});

describe("the strip by the kernel's own driver", () => {
  it('is preferred, written as RGBW, and dark when it is closed', async (t) => {
    const { folder } = await scratchOf(t, { leds0: '', 'spidev0.0': '' });
    const { sent, bus } = recordingKernel();
    const output = new LedStripOutput(folder, bus(folder), strip(FULL));
    assert.equal(await output.hasKernelDriver(), true);
    await output.write(Uint8Array.of(1, 2, 3, 4, 5, 6));
    assert.deepEqual([...(await readFile(join(folder, 'leds0')))], [1, 2, 3, 0, 4, 5, 6, 0]);
    await output.close();
    assert.deepEqual([...(await readFile(join(folder, 'leds0')))], [0, 0, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual(sent, []);
  });
});

describe('a strip of the kernel that is too short', {
  skip: process.platform === 'linux' ? false : 'needs /dev/full',
}, () => {
  it('is said, with the two places that give its length', async (t) => {
    const { folder } = await scratchOf(t);
    // It takes nothing and says ENOSPC, as the driver does past the end of its strip.
    await symlink('/dev/full', join(folder, 'leds0'));
    const output = new LedStripOutput(folder, recordingKernel().bus(folder), strip(FULL));
    await assert.rejects(output.write(new Uint8Array(6)), {
      code: 'HARDWARE_IO',
      message: /leds0 is shorter than the 2 LEDs.*ENOSPC.*num_leds.*\[leds\] count/,
    });
  });
});

describe('a transfer for a plugin over SPI', () => {
  it('gives back as many bytes as went out', async (t) => {
    const { folder } = await scratchOf(t, { 'spidev0.1': '' });
    const { bus } = recordingKernel();
    assert.deepEqual(await bus(folder).transfer(1, Uint8Array.of(1, 2, 3), 1_000_000), Uint8Array.of(1, 2, 3));
  });
});
