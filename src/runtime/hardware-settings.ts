/** What the devices need of host.toml, and where the user may have installed optional drivers. */
import type { HardwareSettings } from '../hardware/hardware';
import type { HostConfig } from '../host-config/host-config';

export function hardwareSettings(config: HostConfig, userDir: string): HardwareSettings {
  return {
    dht22Pin: config.sensors.dht22.gpioPin,
    // Without its offsets: they do not concern the devices, which would be opened anew for others.
    bme680: { bus: config.sensors.bme680.bus, address: config.sensors.bme680.address },
    leds: config.leds,
    buzzerPin: config.buzzer.gpioPin,
    fanPin: config.fan.gpioPin,
    moduleFolders: [userDir],
    simulation: config.simulation,
  };
}
