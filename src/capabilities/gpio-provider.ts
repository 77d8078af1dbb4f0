/** `gpio-provider`: the two sensors by their drivers, the clock, the processor's temperature. Pins and addresses are checked at each call. */
import type * as Wit from '../../build/wit-types/interfaces/edge-plugin-gpio-provider';
import { EXAMPLE, gpioLine, i2cLine, i2cText } from '../host-config/written-grants';
import type { CapabilityContext } from './capability-context';
import { deniedText, orDefault, orErrorText, ResultFailure } from './host-failure';

/** Where a BME680 is looked for unless its grant says otherwise. */
const HEADER_BUS = 1;

export function gpioProvider(context: CapabilityContext): typeof Wit {
  const { grants } = context.data;
  const { used } = context.refused;
  return {
    readDht22(pin) {
      if (!grants.gpio.includes(pin)) {
        const line = gpioLine([...grants.gpio, pin]);
        throw new ResultFailure(deniedText(context, { kind: 'gpio', what: `GPIO ${pin}`, line }));
      }
      const { temperature, humidity } = orErrorText(() => context.devices.call('readDht22', pin));
      return [temperature, humidity];
    },
    readBme680(address) {
      const granted = grants.i2c.find((entry) => entry.address === address);
      if (!granted) {
        const asked = { bus: HEADER_BUS, address };
        const line = i2cLine([...used.without(EXAMPLE.i2c, grants.i2c, i2cText), asked]);
        throw new ResultFailure(deniedText(context, { kind: 'i2c', what: `I²C address ${i2cText(asked)}`, line }));
      }
      used.note(i2cText(granted));
      const measured = orErrorText(() => context.devices.call('readBme680', granted.bus, address));
      return [measured.temperature, measured.humidity, measured.pressure, measured.gasResistance];
    },
    getTimestampMs: () => BigInt(Date.now()),
    getCpuTemp: () => orDefault(context, Number.NaN, () => context.devices.call('cpuTemperature')),
  };
}
