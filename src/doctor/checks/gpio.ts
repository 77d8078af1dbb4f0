/**
 * The GPIO controller of the header, found without claiming a line: by its name in the device tree, else by its label, from
 * the kernel or from the older /sys/class/gpio. Its number differs between kernels. And whether two things want the same pin.
 */
import { overlayParameter } from '../boot-config';
import { describedMend, deviceLines, type FoundContainer } from '../container';
import type { DoctorContext } from '../context';
import { type Check, type Finding, missing, ok, skipped } from '../finding';
import type { Needs } from '../needs';
import type { SystemFiles } from '../system-files';
import { onRaspberryPi } from './board-needs';
import { deviceFinding } from './device-file';

const CHIPS = '/sys/bus/gpio/devices';
const CHIP = /^gpiochip\d+$/;
const KERNEL_STRIP = '/dev/leds0';
/** The data line of SPI bus 0. */
const MOSI = 10;

export const gpioChip: Check = {
  id: 'gpio',
  group: 'devices',
  title: 'GPIO controller',
  run: (context) =>
    onRaspberryPi(context, async ({ relays }, { gpioLabel, gpioCompatible }) => {
      if (relays.length === 0) return skipped('no plugin may switch the buzzer or the fan');
      const chip = await findChip(context, gpioLabel, gpioCompatible);
      if (chip === undefined && context.container.kind !== 'none') return unnamedChip(context.container, gpioLabel);
      if (chip === undefined)
        return missing(
          `no controller ${gpioLabel} is in ${CHIPS}`,
          'update the kernel',
          'sudo apt update && sudo apt full-upgrade',
        );
      const uses = relays.map(({ name, pin }) => `${name} GPIO${pin}`).join(', ');
      const absent = {
        how: 'the kernel knows it, but it has no device file: start udev anew',
        lines: ['sudo udevadm trigger'],
      };
      const device = { path: `/dev/${chip}`, group: 'gpio', kernelName: 'gpiochip*', absent };
      return deviceFinding(context, device, `${chip} is ${gpioLabel} (${uses})`);
    }),
};

/** Without device tree only the device itself tells its name. */
function unnamedChip(container: FoundContainer, label: string): Finding {
  const { how, lines } = describedMend(
    container,
    'give it to the container (`gpiodetect` on the machine tells its number, which is 4 on a Raspberry Pi 5 with an older kernel)',
    deviceLines(container, '/dev/gpiochip0'),
  );
  return missing(
    `no device file of the controller ${label} is in the container, or its user may not open it`,
    how,
    ...lines,
  );
}

async function findChip(
  { files, probes }: DoctorContext,
  label: string,
  compatible: string,
): Promise<string | undefined> {
  const chips = (await files.entries(CHIPS)).filter((name) => CHIP.test(name));
  for (const chip of chips) {
    const names = (await files.text(`${CHIPS}/${chip}/of_node/compatible`)) ?? '';
    if (names.split('\n').includes(compatible)) return chip;
  }
  return chips.find((chip) => probes.gpioLabel(files.real(`/dev/${chip}`)) === label) ?? findOldChip(files, label);
}

/** Its numbers are those of lines, not of files: which file belongs to it, the folder "device" says. */
async function findOldChip(files: SystemFiles, label: string): Promise<string | undefined> {
  for (const entry of await files.entries('/sys/class/gpio')) {
    if ((await files.text(`/sys/class/gpio/${entry}/label`)) !== label) continue;
    return (await files.entries(`/sys/class/gpio/${entry}/device`)).find((name) => CHIP.test(name));
  }
  return undefined;
}

export const pins: Check = {
  id: 'pins',
  group: 'devices',
  title: 'Pins',
  run: (context) =>
    onRaspberryPi(context, async (needs) => {
      const uses = usesOfPins(needs, await stripPin(context));
      const clash = [...uses].find(([, names]) => names.length > 1);
      if (clash === undefined) return ok([...uses].map(([pin, names]) => `GPIO${pin} ${names.join(', ')}`).join('; '));
      const [pin, names] = clash;
      return missing(
        `GPIO${pin} is wanted by ${names.join(' and ')}`,
        'choose another gpio_pin in host.toml, and move the wire',
      );
    }),
};

/** The kernel's driver has a pin of its own (overlays/README, "ws2812-pio"); undefined where only its overlay knows. */
async function stripPin({ files, boot }: DoctorContext): Promise<number | undefined> {
  if (!(await files.exists(KERNEL_STRIP))) return MOSI;
  const pin = boot && overlayParameter(boot, 'ws2812-pio', 'gpio');
  return pin === undefined ? undefined : Number(pin);
}

/** By BCM number. I²C bus 1 and SPI bus 0 have fixed pins on every header. */
function usesOfPins({ relays, dht22Pins, i2cBuses, strip, spi }: Needs, stripAt: number | undefined) {
  const uses = new Map<number, string[]>();
  const use = (pin: number, name: string) => uses.set(pin, [...(uses.get(pin) ?? []), name]);
  for (const pin of dht22Pins) use(pin, 'DHT22');
  if (i2cBuses.includes(1)) {
    use(2, 'I²C data');
    use(3, 'I²C clock');
  }
  if (strip && stripAt !== undefined) use(stripAt, 'LED strip');
  if (spi.some(({ bus }) => bus === 0)) use(MOSI, 'SPI data');
  for (const { name, pin } of relays) use(pin, name);
  return new Map([...uses].sort(([a], [b]) => a - b));
}
