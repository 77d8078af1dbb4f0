/**
 * host.toml for four Python plugins of a user, which are the components of bundled plugins and of a counter under other
 * names, with all that they need: they are four different components, as those of a user would be.
 */

/** Name of the plugin → name of its component in `guestsDir`. */
export const OWN_PLUGINS = { room: 'dht22', processor: 'pi_monitor', air: 'bme680', counter: 'counter' };

export const OWN_PLUGINS_TOML = `
[logging]
show_sensor_data = false
[plugins.room]
enabled = true
grants = { gpio = [4], buzzer = true }
[plugins.room.settings]
gpio_pin = 4
alarm_above_c = 30
alarm_dead_band_c = 2
beep_count = 3
beep_ms = 100
beep_interval_ms = 100
[plugins.processor]
enabled = true
grants = { system_info = true, fan = true, buzzer = true }
settings = { cpu_alarm_c = 75, cpu_warn_c = 60, fan_on_c = 60, fan_off_c = 50 }
[plugins.air]
enabled = true
grants = { i2c = ["0x77"], state_store = true }
settings = { i2c_address = "0x77", burn_in_s = 300, humidity_baseline = 40, gas_weight = 75 }
[plugins.counter]
enabled = true
`;
