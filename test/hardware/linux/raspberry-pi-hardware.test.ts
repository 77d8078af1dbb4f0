/** The Raspberry Pi backend where there is no device at all; with devices it is tested in a real kernel (test/kernel/inside). */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { HardwareSettings } from '../../../src/hardware/hardware';
import type { Kernel } from '../../../src/hardware/linux/kernel';
import { RaspberryPiHardware } from '../../../src/hardware/linux/raspberry-pi-hardware';
import { Notices } from '../../../src/hardware/notices';
import { systemClock } from '../../../src/platform/clock';
import { settingsWith } from '../settings';
import { scratchOf } from './scratch';

/** Nothing is there to call the kernel for. */
const noKernel = (): Kernel => {
  const refuse = (): never => assert.fail('the kernel is called');
  return { pointerBytes: 8, ioctl: refuse, ioctlAsync: refuse, addressOf: refuse, moveFile: refuse };
};

async function emptyMachine(t: TestContext, settings: Partial<HardwareSettings> = {}) {
  const { folder } = await scratchOf(t);
  const said: string[] = [];
  const hardware = new RaspberryPiHardware(settingsWith({}, settings), {
    devDir: folder,
    sysDir: folder,
    moduleFolders: [],
    kernel: noKernel,
    clock: systemClock,
    notices: new Notices(({ level, text }) => said.push(`${level} ${text}`)),
  });
  await hardware.start();
  return { hardware, said };
}

const BYTE = Uint8Array.of(0);

describe('a Raspberry Pi without any device', () => {
  it('opens, says what of host.toml is missing, each once, and closes', async (t) => {
    const { hardware, said } = await emptyMachine(t);
    assert.equal(said.length, 3, said.join('\n'));
    for (const missing of [/no GPIO controller/, /I²C bus 1 is not there.*do_i2c/, /SPI device 0\.0.*do_spi/]) {
      assert.ok(said.some((text) => text.startsWith('warn') && missing.test(text)));
    }
    await assert.rejects(hardware.setFan(true));
    await assert.rejects(hardware.readBme680(1, 0x77));
    await assert.rejects(hardware.writeLeds(new Uint8Array(9)));
    assert.equal(said.length, 3, said.join('\n'));
    await hardware.close();
    await hardware.close();
    assert.equal(said.length, 3, said.join('\n'));
  });

  it('fails each call that needs one with HARDWARE_MISSING, and no other', async (t) => {
    const { hardware } = await emptyMachine(t);
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      readDht22: () => hardware.readDht22(4),
      readBme680: () => hardware.readBme680(1, 0x76),
      i2cTransfer: () => hardware.i2cTransfer(3, 0x20, BYTE, 1),
      spiTransfer: () => hardware.spiTransfer(1, 2, BYTE),
      uartRead: () => hardware.uartRead('/nonexistent/ttyAMA0', 1, 0),
      uartWrite: () => hardware.uartWrite('/nonexistent/ttyAMA0', BYTE),
      uartSetBaud: () => hardware.uartSetBaud('/nonexistent/ttyAMA0', 9_600),
      beep: () => hardware.beep(1, 1, 1),
      setFan: () => hardware.setFan(true),
      fanState: () => hardware.fanState(),
      cpuTemperature: () => hardware.cpuTemperature(),
      processImageNames: () => hardware.processImageNames(),
      processImageRead: () => hardware.processImageRead(),
      processImageWrite: () => hardware.processImageWrite(),
      writeLeds: () => hardware.writeLeds(new Uint8Array(9)),
    };
    for (const [name, call] of Object.entries(calls)) {
      await assert.rejects(call(), { name: 'WasiError', code: 'HARDWARE_MISSING' }, name);
    }
    assert.ok((await hardware.memoryUsage()).totalMb > 0);
    assert.ok((await hardware.uptimeSeconds()) > 0);
    assert.ok((await hardware.cpuUsage()) >= 0);
  });

  it('misses no strip where host.toml has none', async (t) => {
    const { hardware, said } = await emptyMachine(t, {
      leds: { count: 3, brightness: 50, driver: 'none', onClose: 'dark' },
    });
    await hardware.writeLeds(new Uint8Array(9));
    assert.ok(!said.some((text) => text.includes('SPI')));
    await hardware.close();
  });

  it('serves nothing after it was closed', async (t) => {
    const { hardware } = await emptyMachine(t);
    await hardware.close();
    await assert.rejects(hardware.setFan(true), { code: 'RUNTIME_CLOSED' });
    await assert.rejects(hardware.i2cTransfer(1, 0x77, BYTE, 1), { code: 'RUNTIME_CLOSED' });
  });
});
