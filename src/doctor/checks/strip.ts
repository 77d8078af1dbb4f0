/**
 * The LED strip: SPI bus 0 (data on GPIO10), or on a Raspberry Pi 5 the kernel's own driver (/dev/leds0). And what makes
 * it flicker: a core clock that changes under it, and a driver buffer shorter than a frame.
 */
import { dtparamState, settingState } from '../boot-config';
import type { DoctorContext } from '../context';
import { type Check, missing, ok, skipped, warning } from '../finding';
import { onRaspberryPi } from './board-needs';
import { addToBootConfig, overlayMend } from './boot-lines';
import { deviceFinding } from './device-file';

const STRIP_DEVICE = '/dev/spidev0.0';
const KERNEL_STRIP = '/dev/leds0';
const RASPI_CONFIG = '/usr/bin/raspi-config';
/** Three SPI bits a bit, a leading zero byte, and zeros for the reset. */
const BYTES_PER_LED = 9;
const BYTES_AROUND = 85;

export const strip: Check = {
  id: 'strip',
  group: 'devices',
  title: 'LED strip',
  run: (context) =>
    onRaspberryPi(context, async (needs) => {
      if (needs.strip === undefined) return skipped('host.toml has no strip, or nobody may change it');
      if (await context.files.exists(KERNEL_STRIP)) {
        const absent = { how: 'load its overlay again', lines: ['sudo reboot'] };
        const device = { path: KERNEL_STRIP, group: 'gpio', kernelName: 'leds[0-9]*', absent };
        return deviceFinding(context, device, `${KERNEL_STRIP}, the kernel's driver`);
      }
      const tooShort = await bufferTooShort(context, needs.strip.count);
      if (tooShort) return tooShort;
      return deviceFinding(context, await spiDevice(context, 0, 0), `${STRIP_DEVICE}, data on GPIO10 (pin 19)`);
    }),
};

export function spi(bus: number, chipSelect: number): Check {
  const name = `${bus}.${chipSelect}`;
  return {
    id: `spi-${name}`,
    group: 'devices',
    title: `SPI device ${name}`,
    run: (context) =>
      onRaspberryPi(context, async () => {
        const device = await spiDevice(context, bus, chipSelect);
        return deviceFinding(context, device, device.path);
      }),
  };
}

async function spiDevice(context: DoctorContext, bus: number, chipSelect: number) {
  const path = `/dev/spidev${bus}.${chipSelect}`;
  return { path, group: 'spi', kernelName: 'spidev*', absent: await absentMend(context, bus, chipSelect) };
}

async function absentMend({ boot, files }: DoctorContext, bus: number, chipSelect: number) {
  if (bus !== 0) return overlayMend(boot, 'absent', [`dtoverlay=spi${bus}-${chipSelect + 1}cs`]);
  const state = boot ? dtparamState(boot, ['spi']) : 'absent';
  if (state !== 'holds' && (await files.exists(RASPI_CONFIG)))
    return { how: 'turn it on (dtparam=spi=on in config.txt)', lines: ['sudo raspi-config nonint do_spi 0'] };
  return overlayMend(boot, state, ['dtparam=spi=on']);
}

async function bufferTooShort({ files }: DoctorContext, count: number) {
  const bufsiz = Number(await files.text('/sys/module/spidev/parameters/bufsiz'));
  const needed = BYTES_AROUND + count * BYTES_PER_LED;
  if (!(bufsiz > 0) || bufsiz >= needed) return undefined;
  return missing(
    `spidev takes ${bufsiz} bytes at once, but ${count} LEDs are ${needed}`,
    'lengthen its buffer on the one line of cmdline.txt and reboot',
    "sudo sed -i '1 s/$/ spidev.bufsiz=8192/' /boot/firmware/cmdline.txt && sudo reboot",
  );
}

export const coreClock: Check = {
  id: 'core-clock',
  group: 'devices',
  title: 'Core clock',
  run: (context) =>
    onRaspberryPi(context, async (needs, { clockLines }) => {
      if (needs.strip === undefined) return skipped('only an LED strip minds');
      if (clockLines.length === 0) return ok('the SPI clock of this board does not depend on it');
      const { boot } = context;
      if (boot === undefined) return skipped('there is no config.txt');
      const lines = clockLines.map(([key, value]) => `${key}=${value}`);
      if (clockLines.every(([key, value]) => settingState(boot, key, value) === 'holds')) return ok(lines.join(', '));
      const mend = addToBootConfig(boot, lines);
      return warning('it changes with the load, and the SPI clock with it: LEDs may flicker', mend.how, ...mend.lines);
    }),
};
