/** The tables about devices: [sensors.*], [leds], [buzzer] and [fan], with their defaults and ranges. */
import type { SensorOffsets } from '../hardware/hardware';
import type { HostConfig } from './host-config';
import type { TableReader } from './table-reader';

/** BCM numbers on the header of a Raspberry Pi. */
export const MAX_GPIO = 27;
/** Buses are counted in a byte by the interfaces that plugins import. */
export const MAX_BUS = 255;
/** Plugins name LEDs by a byte. */
const MAX_LEDS = 256;

/** No board warms a sensor by more; what is beyond is a typing error. */
const MAX_TEMPERATURE_OFFSET_C = 20;
const MAX_HUMIDITY_OFFSET_PERCENT = 50;

const LED_DRIVERS: readonly HostConfig['leds']['driver'][] = ['spi', 'none'];
const LEDS_ON_CLOSE: readonly HostConfig['leds']['onClose'][] = ['dark', 'keep'];

export type Devices = Pick<HostConfig, 'sensors' | 'leds' | 'buzzer' | 'fan'>;

export function readDevices(root: TableReader): Devices {
  const sensors = root.table('sensors');
  const leds = root.table('leds');
  return {
    sensors: { dht22: readDht22(sensors.table('dht22')), bme680: readBme680(sensors.table('bme680')) },
    leds: {
      count: leds.whole('count', { min: 0, max: MAX_LEDS, fallback: 11 }),
      brightness: leds.whole('brightness', { min: 0, max: 255, fallback: 50 }),
      driver: leds.oneOf('driver', LED_DRIVERS, 'spi'),
      onClose: leds.oneOf('on_close', LEDS_ON_CLOSE, 'dark'),
    },
    buzzer: { gpioPin: gpioPin(root.table('buzzer'), 17) },
    fan: { gpioPin: gpioPin(root.table('fan'), 27) },
  };
}

function gpioPin(table: TableReader, fallback: number): number {
  return table.whole('gpio_pin', { min: 0, max: MAX_GPIO, fallback });
}

function readDht22(table: TableReader): HostConfig['sensors']['dht22'] {
  return { gpioPin: gpioPin(table, 4), offsets: readOffsets(table) };
}

function readBme680(table: TableReader): HostConfig['sensors']['bme680'] {
  const address = table.text('i2c_address', {
    pattern: /^0x7[67]$/i,
    expected: '"0x76" or "0x77", in quotes',
    fallback: '0x77',
  });
  const bus = table.whole('bus', { min: 0, max: MAX_BUS, fallback: 1 });
  return { bus, address: Number(address), offsets: readOffsets(table) };
}

function readOffsets(table: TableReader): SensorOffsets {
  return {
    temperature: offset(table, 'temperature_offset', MAX_TEMPERATURE_OFFSET_C),
    humidity: offset(table, 'humidity_offset', MAX_HUMIDITY_OFFSET_PERCENT),
  };
}

function offset(table: TableReader, key: string, limit: number): number {
  return table.number(key, { min: -limit, max: limit, fallback: 0 });
}
