/**
 * The one composition root: opens configuration, devices, loader and plugins in this order and closes them in reverse.
 * What the nodes may ask is `runtime-api.ts`; everything here is wiring, and what a poll means for the whole.
 */

import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { SensorDataParts } from '../dashboard/sensor-data';
import { errorFacts, isAbsence, WasiError } from '../errors';
import { chooseHardware, readMachine } from '../hardware/choose-hardware';
import { type DeviceThread, openDeviceThread } from '../hardware/device-thread';
import type { HardwareChoice } from '../hardware/hardware';
import type { HostConfig } from '../host-config/host-config';
import { HostConfigFile } from '../host-config/host-config-file';
import { toReadings } from '../plugin-host/guest-readings';
import type { Plugin, PluginSurroundings } from '../plugin-host/plugin';
import { PluginFiles } from '../plugin-host/plugin-files';
import { Plugins } from '../plugin-host/plugins';
import { StateFiles } from '../plugin-host/state-files';
import type { Reading } from '../readings/reading';
import { type HistorySeries, ReadingsStore } from '../readings/readings-store';
import type {
  CycleOutcome,
  LedSyncOutcome,
  LogLine,
  OpenRuntime,
  PluginFailure,
  PluginSummary,
  PollOutcome,
  RuntimeApi,
  RuntimeEvent,
} from '../runtime-api';
import { ComponentLoader } from '../wasm/component-loader';
import { Administration } from './administration';
import { BUNDLED_DIR, bundledComponents } from './bundled-components';
import { ConfigReload } from './config-reload';
import { hardwareSettings } from './hardware-settings';
import { Journal, readingText } from './journal';
import { LedStrip } from './led-strip';
import { SENSOR_CALL } from './plugin-calls';
import { summaryOf } from './plugin-summary';
import { type PluginParts, surroundingsOf } from './plugin-surroundings';
import { Renders } from './renders';
import { RuntimeEvents } from './runtime-events';

export const openRuntime: OpenRuntime = async (options) => {
  const configFile = await HostConfigFile.open(options, { hostName: hostname() });
  const config = configFile.first;
  const hardware = chooseHardware(options.hardware, await readMachine());
  const bundled = await bundledComponents();
  const wasiDir = join(options.userDir, 'wasi');
  const pluginDir = options.pluginDir === '' ? join(wasiDir, 'plugins') : resolve(options.userDir, options.pluginDir);
  await mkdir(pluginDir, { recursive: true });
  const journal = new Journal(config, options.log);
  const loader = new ComponentLoader({ storeDir: join(wasiDir, 'prepared'), bundledDir: BUNDLED_DIR });
  // Its thread starts beside the devices' one.
  loader.wake();
  const strip = new LedStrip(config.leds.count, (frame) => devices.call('writeLeds', frame));
  const devices: DeviceThread = await openDeviceThread(hardware, hardwareSettings(config, options.userDir), {
    onDeath: (text) => {
      strip.forgetShown();
      journal.write('error', text);
    },
    onNotice: ({ level, text }) => journal.write(level, text),
  }).catch(async (error: unknown) => {
    await loader.close();
    throw error;
  });
  return new Runtime({
    configFile,
    userDir: options.userDir,
    hardware,
    journal,
    strip,
    devices,
    loader,
    files: new PluginFiles(pluginDir, bundled),
    stateFiles: new StateFiles(join(wasiDir, 'state'), (error) => journal.write('warn', error.message)),
  });
};

interface Parts extends PluginParts {
  readonly configFile: HostConfigFile;
  readonly userDir: string;
  readonly hardware: HardwareChoice;
}

class Runtime implements RuntimeApi {
  readonly #parts: Parts;
  #config: HostConfig;
  readonly #configReload: ConfigReload;
  readonly #plugins: Plugins;
  readonly #readings: ReadingsStore;
  readonly #events: RuntimeEvents;
  readonly #renders = new Renders();
  readonly admin: Administration;
  #closing: Promise<void> | undefined;

  constructor(parts: Parts) {
    const { configFile, journal, files } = parts;
    this.#parts = parts;
    this.#config = configFile.first;
    this.#events = new RuntimeEvents((error) =>
      journal.write('error', `a listener of the runtime failed: ${String(error)}`),
    );
    this.#readings = new ReadingsStore((error) => journal.write('error', String(error)));
    for (const warning of this.#config.warnings) journal.write('warn', warning);
    this.#plugins = new Plugins(this.#config, files, this.#surroundings());
    this.#configReload = new ConfigReload(configFile, (config) => this.#reconfigure(config), journal);
    this.admin = new Administration({
      files,
      loader: parts.loader,
      plugins: this.#plugins,
      uploadDir: join(parts.userDir, 'wasi', 'uploads'),
      config: () => this.#config,
      assertOpen: () => this.#assertOpen(),
      takeConfigOver: () => this.#configReload.takeOver(),
      warn: (text) => journal.write('warn', text),
    });
    this.#plugins.refreshAll();
  }

  get config(): HostConfig {
    return this.#config;
  }

  get hardware(): HardwareChoice {
    return this.#parts.hardware;
  }

  async poll(name: string): Promise<PollOutcome> {
    await this.#ready();
    const plugin = await this.#plugins.get(name);
    if (plugin.state === 'disabled') return { kind: 'disabled', plugin: plugin.name };
    return { kind: 'polled', plugin: plugin.name, readings: await this.#poll(plugin) };
  }

  async pollAll(): Promise<CycleOutcome> {
    await this.#ready();
    const readings: Reading[] = [];
    const failures: PluginFailure[] = [];
    let polled = 0;
    for (const { name } of this.#plugins.configured()) {
      const plugin = await this.#withRole(name);
      if (plugin === undefined || plugin.state === 'disabled') continue;
      if (plugin.role === 'dashboard' || plugin.role === 'display') continue;
      polled += 1;
      try {
        readings.push(...(await this.#poll(plugin)));
      } catch (error) {
        const failure = error instanceof WasiError ? error : WasiError.fromFacts(errorFacts(error, 'PLUGIN_ERROR'));
        if (failure.code === 'RUNTIME_CLOSED') throw failure;
        this.#parts.journal.write(failureLevel(failure), `${failure.code}: ${failure.message}`, plugin.name);
        failures.push({ plugin: plugin.name, error: failure });
      }
    }
    return { readings, failures, polled };
  }

  /** Concurrent requests for one page share a render: browsers do not queue up behind each other. */
  async render(name: string): Promise<string | null> {
    await this.#ready();
    const plugin = await this.#plugins.get(name);
    if (plugin.state === 'disabled') return null;
    return this.#renders.render(plugin, () => this.#sensorData(), this.#config.cluster.nodeId);
  }

  async syncLeds(override?: unknown): Promise<LedSyncOutcome> {
    this.#assertOpen();
    const outcome = await this.#parts.strip.sync(override);
    if (outcome.changed) this.#events.emit({ kind: 'leds', leds: outcome.leds });
    return outcome;
  }

  plugins(): readonly PluginSummary[] {
    return this.#plugins.all().map(summaryOf);
  }

  plugin(name: string): PluginSummary | undefined {
    const found = this.#plugins.find(name);
    return found && summaryOf(found);
  }

  latestReadings(): readonly Reading[] {
    return this.#readings.latest();
  }

  history(sensor: string, field: string): readonly HistorySeries[] {
    return this.#readings.history(sensor, field);
  }

  logLines(): readonly LogLine[] {
    return this.#parts.journal.lines();
  }

  subscribe(listener: (event: RuntimeEvent) => void): () => void {
    return this.#events.subscribe(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { loader, stateFiles, devices } = this.#parts;
    this.#configReload.close();
    // Together: who waits for the loader, to load a plugin or to look at an upload, gives up when that ends.
    await Promise.all([this.#plugins.close(), loader.close(), this.admin.close()]);
    await stateFiles.flush();
    await devices.close();
    this.#events.close();
  }

  /** What host.toml says now is what holds, and plugins may be asked. */
  async #ready(): Promise<void> {
    this.#assertOpen();
    await this.#configReload.settled();
    this.#assertOpen();
  }

  /** A configured plugin whose role is known, as far as that can be had. Another configuration may take it away meanwhile. */
  async #withRole(name: string): Promise<Plugin | undefined> {
    await this.#ready();
    const plugin = this.#plugins.find(name);
    if (plugin?.role !== 'unknown') return plugin;
    await plugin.refresh();
    return this.#plugins.find(name);
  }

  async #reconfigure(config: HostConfig): Promise<void> {
    const { journal, strip, devices, userDir } = this.#parts;
    const settings = hardwareSettings(config, userDir);
    const otherDevices = !isDeepStrictEqual(settings, hardwareSettings(this.#config, userDir));
    const otherStrip = config.leds.count !== this.#config.leds.count;
    const replaced = await this.#plugins.reconfigure(config, otherStrip, async () => {
      this.#config = config;
      journal.configure(config);
      strip.resize(config.leds.count);
      if (!otherDevices || this.#closing) return;
      await devices.reopen(settings);
      strip.forgetShown();
    });
    for (const warning of config.warnings) journal.write('warn', warning);
    const anew = [...(otherDevices ? ['the devices'] : []), ...replaced].join(', ');
    journal.write('info', `${config.source} changed and was taken over${anew === '' ? '' : `; started anew: ${anew}`}`);
    this.#events.emit({ kind: 'configured' });
    for (const name of replaced) {
      const plugin = this.#plugins.find(name);
      if (plugin) this.#events.emit({ kind: 'plugin', summary: summaryOf(plugin) });
    }
  }

  async #poll(plugin: Plugin): Promise<readonly Reading[]> {
    const node = this.#config.cluster.nodeId;
    const readings = await plugin.call(SENSOR_CALL, (value) =>
      toReadings(value, { node, plugin: plugin.name, now: Date.now() }),
    );
    this.#readings.add(readings);
    if (this.#config.logging.showSensorData)
      for (const reading of readings) this.#parts.journal.write('info', readingText(reading), plugin.name);
    this.#events.emit({ kind: 'readings', readings });
    return readings;
  }

  #surroundings(): PluginSurroundings {
    return surroundingsOf(this.#parts, {
      ledCount: () => this.#config.leds.count,
      onState: (plugin) => this.#events.emit({ kind: 'plugin', summary: summaryOf(plugin) }),
    });
  }

  #sensorData(): SensorDataParts {
    return {
      readings: this.latestReadings(),
      leds: this.#parts.strip.hexColors(),
      plugins: this.plugins(),
      now: Date.now(),
    };
  }

  #assertOpen(): void {
    if (this.#closing) throw new WasiError('RUNTIME_CLOSED', 'the runtime was closed; deploy the flow again');
  }
}

/** That a device is missing the devices say themselves, once, and not at each cycle. */
function failureLevel({ code }: WasiError): 'debug' | 'error' {
  return isAbsence(code) ? 'debug' : 'error';
}
