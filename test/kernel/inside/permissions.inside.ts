/** The Raspberry Pi backend under a user who is in none of the groups that the devices belong to. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pty } from '../../hardware/linux/pty';
import { GpioSim } from './gpio-sim';
import { WIRE_BUS } from './i2c-wire';
import { openPi } from './pi';

const NOBODY = 65_534;

async function asNobody(work: () => Promise<void>): Promise<void> {
  process.setgroups?.([]);
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

function refused(group: string, what: RegExp) {
  const advice = `sudo usermod -aG ${group} .*SupplementaryGroups=dialout i2c gpio spi`;
  return { code: 'HARDWARE_PERMISSION', message: new RegExp(`${what.source}.*EACCES.*${advice}`) };
}

describe('a user without the groups of the devices', () => {
  it('is told once which group each device needs, and what needs none works', async (t) => {
    const chip = new GpioSim('pinctrl-bcm2711', 58);
    const pty = new Pty();
    t.after(() => {
      chip.unplug();
      pty.hangUp();
    });
    await asNobody(async () => {
      const { hardware, said } = await openPi();
      await assert.rejects(hardware.setFan(true), refused('gpio', /GPIO controller/));
      await assert.rejects(hardware.beep(1, 1, 1), refused('gpio', /GPIO controller/));
      await assert.rejects(hardware.i2cTransfer(WIRE_BUS, 0x77, Uint8Array.of(0), 1), refused('i2c', /I²C bus 1/));
      await assert.rejects(hardware.readBme680(WIRE_BUS, 0x77), refused('i2c', /I²C bus 1/));
      await assert.rejects(hardware.uartRead(pty.port, 1, 0), refused('dialout', /serial port/));
      assert.ok((await hardware.memoryUsage()).totalMb > 0);
      for (const group of ['gpio', 'i2c', 'dialout']) {
        assert.equal(said.filter((text) => text.includes(`usermod -aG ${group}`)).length, 1, said.join('\n'));
      }
      await hardware.close();
    });
  });
});
