/**
 * What a plugin that is gone held: its LEDs go dark with the next sync, the fan stops, a beep pattern ends. An LED or a
 * relay that another plugin may use stays as it is: that one may have set it. Whatever else it reached (a variable of a
 * RevPi's process image, a chip on a bus) stays as it left it: nobody knows what is harmless there.
 */
import { isAbsence, WasiError } from '../errors/wasi-error';
import type { PluginConfig } from '../host-config/host-config';
import type { Plugin } from '../plugin-host/plugin';
import type { PluginParts } from './plugin-surroundings';

type Outputs = Pick<PluginParts, 'strip' | 'devices' | 'journal'>;

export function releaseOutputs(
  { name, leds, grants }: PluginConfig,
  plugins: readonly Plugin[],
  { strip, devices, journal }: Outputs,
): void {
  const others = plugins.filter(({ config }) => config.name !== name && config.enabled).map(({ config }) => config);
  const shared = new Set(others.flatMap((other) => other.leds));
  strip.merge(leds.filter((led) => !shared.has(led)).map((index) => ({ index, r: 0, g: 0, b: 0 })));
  const failed = (error: unknown) => {
    const isMissing = error instanceof WasiError && isAbsence(error.code);
    journal.write(
      isMissing ? 'debug' : 'warn',
      `an output of ${name}, which is gone, could not be let go: ${String(error)}`,
    );
  };
  const isSole = (output: 'fan' | 'buzzer') => grants[output] && !others.some((other) => other.grants[output]);
  if (isSole('fan')) devices.call('setFan', false).catch(failed);
  if (isSole('buzzer')) devices.call('beep', 0, 0, 0).catch(failed);
}
