/** What host.toml asks of the machine: the devices of all enabled plugins' grants, and of the strip. */
import type { HostConfig, I2cAddress, SpiDevice } from '../host-config/host-config';

export interface Needs {
  /** BCM numbers of the relays that somebody may switch. */
  readonly relays: readonly { readonly name: 'buzzer' | 'fan'; readonly pin: number }[];
  readonly dht22Pins: readonly number[];
  readonly i2cBuses: readonly number[];
  /** Where the bundled plugin, or one that was granted its address, looks for the BME680. */
  readonly bme680: I2cAddress | undefined;
  /** Undefined: there is none, or nobody may change its LEDs. */
  readonly strip: { readonly count: number } | undefined;
  readonly spi: readonly SpiDevice[];
  readonly serialPorts: readonly string[];
  readonly systemInfo: boolean;
  readonly processImage: boolean;
}

export function needsOf({ sensors, leds, buzzer, fan, plugins }: HostConfig): Needs {
  const enabled = [...plugins.values()].filter((plugin) => plugin.enabled);
  const grants = enabled.map((plugin) => plugin.grants);
  const i2c = grants.flatMap((grant) => grant.i2c);
  const { bme680 } = sensors;
  const hasStrip = leds.driver === 'spi' && leds.count > 0 && enabled.some((plugin) => plugin.leds.length > 0);
  return {
    relays: [
      ...(grants.some((grant) => grant.buzzer) ? [{ name: 'buzzer' as const, pin: buzzer.gpioPin }] : []),
      ...(grants.some((grant) => grant.fan) ? [{ name: 'fan' as const, pin: fan.gpioPin }] : []),
    ],
    dht22Pins: [...new Set(grants.flatMap((grant) => grant.gpio))],
    i2cBuses: [...new Set(i2c.map(({ bus }) => bus))].sort((a, b) => a - b),
    bme680: i2c.some(({ bus, address }) => bus === bme680.bus && address === bme680.address) ? bme680 : undefined,
    strip: hasStrip ? { count: leds.count } : undefined,
    spi: grants.flatMap((grant) => grant.spi),
    serialPorts: [...new Set(grants.flatMap((grant) => grant.uart))],
    systemInfo: grants.some((grant) => grant.systemInfo),
    processImage: grants.some(({ processImage }) => processImage.read.length + processImage.write.length > 0),
  };
}
