/** examples/host.toml is documentation: it must mean what the published contract's example means. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { parsed } from './host-toml';

const CONTRACT = `
[polling]
interval_seconds = 5
[sensors.dht22]
gpio_pin = 4
[sensors.bme680]
i2c_address = "0x77"
[leds]
count = 11
brightness = 50
driver = "spi"
[buzzer]
gpio_pin = 17
[fan]
gpio_pin = 27
[logging]
level = "info"
show_sensor_data = true
[limits]
deadline_ms = 5000
load_deadline_ms = 30000
memory_mb = 128
[plugins.dht22]
enabled = true
led = 1
[plugins.pi_monitor]
enabled = true
led = 0
[plugins.bme680]
enabled = true
led = 2
[plugins.dashboard]
enabled = true
[plugins.my_sensor]
enabled = true
led = 3
[plugins.my_sensor.grants]
i2c = ["0x76"]
buzzer = true
[plugins.my_sensor.settings]
threshold = 30
[simulation]
dht22_temperature = { mean = 22, amplitude = 3, period_s = 600, noise = 0.1 }
dht22_humidity = 45
cpu_temperature = 48
bme680_temperature = 23
bme680_humidity = 42
bme680_pressure = 1013.25
bme680_gas_resistance = 120
dht22_failure_rate = 0
seed = 1
[cluster]
enabled = false
node_id = "pi4"
endpoints = ["http://127.0.0.1:2379"]
role = "voter"
[modbus]
`;

const sample = () => readFile(resolve('examples/host.toml'), 'utf8');

describe('the sample host.toml', () => {
  it('means what the contract says, without a warning', async () => {
    const config = parsed(await sample());
    assert.deepEqual(config.warnings, []);
    assert.deepEqual(config, parsed(CONTRACT));
    assert.equal(config.cluster.nodeId, 'pi4');
  });

  it('shows the defaults: without its own plugin, simulation and name it changes nothing', async () => {
    const { polling, sensors, leds, buzzer, fan, logging, defaultLimits, plugins } = parsed(await sample());
    const defaults = parsed('');
    assert.deepEqual(
      { polling, sensors, leds, buzzer, fan, logging, defaultLimits },
      {
        polling: defaults.polling,
        sensors: defaults.sensors,
        leds: defaults.leds,
        buzzer: defaults.buzzer,
        fan: defaults.fan,
        // The one that it shows the other way.
        logging: { ...defaults.logging, showSensorData: true },
        defaultLimits: defaults.defaultLimits,
      },
    );
    for (const [name, plugin] of defaults.plugins) {
      const { table, ...shown } = plugins.get(name) ?? {};
      assert.deepEqual(shown, plugin);
      assert.deepEqual(table, { key: name, hasGrants: false });
    }
  });
});
