/**
 * DHT22 sensors of the kernel's own driver (dtoverlay=dht11, drivers/iio/humidity/dht11.c, which knows both), in sysfs:
 * in_temp_input in m°C, in_humidityrelative_input in thousandths of a percent. The first file measures, the second gives
 * what the same measurement gave. A read takes up to 1 s in the kernel and runs in libuv's pool.
 *
 * Rejects with HARDWARE_IO: a failed checksum (EIO), or no or too few answers (ETIMEDOUT).
 */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WasiError } from '../../errors/wasi-error';
import { errnoOf } from '../../platform/errno';
import { possibleDht22 } from '../dht22/dht22-range';
import type { Dht22Measurement } from '../hardware';

const STEPS_PER_UNIT = 1_000;
/** A GPIO in the device tree: phandle, number, flags; 32 bits each, big-endian. */
const GPIO_NUMBER_AT = 4;

/** The folder of the sensor at this pin, or undefined where the kernel knows none. */
export async function findIioDht(sysDir: string, pin: number): Promise<string | undefined> {
  const devices = join(sysDir, 'bus', 'iio', 'devices');
  const unsaid: string[] = [];
  for (const entry of (await readdir(devices).catch(absent([]))).sort()) {
    const folder = join(devices, entry);
    const name = await readFile(join(folder, 'name'), 'utf8').catch(absent(''));
    if (!name.startsWith('dht11')) continue;
    const itsPin = await pinOf(folder);
    if (itsPin === pin) return folder;
    if (itsPin === undefined) unsaid.push(folder);
  }
  // Where the device tree is hidden nobody knows the pin; of one sensor there is no doubt.
  return unsaid.length === 1 ? unsaid[0] : undefined;
}

export async function readIioDht(folder: string, pin: number): Promise<Dht22Measurement> {
  try {
    const temperature = await milli(join(folder, 'in_temp_input'));
    const humidity = await milli(join(folder, 'in_humidityrelative_input'));
    return possibleDht22({ temperature, humidity });
  } catch (error) {
    throw explained(error, folder, pin);
  }
}

async function pinOf(folder: string): Promise<number | undefined> {
  const gpios = await readFile(join(folder, 'of_node', 'gpios')).catch(absent(Buffer.alloc(0)));
  return gpios.length >= GPIO_NUMBER_AT + 4 ? gpios.readUInt32BE(GPIO_NUMBER_AT) : undefined;
}

async function milli(file: string): Promise<number> {
  const text = (await readFile(file, 'utf8')).trim();
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) throw new WasiError('HARDWARE_IO', `${file} says "${text}", no number`);
  return value / STEPS_PER_UNIT;
}

function explained(error: unknown, folder: string, pin: number): WasiError {
  if (error instanceof WasiError) return error;
  const sensor = `the DHT22 at GPIO ${pin}`;
  switch (errnoOf(error)) {
    case 'EIO':
      return new WasiError(
        'HARDWARE_IO',
        `${sensor} sent a measurement with a wrong checksum (EIO); it is read again`,
        {
          cause: error,
        },
      );
    case 'ETIMEDOUT':
      return new WasiError(
        'HARDWARE_IO',
        `${sensor} did not answer, or not to the end (ETIMEDOUT): check its supply, its data wire and the pull-up of 4.7 to 10 kΩ`,
        { cause: error },
      );
    case 'ENOENT':
    case 'ENODEV':
      return new WasiError('HARDWARE_MISSING', `${sensor} is gone: its overlay was removed (${folder})`, {
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
      return new WasiError('HARDWARE_PERMISSION', `${folder} may not be read: let this service see /sys`, {
        cause: error,
      });
    default:
      return new WasiError('HARDWARE_IO', `${sensor} could not be read (${String(error)})`, { cause: error });
  }
}

/** A file or folder that is not there, or is hidden, is as if empty; anything else is passed on. */
function absent<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ENODEV'].includes(errnoOf(error) ?? '')) return otherwise;
    throw error;
  };
}
