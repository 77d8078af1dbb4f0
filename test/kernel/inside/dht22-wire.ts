/**
 * The DHT22s on GPIO 4 and 17 (machine/dht22-wire.c): the kernel's own dht11 driver reads them, and decodes what they send
 * on their wire. Both are silent at first.
 */
import { join } from 'node:path';
import { encodeDht22Frame } from '../../../src/hardware/simulated/dht22-sensor';
import { names, write } from './system-files';

const ANSWERS = '/sys/bus/platform/devices/dht22-wire/answers';
const DEVICES = '/sys/bus/platform/devices';
const DRIVER = '/sys/bus/platform/drivers/dht11';

export type Dht22Pin = 4 | 17;

/** As the Pi's firmware names what `dtoverlay=dht11,gpiopin=17` adds: the pin in hexadecimal. */
function deviceName(pin: Dht22Pin): string {
  return `dht11@${pin.toString(16)}`;
}

export const dht22Wire = {
  /** What the sensor measures from now on: °C and % with a tenth. */
  measures(pin: Dht22Pin, temperature: number, humidity: number): void {
    this.sends(pin, encodeDht22Frame({ temperature, humidity }));
  },

  /** Five bytes as they are, the sum too: a wrong one is EIO. Fewer break off: ETIMEDOUT after 1 s. None: silent, the same. */
  sends(pin: Dht22Pin, frame: Uint8Array): void {
    write(ANSWERS, `${pin} ${Buffer.from(frame).toString('hex')}`);
  },

  silent(pin: Dht22Pin): void {
    this.sends(pin, new Uint8Array(0));
  },

  /** The folder of its IIO device, with in_temp_input and in_humidityrelative_input; undefined while it is unplugged. */
  iioDevice(pin: Dht22Pin): string | undefined {
    const folder = join(DEVICES, deviceName(pin));
    const name = names(folder).find((one) => one.startsWith('iio:device'));
    return name && join(folder, name);
  },

  /** The kernel's driver lets go of it, as when the overlay is removed. */
  unplug(pin: Dht22Pin): void {
    if (names(DRIVER).includes(deviceName(pin))) write(join(DRIVER, 'unbind'), deviceName(pin));
  },

  /** A driver bound anew has no value of before in its cache of 2 s. */
  plug(pin: Dht22Pin): void {
    if (!names(DRIVER).includes(deviceName(pin))) write(join(DRIVER, 'bind'), deviceName(pin));
  },
};
