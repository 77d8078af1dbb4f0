/**
 * The package node-dht-sensor, for machines without the kernel's overlay, if the user installed it in the Node-RED user
 * directory: it is never a dependency, since it is compiled on the target, needs root (/dev/mem) and does not know the
 * Raspberry Pi 5. Its reads run in libuv's pool.
 *
 * Source: node-dht-sensor's README, "Promise API": `promises.read(22, pin)` gives { temperature, humidity }.
 */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { WasiError } from '../../errors/wasi-error';
import { errnoOf } from '../../platform/errno';
import { possibleDht22 } from '../dht22/dht22-range';
import type { Dht22Measurement } from '../hardware';

export type ReadDht = (pin: number) => Promise<Dht22Measurement>;

const PACKAGE = 'node-dht-sensor';
const DHT22 = 22;

/** Undefined where it is in none of the folders. Throws HARDWARE_MISSING where it is and does not load. */
export function loadNodeDhtSensor(folders: readonly string[]): ReadDht | undefined {
  for (const folder of folders) {
    const load = createRequire(join(folder, 'package.json'));
    try {
      return readerOf(load(PACKAGE));
    } catch (error) {
      if (errnoOf(error) === 'MODULE_NOT_FOUND') continue;
      throw new WasiError(
        'HARDWARE_MISSING',
        `${PACKAGE} in ${folder} does not load (${firstLine(error)}): run \`npm rebuild ${PACKAGE}\` there, or remove it and use the kernel's overlay dht11`,
        { cause: error },
      );
    }
  }
  return undefined;
}

interface PromiseApi {
  read(type: number, pin: number): Promise<unknown>;
}

function readerOf(loaded: unknown): ReadDht {
  if (!hasPromises(loaded)) throw new Error('it has no promises.read, so it is older than 0.4.2');
  return async (pin) => measurementOf(await readOrExplain(loaded.promises, pin));
}

async function readOrExplain(api: PromiseApi, pin: number): Promise<unknown> {
  try {
    return await api.read(DHT22, pin);
  } catch (error) {
    throw new WasiError(
      'HARDWARE_IO',
      `the DHT22 at GPIO ${pin} was not read (${PACKAGE}: ${firstLine(error)}): check its wiring; ${PACKAGE} needs root, the kernel's overlay dht11 does not`,
      { cause: error },
    );
  }
}

function measurementOf(value: unknown): Dht22Measurement {
  if (typeof value === 'object' && value !== null && 'temperature' in value && 'humidity' in value) {
    const { temperature, humidity } = value;
    if (typeof temperature === 'number' && typeof humidity === 'number')
      return possibleDht22({ temperature, humidity });
  }
  throw new WasiError('HARDWARE_IO', `${PACKAGE} gave no temperature and humidity; update it`);
}

function hasPromises(loaded: unknown): loaded is { readonly promises: PromiseApi } {
  if (typeof loaded !== 'object' || loaded === null || !('promises' in loaded)) return false;
  const { promises } = loaded;
  return typeof promises === 'object' && promises !== null && 'read' in promises && typeof promises.read === 'function';
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
