/** The one composition root: opens configuration, devices, loader and plugins, in this order, and undoes it where one fails. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ComponentLoader } from '../component-store/component-loader';
import { failureReason } from '../errors/failure-reason';
import { WasiError } from '../errors/wasi-error';
import { chooseHardware, readMachine } from '../hardware/choose-hardware';
import { type DeviceThread, openDeviceThread } from '../hardware/device-thread';
import { HostConfigFile } from '../host-config/host-config-file';
import { makeFolder } from '../platform/durable-file';
import { PluginFiles } from '../plugin-host/plugin-files';
import { StateFiles, SYSTEM_TIMING } from '../plugin-host/state-files';
import { pluginFolder } from '../runtime-api/plugin-folder';
import type { OpenRuntime } from '../runtime-api/runtime-api';
import { BUNDLED_DIR, bundledComponents } from './bundled-components';
import { hardwareSettings } from './hardware-settings';
import { Journal } from './journal';
import { LedStrip } from './led-strip';
import { Runtime } from './runtime';
import { leaseGuestProcesses } from './shared-guest-processes';
import { StorageHealth } from './storage-health';

export const openRuntime: OpenRuntime = async (options) => {
  const configFile = await HostConfigFile.open(options, { hostName: hostname() });
  const config = configFile.first;
  const hardware = chooseHardware(options.hardware, await readMachine());
  const bundled = await bundledComponents();
  const wasiDir = join(options.userDir, 'wasi');
  const pluginDir = pluginFolder(options);
  await makePluginDir(pluginDir);
  const journal = new Journal(config, options.log);
  const storeDir = join(wasiDir, 'prepared');
  const storage = new StorageHealth(wasiDir);
  const loader = new ComponentLoader({ storeDir, bundledDir: BUNDLED_DIR, report: storage.report('prepared') });
  const guests = await leaseGuestProcesses([storeDir, BUNDLED_DIR], join(wasiDir, 'empty'), (text) =>
    journal.write('error', text),
  );
  // It starts beside the devices' thread.
  guests.processes.wake();
  const strip = new LedStrip(config.leds.count, (frame) => devices.call('writeLeds', frame));
  const devices: DeviceThread = await openDeviceThread(hardware, hardwareSettings(config, options.userDir), {
    onDeath: (text) => {
      strip.forgetShown();
      journal.write('error', text);
    },
    onNotice: ({ level, text }) => journal.write(level, text),
  }).catch(async (error: unknown) => {
    loader.close();
    await guests.release();
    throw error;
  });
  const runtime = new Runtime({
    configFile,
    userDir: options.userDir,
    clusterPassword: options.clusterPassword,
    hardware,
    journal,
    strip,
    devices,
    loader,
    guests,
    files: new PluginFiles(pluginDir, bundled),
    storage,
    stateFiles: new StateFiles(
      join(wasiDir, 'state'),
      (error) => journal.write('warn', error.message),
      SYSTEM_TIMING,
      (plugin) => storage.report('state', plugin),
    ),
  });
  runtime.start();
  return runtime;
};

/** Whoever copies plugins there may be another user than Node-RED's. */
const PLUGIN_FOLDER_MODE = 0o755;

async function makePluginDir(path: string): Promise<void> {
  try {
    await makeFolder(path, PLUGIN_FOLDER_MODE);
  } catch (cause) {
    throw new WasiError('PLUGIN_STORAGE', `the plugin folder ${path} cannot be made ${failureReason(cause)}`, {
      cause,
    });
  }
}
