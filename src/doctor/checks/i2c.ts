/** I²C buses that somebody was granted, and whether the BME680 answers at its address. */

import { dtparamState } from '../boot-config';
import type { DoctorContext } from '../context';
import { type Check, type Finding, missing, ok, skipped, warning } from '../finding';
import { onRaspberryPi } from './board-needs';
import { overlayMend } from './boot-lines';
import { deviceFinding } from './device-file';

const HEADER_BUS = 1;
/** Register 0xD0 of a BME680; 0x58 is a BMP280, 0x60 a BME280, which have no gas sensor. */
const BME680_CHIP_ID = 0x61;
const RELATIVES: Readonly<Record<number, string>> = { 88: 'a BMP280', 96: 'a BME280' };
const RASPI_CONFIG = '/usr/bin/raspi-config';

export function i2cBus(bus: number): Check {
  return {
    id: `i2c-${bus}`,
    group: 'devices',
    title: `I²C bus ${bus}`,
    run: (context) =>
      onRaspberryPi(context, async () => {
        const path = i2cPath(bus);
        const absent = await absentMend(context, bus);
        return deviceFinding(context, { path, group: 'i2c', kernelName: 'i2c-[0-9]*', absent }, path);
      }),
  };
}

async function absentMend(context: DoctorContext, bus: number) {
  const { boot, files } = context;
  if (bus !== HEADER_BUS) return overlayMend(boot, 'absent', [`dtoverlay=i2c${bus}`]);
  const state = boot ? dtparamState(boot, ['i2c_arm', 'i2c']) : 'absent';
  if (state === 'holds')
    return { how: 'config.txt turns it on: load the module', lines: ['sudo modprobe i2c-dev', 'sudo reboot'] };
  if (await files.exists(RASPI_CONFIG))
    return { how: 'turn it on (dtparam=i2c_arm=on in config.txt)', lines: ['sudo raspi-config nonint do_i2c 0'] };
  return overlayMend(boot, state, ['dtparam=i2c_arm=on']);
}

export const bme680: Check = {
  id: 'bme680',
  group: 'devices',
  title: 'BME680',
  run: (context) =>
    onRaspberryPi(context, async ({ bme680: place }) => {
      if (place === undefined) return skipped('no plugin may read it');
      const { files, probes } = context;
      const path = i2cPath(place.bus);
      const at = `0x${place.address.toString(16)} of bus ${place.bus}`;
      const folder = `/sys/bus/i2c/devices/${place.bus}-${place.address.toString(16).padStart(4, '0')}`;
      if (await files.exists(`${folder}/driver`))
        return missing(
          `a driver of the kernel holds ${at}`,
          'take its overlay (such as dtoverlay=i2c-sensor,bme680) out of config.txt and reboot; for now, let it go',
          `echo ${folder.slice(folder.lastIndexOf('/') + 1)} | sudo tee ${folder}/driver/unbind`,
        );
      if (!(await files.exists(path))) return skipped(`${path} is not there`);
      const answer = await probes.chipId(files.real(path), place.address);
      switch (answer.kind) {
        case 'not-asked':
          return skipped(`not asked: ${answer.because}`);
        case 'silent':
          return missing(
            `nothing answers at ${at} (${answer.reason})`,
            'check its four wires; an address of 0x76 or 0x77 depends on its pin SDO; see what is there',
            `sudo apt install i2c-tools && sudo i2cdetect -y ${place.bus}`,
          );
        case 'answered':
          return judgeChip(answer.chipId, at);
      }
    }),
};

function judgeChip(chipId: number, at: string): Finding {
  if (chipId === BME680_CHIP_ID) return ok(`answers at ${at}`);
  const what = RELATIVES[chipId] ?? `something with chip id 0x${chipId.toString(16)}`;
  return warning(
    `at ${at} is ${what}, no BME680`,
    'wire a BME680, or set enabled = false in [plugins.bme680] of host.toml',
  );
}

function i2cPath(bus: number): string {
  return `/dev/i2c-${bus}`;
}
