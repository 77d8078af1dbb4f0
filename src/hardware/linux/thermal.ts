/**
 * The processor's temperature from the kernel's thermal zones (Documentation/driver-api/thermal/sysfs-api.rst): the zone of
 * type "cpu-thermal" as on every Raspberry Pi, else the first. m°C in the file, °C here.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WasiError } from '../../errors/wasi-error';

const CPU_ZONE = 'cpu-thermal';
const STEPS_PER_C = 1_000;

/** Rejects with HARDWARE_MISSING where there is no zone, HARDWARE_IO where it does not say a number. */
export async function readCpuTemperature(sysDir: string): Promise<number> {
  const file = join(await cpuZone(join(sysDir, 'class', 'thermal')), 'temp');
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new WasiError('HARDWARE_IO', `the processor's temperature could not be read (${String(error)})`, {
      cause: error,
    });
  }
  const milli = Number(text);
  if (text === '' || !Number.isFinite(milli)) throw new WasiError('HARDWARE_IO', `${file} says "${text}", no number`);
  return milli / STEPS_PER_C;
}

async function cpuZone(folder: string): Promise<string> {
  const zones = (await readdir(folder).catch(() => []))
    .filter((entry) => /^thermal_zone\d+$/.test(entry))
    .sort((a, b) => zoneNumber(a) - zoneNumber(b));
  for (const zone of zones) {
    const type = await readFile(join(folder, zone, 'type'), 'utf8').catch(() => '');
    if (type.trim() === CPU_ZONE) return join(folder, zone);
  }
  const [first] = zones;
  if (first !== undefined) return join(folder, first);
  throw new WasiError(
    'HARDWARE_MISSING',
    `this machine has no thermal zone (${folder}), so its processor's temperature is unknown; in a container, let it see /sys`,
  );
}

function zoneNumber(zone: string): number {
  return Number(zone.replace('thermal_zone', ''));
}
