/**
 * A DHT22 at a pin: the kernel's driver by its overlay. The sensor itself is not read: a read takes up to a second, and
 * Node-RED may be at it.
 */

import { overlayState } from '../boot-config';
import type { DoctorContext } from '../context';
import { type Check, missing, ok } from '../finding';
import { onRaspberryPi } from './board-needs';
import { overlayMend } from './boot-lines';

const DEVICES = '/sys/bus/iio/devices';
/** A GPIO in the device tree: phandle, number, flags; 32 bits each, big-endian. */
const GPIO_NUMBER_AT = 4;
/** overlays/README, "dht11". */
const DEFAULTS = { gpiopin: '4' };

export function dht22(pin: number): Check {
  return {
    id: `dht22-gpio${pin}`,
    group: 'devices',
    title: `DHT22 at GPIO${pin}`,
    run: (context) =>
      onRaspberryPi(context, async () => {
        const device = await findDevice(context, pin);
        if (device !== undefined) return ok(`${device}, the kernel's driver`);
        const { boot } = context;
        const state = boot ? overlayState(boot, 'dht11', { gpiopin: String(pin) }, DEFAULTS) : 'absent';
        const { how, lines } = overlayMend(boot, state, [`dtoverlay=dht11,gpiopin=${pin}`]);
        return missing(`the kernel knows no DHT22 at GPIO${pin}`, `${how} (the overlay drives a DHT22, too)`, ...lines);
      }),
  };
}

/** Where the device tree is hidden nobody knows the pin; of one sensor there is no doubt. */
async function findDevice({ files }: DoctorContext, pin: number): Promise<string | undefined> {
  const unsaid: string[] = [];
  for (const device of await files.entries(DEVICES)) {
    if (!(await files.text(`${DEVICES}/${device}/name`))?.startsWith('dht11')) continue;
    const gpios = await files.bytes(`${DEVICES}/${device}/of_node/gpios`);
    if (gpios === undefined || gpios.length < GPIO_NUMBER_AT + 4) unsaid.push(device);
    else if (gpios.readUInt32BE(GPIO_NUMBER_AT) === pin) return device;
  }
  return unsaid.length === 1 ? unsaid[0] : undefined;
}
