/** [plugins.X.grants]: what a plugin may reach. Nothing that is not written here is granted. */
import { MAX_BUS, MAX_GPIO } from './device-tables';
import type { Grants, I2cAddress, SpiDevice } from './host-config';
import type { TableReader } from './table-reader';

export const NO_GRANTS: Grants = {
  gpio: [],
  i2c: [],
  buzzer: false,
  fan: false,
  systemInfo: false,
  stateStore: false,
  spi: [],
  uart: [],
  processImage: { read: [], write: [] },
};

/** Addresses below and above are reserved by the I²C specification (UM10204, table 4). */
const MIN_I2C_ADDRESS = 0x03;
const MAX_I2C_ADDRESS = 0x77;
/** Header pins 3 and 5; what an address without a bus means. */
const HEADER_BUS = 1;

export function readGrants(table: TableReader): Grants {
  const image = table.table('process_image');
  return {
    gpio: table.list('gpio', `a BCM number from 0 to ${MAX_GPIO}`, gpioNumber),
    i2c: table.list('i2c', 'an address from "0x03" to "0x77", or with its bus, such as "0:0x3c"', i2cAddress),
    buzzer: table.yesOrNo('buzzer', false),
    fan: table.yesOrNo('fan', false),
    systemInfo: table.yesOrNo('system_info', false),
    stateStore: table.yesOrNo('state_store', false),
    spi: table.list('spi', 'a bus and a chip select, such as "0.0"', spiDevice),
    uart: table.list('uart', 'a path below /dev, such as "/dev/ttyAMA0"', devicePath),
    processImage: {
      read: image.list('read', 'the name of a variable, such as "Temp_1"', variableName),
      write: image.list('write', 'the name of a variable, such as "Relay_1"', variableName),
    },
  };
}

function gpioNumber(found: unknown): number | undefined {
  return typeof found === 'number' && Number.isInteger(found) && found >= 0 && found <= MAX_GPIO ? found : undefined;
}

function i2cAddress(found: unknown): I2cAddress | undefined {
  const parts = typeof found === 'string' ? /^(?:(\d{1,3}):)?(0x[0-9a-f]{1,2})$/i.exec(found) : null;
  if (!parts) return undefined;
  const bus = Number(parts[1] ?? HEADER_BUS);
  const address = Number(parts[2]);
  const inRange = bus <= MAX_BUS && address >= MIN_I2C_ADDRESS && address <= MAX_I2C_ADDRESS;
  return inRange ? { bus, address } : undefined;
}

function spiDevice(found: unknown): SpiDevice | undefined {
  const parts = typeof found === 'string' ? /^(\d{1,3})\.(\d{1,3})$/.exec(found) : null;
  if (!parts) return undefined;
  const bus = Number(parts[1]);
  const chipSelect = Number(parts[2]);
  return bus <= MAX_BUS && chipSelect <= MAX_BUS ? { bus, chipSelect } : undefined;
}

/** Nothing that leads out of /dev again; links such as /dev/serial/by-id/… are the administrator's own choice. */
function devicePath(found: unknown): string | undefined {
  if (typeof found !== 'string' || !/^\/dev(?:\/[A-Za-z0-9._:+@-]+)+$/.test(found)) return undefined;
  return found.split('/').some((part) => part === '.' || part === '..') ? undefined : found;
}

function variableName(found: unknown): string | undefined {
  return typeof found === 'string' && /^[^\s\p{Cc}]{1,64}$/u.test(found) ? found : undefined;
}
