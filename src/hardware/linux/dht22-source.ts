/**
 * One DHT22 measurement at a pin, by whatever this machine has: the kernel's driver first, else node-dht-sensor if the user
 * installed it. Both are looked for at each read, since an overlay may be loaded meanwhile.
 */
import { WasiError } from '../../errors/wasi-error';
import type { Dht22Measurement } from '../hardware';
import { findIioDht, readIioDht } from './iio-dht';
import { loadNodeDhtSensor } from './node-dht-sensor';

export interface Dht22Places {
  readonly sysDir: string;
  /** Where the user may have installed node-dht-sensor. */
  readonly moduleFolders: readonly string[];
}

/** Rejects with HARDWARE_MISSING, naming the line of config.txt that is wanted. */
export async function readDht22Once(pin: number, { sysDir, moduleFolders }: Dht22Places): Promise<Dht22Measurement> {
  const folder = await findIioDht(sysDir, pin);
  if (folder !== undefined) return readIioDht(folder, pin);
  const read = loadNodeDhtSensor(moduleFolders);
  if (read) return read(pin);
  throw new WasiError(
    'HARDWARE_MISSING',
    `the kernel knows no DHT22 at GPIO ${pin}: add dtoverlay=dht11,gpiopin=${pin} to /boot/firmware/config.txt and reboot (the overlay dht11 drives a DHT22, too)`,
  );
}
