/** Lines of host.toml that turn bundled plugins off. Those that are on are started with a runtime, also where nobody polls them. */
const BUNDLED = ['dht22', 'bme680', 'pi_monitor', 'dashboard'];

/** All but those named are off. */
export function onlyBundled(...names: readonly string[]): string {
  const off = BUNDLED.filter((name) => !names.includes(name));
  return off.map((name) => `[plugins.${name}]\nenabled = false\n`).join('');
}
