/** What every plugin is given of the house: where components are, how guests start, and where their effects and words go. */

import type { ComponentLoader } from '../component-store/component-loader';
import type { DeviceThread } from '../hardware/device-thread';
import type { PluginSurroundings } from '../plugin-host/plugin';
import type { PluginFiles } from '../plugin-host/plugin-files';
import { type GuestSurroundings, startGuest } from '../plugin-host/running-guest';
import type { StateFiles } from '../plugin-host/state-files';
import type { Journal } from './journal';
import type { LedStrip } from './led-strip';
import type { SensorCorrections } from './sensor-corrections';
import type { GuestProcessesLease } from './shared-guest-processes';

export interface PluginParts {
  readonly journal: Journal;
  readonly strip: LedStrip;
  readonly devices: DeviceThread;
  readonly loader: ComponentLoader;
  readonly guests: GuestProcessesLease;
  readonly files: PluginFiles;
  readonly stateFiles: StateFiles;
}

export function surroundingsOf(
  { journal, strip, devices, loader, guests: { processes }, files, stateFiles }: PluginParts,
  corrections: SensorCorrections,
  { ledCount, onState, onGone }: Pick<GuestSurroundings, 'ledCount'> & Pick<PluginSurroundings, 'onState' | 'onGone'>,
): PluginSurroundings {
  const guestSurroundings: GuestSurroundings = {
    loader,
    stateFiles,
    ledCount,
    processes,
    connectDevices: (plugin) => corrections.callerFor(plugin, devices.callerFor()),
    onOutput: (plugin, stream, line) => journal.write(stream === 'stderr' ? 'warn' : 'info', line, plugin),
    onWarning: (plugin, text) => journal.write('warn', text, plugin),
  };
  return {
    locate: (plugin) => files.locate(plugin),
    start: (config, located, options) => startGuest(config, located, guestSurroundings, options),
    onLeds: (writes) => strip.merge(writes),
    onKept: (plugin, changes) => stateFiles.apply(plugin, changes),
    onState,
    onGone,
    log: (plugin, level, text, hostToml) => journal.write(level, text, plugin === '' ? undefined : plugin, hostToml),
    now: Date.now,
    monotonic: () => performance.now(),
  };
}
