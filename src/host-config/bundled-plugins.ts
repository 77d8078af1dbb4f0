/**
 * The four plugins that come with the package: their order in a cycle, the LED each has unless told otherwise, and what
 * their tables imply: the grants they run under (an explicit grants table replaces them) and the settings they read
 * (a settings table overrides them one by one).
 */
import type { Devices } from './device-tables';
import { NO_GRANTS } from './grants-table';
import type { Grants } from './host-config';

export interface BundledPlugin {
  readonly led?: number;
  readonly grants: Grants;
  readonly settings: Readonly<Record<string, string>>;
}

/** In the order of a cycle. */
export function bundledPlugins({ sensors }: Devices): ReadonlyMap<string, BundledPlugin> {
  return new Map<string, BundledPlugin>([
    [
      'dht22',
      {
        led: 1,
        grants: { ...NO_GRANTS, gpio: [sensors.dht22.gpioPin], buzzer: true },
        settings: {
          gpio_pin: String(sensors.dht22.gpioPin),
          alarm_above_c: '30',
          alarm_dead_band_c: '2',
          beep_count: '3',
          beep_ms: '100',
          beep_interval_ms: '100',
        },
      },
    ],
    [
      'bme680',
      {
        led: 2,
        grants: { ...NO_GRANTS, i2c: [{ bus: sensors.bme680.bus, address: sensors.bme680.address }], stateStore: true },
        settings: {
          i2c_address: `0x${sensors.bme680.address.toString(16)}`,
          burn_in_s: '300',
          humidity_baseline: '40',
          gas_weight: '75',
        },
      },
    ],
    [
      'pi_monitor',
      {
        led: 0,
        grants: { ...NO_GRANTS, systemInfo: true, fan: true, buzzer: true },
        settings: { cpu_alarm_c: '75', cpu_warn_c: '60', fan_on_c: '60', fan_off_c: '50' },
      },
    ],
    ['dashboard', { grants: NO_GRANTS, settings: {} }],
  ]);
}
