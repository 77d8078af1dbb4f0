/**
 * The lines of host.toml that would grant a plugin one interface, for the message that refuses it. The values are
 * examples of the right form: which address or device a sensor hangs on, only the administrator knows.
 */

/** By the interface's name alone, as it is the same in every version. */
const EXAMPLES: ReadonlyMap<string, readonly string[]> = new Map([
  ['gpio-provider', ['gpio = [4]', 'i2c = ["0x77"]']],
  ['buzzer-controller', ['buzzer = true']],
  ['fan-controller', ['fan = true']],
  ['system-info', ['system_info = true']],
  ['state-store', ['state_store = true']],
  ['i2c', ['i2c = ["0x76"]']],
  ['spi', ['spi = ["0.0"]']],
  ['uart', ['uart = ["/dev/ttyAMA0"]']],
  ['process-image', ['process_image = { read = ["Temp_1"], write = ["Relay_1"] }']],
]);

/** `i2c` or `edge:plugin/i2c@1.0.0`. Empty for an interface that no line of host.toml grants. */
export function grantLines(pluginName: string, interfaceName: string): string {
  const name = interfaceName.replace(/^.*\//, '').replace(/@.*$/, '');
  const table = /^[A-Za-z0-9_-]+$/.test(pluginName) ? pluginName : JSON.stringify(pluginName);
  if (name === 'led-controller') return `[plugins.${table}]\nled = 3`;
  const lines = EXAMPLES.get(name);
  return lines ? [`[plugins.${table}.grants]`, ...lines].join('\n') : '';
}
