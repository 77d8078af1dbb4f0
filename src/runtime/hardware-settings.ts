/** What the devices need of host.toml, and where the user may have installed optional drivers. */
import type { HardwareSettings } from '../hardware/hardware';
import type { HostConfig } from '../host-config/host-config';

export function hardwareSettings(config: HostConfig, userDir: string): HardwareSettings {
  return {
    dht22Pin: config.sensors.dht22.gpioPin,
    bme680: config.sensors.bme680,
    leds: config.leds,
    buzzerPin: config.buzzer.gpioPin,
    fanPin: config.fan.gpioPin,
    moduleFolders: [userDir],
    simulation: config.simulation,
  };
}
