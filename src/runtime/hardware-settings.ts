/** What the devices need of host.toml. */
import type { HardwareSettings } from '../hardware/hardware';
import type { HostConfig } from '../host-config/host-config';

export function hardwareSettings(config: HostConfig): HardwareSettings {
  return {
    dht22Pin: config.sensors.dht22.gpioPin,
    bme680: config.sensors.bme680,
    leds: config.leds,
    buzzerPin: config.buzzer.gpioPin,
    fanPin: config.fan.gpioPin,
    simulation: config.simulation,
  };
}
