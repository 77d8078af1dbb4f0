/** Settings as host.toml's defaults give them, with steady signals; a test names what it wants otherwise. */
import type { HardwareSettings, Signal, SimulationSettings } from '../../src/hardware/hardware';

export function steady(mean: number): Signal {
  return { mean, amplitude: 0, periodS: 600, noise: 0 };
}

export function settingsWith(
  simulation: Partial<SimulationSettings> = {},
  other: Partial<HardwareSettings> = {},
): HardwareSettings {
  return {
    dht22Pin: 4,
    bme680: { bus: 1, address: 0x77 },
    leds: { count: 3, brightness: 50, driver: 'spi' },
    buzzerPin: 17,
    fanPin: 27,
    moduleFolders: [],
    simulation: {
      dht22Temperature: steady(22),
      dht22Humidity: steady(45),
      cpuTemperature: steady(48),
      bme680Temperature: steady(23),
      bme680Humidity: steady(42),
      bme680Pressure: steady(1_013.25),
      bme680GasResistance: steady(120),
      dht22FailureRate: 0,
      seed: 1,
      ...simulation,
    },
    ...other,
  };
}
