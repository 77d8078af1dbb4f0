/**
 * The one composition root: opens configuration, devices, loader and plugins in this order and closes them in reverse.
 * What the nodes may ask is `runtime-api.ts`; everything here is wiring, and what a poll means for the whole.
 */

import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { BUNDLED_DIR, bundledComponents } from './bundled-components';
import { errorFacts, WasiError } from './errors';
import { chooseHardware, readDeviceTreeModel } from './hardware/choose-hardware';
import { type DeviceThread, openDeviceThread } from './hardware/device-thread';
import type { HardwareChoice } from './hardware/hardware';
import { hardwareSettings } from './hardware-settings';
import type { HostConfig } from './host-config/host-config';
import { loadHostConfig } from './host-config/load-host-config';
import { Journal, readingText } from './journal';
import { LedBuffer } from './leds/led-buffer';
import { dashboardCall, SENSOR_CALL } from './plugin-calls';
import { parseLedWrites, parseStateChanges } from './plugin-host/call-effects';
import { asPage } from './plugin-host/guest-page';
import { toReadings } from './plugin-host/guest-readings';
import type { Plugin, PluginSurroundings } from './plugin-host/plugin';
import { PluginFiles } from './plugin-host/plugin-files';
import { Plugins } from './plugin-host/plugins';
import { startGuest } from './plugin-host/running-guest';
import { StateFiles } from './plugin-host/state-files';
import { summaryOf } from './plugin-summary';
import type { Reading } from './readings/reading';
import { type HistorySeries, ReadingsStore } from './readings/readings-store';
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
} from './runtime-api';
import { ComponentLoader } from './wasm/component-loader';

export const openRuntime: OpenRuntime = async (options) => {
  const config = await loadHostConfig(options, { hostName: hostname() });
  const hardware = chooseHardware(options.hardware, await readDeviceTreeModel());
  const bundled = await bundledComponents();
  const wasiDir = join(options.userDir, 'wasi');
  const pluginDir = options.pluginDir === '' ? join(wasiDir, 'plugins') : resolveIn(options.userDir, options.pluginDir);
  await mkdir(pluginDir, { recursive: true });
  const journal = new Journal(config, options.log);
  const devices = await openDeviceThread(hardware, hardwareSettings(config), {
    onDeath: (text) => journal.write('error', text),
  });
  const loader = new ComponentLoader({ storeDir: join(wasiDir, 'prepared'), bundledDir: BUNDLED_DIR });
  return new Runtime(
    config,
    hardware,
    devices,
    loader,
    new PluginFiles(pluginDir, bundled),
    join(wasiDir, 'state'),
    journal,
  );
};

class Runtime implements RuntimeApi {
  readonly #plugins: Plugins;
  readonly #leds: LedBuffer;
  readonly #readings: ReadingsStore;
  readonly #stateFiles: StateFiles;
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  readonly #renders = new Map<string, Promise<string | null>>();
  #syncing: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(
    readonly config: HostConfig,
    readonly hardware: HardwareChoice,
    readonly devices: DeviceThread,
    readonly loader: ComponentLoader,
    files: PluginFiles,
    stateDir: string,
    readonly journal: Journal,
  ) {
    this.#leds = new LedBuffer(config.leds.count);
    this.#readings = new ReadingsStore((error) => journal.write('error', String(error)));
    this.#stateFiles = new StateFiles(stateDir, (error) => journal.write('warn', error.message));
    for (const warning of config.warnings) journal.write('warn', warning);
    this.#plugins = new Plugins(config, files, this.#surroundings(files));
    this.#plugins.refreshAll();
  }

  async poll(name: string): Promise<PollOutcome> {
    this.#assertOpen();
    const plugin = await this.#plugins.get(name);
    if (plugin.state === 'disabled') return { kind: 'disabled', plugin: plugin.name };
    return { kind: 'polled', plugin: plugin.name, readings: await this.#poll(plugin) };
  }

  async pollAll(): Promise<CycleOutcome> {
    this.#assertOpen();
    const readings: Reading[] = [];
    const failures: PluginFailure[] = [];
    let polled = 0;
    for (const plugin of this.#plugins.configured()) {
      if (plugin.state === 'disabled') continue;
      if (plugin.role === 'unknown') await plugin.refresh();
      if (plugin.role === 'dashboard' || plugin.role === 'display') continue;
      polled += 1;
      try {
        readings.push(...(await this.#poll(plugin)));
      } catch (error) {
        const failure = error instanceof WasiError ? error : WasiError.fromFacts(errorFacts(error, 'PLUGIN_ERROR'));
        if (failure.code === 'RUNTIME_CLOSED') throw failure;
        this.journal.write('error', `${failure.code}: ${failure.message}`, plugin.name);
        failures.push({ plugin: plugin.name, error: failure });
      }
    }
    return { readings, failures, polled };
  }

  /** Concurrent requests for one page share a render: browsers do not queue up behind each other. */
  async render(name: string): Promise<string | null> {
    this.#assertOpen();
    const plugin = await this.#plugins.get(name);
    if (plugin.state === 'disabled') return null;
    const running = this.#renders.get(plugin.name);
    if (running) return running;
    const data = () => ({
      readings: this.latestReadings(),
      leds: this.#leds.hexColors(),
      plugins: this.plugins(),
      now: Date.now(),
    });
    const render = plugin
      .call(dashboardCall(data, this.config.cluster.nodeId), asPage(plugin.name))
      .finally(() => this.#renders.delete(plugin.name));
    this.#renders.set(plugin.name, render);
    return render;
  }

  /** One after the other: a second sync then sees what the first one wrote. */
  syncLeds(): Promise<LedSyncOutcome> {
    this.#assertOpen();
    const mine = this.#syncing.then(() => this.#syncNow());
    this.#syncing = mine.catch(() => undefined);
    return mine;
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
    return this.journal.lines();
  }

  subscribe(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Together: a plugin that is loading waits for the loader, and gives up when that ends.
    await Promise.all([this.#plugins.close(), this.loader.close()]);
    await this.#stateFiles.flush();
    await this.devices.close();
    this.#listeners.clear();
  }

  async #poll(plugin: Plugin): Promise<readonly Reading[]> {
    const node = this.config.cluster.nodeId;
    const readings = await plugin.call(SENSOR_CALL, (value) =>
      toReadings(value, { node, plugin: plugin.name, now: Date.now() }),
    );
    this.#readings.add(readings);
    if (this.config.logging.showSensorData)
      for (const reading of readings) this.journal.write('info', readingText(reading), plugin.name);
    this.#emit({ kind: 'readings', readings });
    return readings;
  }

  async #syncNow(): Promise<LedSyncOutcome> {
    if (this.#leds.isShown()) return { changed: false, leds: this.#leds.hexColors() };
    const frame = this.#leds.frame();
    const leds = this.#leds.hexColors();
    await this.devices.call('writeLeds', frame);
    this.#leds.markShown(frame);
    this.#emit({ kind: 'leds', leds });
    return { changed: true, leds };
  }

  #surroundings(files: PluginFiles): PluginSurroundings {
    const guests = {
      loader: this.loader,
      stateFiles: this.#stateFiles,
      ledCount: this.config.leds.count,
      connectDevices: () => this.devices.connect(),
      onOutput: (plugin: string, stream: 'stdout' | 'stderr', line: string) =>
        this.journal.write(stream === 'stderr' ? 'warn' : 'info', line, plugin),
      onWarning: (plugin: string, text: string) => this.journal.write('warn', text, plugin),
    };
    return {
      locate: (plugin) => files.locate(plugin),
      start: (config, located, options) => startGuest(config, located, guests, options),
      onLeds: (effects) => this.#leds.merge(parseLedWrites(effects)),
      onKept: (plugin, effects) => this.#stateFiles.apply(plugin, parseStateChanges(effects)),
      onState: (plugin) => this.#emit({ kind: 'plugin', summary: summaryOf(plugin) }),
      log: (plugin, level, text) => this.journal.write(level, text, plugin === '' ? undefined : plugin),
      now: Date.now,
    };
  }

  #emit(event: RuntimeEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.journal.write('error', `a listener of the runtime failed: ${String(error)}`);
      }
    }
  }

  #assertOpen(): void {
    if (this.#closing) throw new WasiError('RUNTIME_CLOSED', 'the runtime was closed; deploy the flow again');
  }
}

function resolveIn(userDir: string, path: string): string {
  return isAbsolute(path) ? path : join(userDir, path);
}
