/** The backend under test on the devices of the tests' kernel, and what it has to say for the log. */
import type { TestContext } from 'node:test';
import type { HardwareSettings } from '../../../src/hardware/hardware';
import { loadKernel } from '../../../src/hardware/linux/kernel';
import { RaspberryPiHardware } from '../../../src/hardware/linux/raspberry-pi-hardware';
import { Notices } from '../../../src/hardware/notices';
import { systemClock } from '../../../src/platform/clock';
import { settingsWith } from '../../hardware/settings';

export interface Pi {
  readonly hardware: RaspberryPiHardware;
  /** Texts for the log so far. */
  readonly said: readonly string[];
}

export async function openPi(settings: Partial<HardwareSettings> = {}): Promise<Pi> {
  const said: string[] = [];
  const hardware = new RaspberryPiHardware(settingsWith({}, settings), {
    devDir: '/dev',
    sysDir: '/sys',
    moduleFolders: [],
    kernel: loadKernel,
    clock: systemClock,
    notices: new Notices(({ text }) => said.push(text)),
  });
  await hardware.start();
  return { hardware, said };
}

/** Closed with the test. */
export async function piOf(t: TestContext, settings: Partial<HardwareSettings> = {}): Promise<Pi> {
  const pi = await openPi(settings);
  t.after(() => pi.hardware.close());
  return pi;
}
