/**
 * A runtime that is open: what the nodes may ask (`runtime-api.ts`), each handed to the part that does it, and the one place
 * that closes all parts, in reverse of how `open-runtime.ts` opened them.
 */
import { join } from 'node:path';
import type { SensorDataParts } from '../dashboard/sensor-data';
import { usualIntervalMs } from '../dashboard/usual-interval';
import { WasiError } from '../errors/wasi-error';
import type { HardwareChoice } from '../hardware/hardware';
import type { HostConfig } from '../host-config/host-config';
import type { HostConfigFile } from '../host-config/host-config-file';
import { EventEmitter } from '../platform/event-emitter';
import type { Plugin, PluginSurroundings } from '../plugin-host/plugin';
import { Plugins } from '../plugin-host/plugins';
import type { MinuteHistory } from '../readings/minute-history';
import type { Reading } from '../readings/reading';
import { cameAt, type HistorySeries, ReadingsStore } from '../readings/readings-store';
import type { Trend } from '../readings/trend';
import type { GatewayTotals, RuntimeCounts } from '../runtime-api/counters';
import type {
  CycleOutcome,
  LedSyncOutcome,
  LogLine,
  PluginSummary,
  PollOutcome,
  RuntimeApi,
  RuntimeEvent,
  WorldByKey,
} from '../runtime-api/runtime-api';
import type { RuntimeStorage } from '../runtime-api/storage-api';
import { Administration } from './administration';
import { ClusterMembership } from './cluster-membership';
import { ConfigReload } from './config-reload';
import { LogSignal } from './log-signal';
import { summaryOf } from './plugin-summary';
import { type PluginParts, surroundingsOf } from './plugin-surroundings';
import { totalsOf } from './plugin-totals';
import { Polling } from './polling';
import { releaseOutputs } from './release-outputs';
import { Renders } from './renders';
import { RuntimeHistory } from './runtime-history';
import { SensorCorrections } from './sensor-corrections';
import { sensorDataCluster, sensorDataHost } from './sensor-data-host';
import { Simulation } from './simulation';
import type { StorageHealth } from './storage-health';

export interface RuntimeParts extends PluginParts {
  readonly configFile: HostConfigFile;
  readonly userDir: string;
  readonly clusterPassword: string | undefined;
  readonly hardware: HardwareChoice;
  readonly storage: StorageHealth;
}

/** Fewer may be somebody's first clicks. */
const ENOUGH_ARRIVALS = 4;

export class Runtime implements RuntimeApi {
  readonly #parts: RuntimeParts;
  #config: HostConfig;
  readonly #configReload: ConfigReload;
  readonly #plugins: Plugins;
  readonly #readings: ReadingsStore;
  readonly #history: RuntimeHistory;
  readonly #events: EventEmitter<RuntimeEvent>;
  readonly #polling: Polling;
  readonly #renders = new Renders();
  readonly #logSignal = new LogSignal((plugins) => this.#events.emit({ kind: 'logged', plugins }));
  readonly #simulation: Simulation;
  readonly #corrections: SensorCorrections;
  readonly cluster: ClusterMembership;
  readonly admin: Administration;
  readonly #gateways = new Set<() => GatewayTotals>();
  #closing: Promise<void> | undefined;

  constructor(parts: RuntimeParts) {
    const { configFile, journal, files } = parts;
    this.#parts = parts;
    this.#config = configFile.first;
    this.#simulation = new Simulation(parts, this.#config);
    this.#corrections = new SensorCorrections(() => this.#config, journal);
    this.#events = new EventEmitter<RuntimeEvent>((error) =>
      journal.write('error', `a listener of the runtime failed: ${String(error)}`),
    );
    const own = () => this.#config.cluster.nodeId;
    this.#readings = new ReadingsStore(
      (error) => journal.write('error', String(error)),
      (reading) => cameAt(reading, own(), Date.now()),
      { monotonic: () => performance.now(), onDropped: (level, text) => journal.write(level, text) },
    );
    this.#history = new RuntimeHistory(
      this.#readings,
      join(parts.userDir, 'wasi', 'history'),
      journal,
      own,
      parts.storage.report('history'),
    );
    this.cluster = new ClusterMembership(this.#config.cluster, {
      outboxFolder: join(parts.userDir, 'wasi', 'outbox'),
      report: parts.storage.report('outbox'),
      password: parts.clusterPassword,
      log: (level, text) => journal.write(level, text),
      onReadings: (readings) => this.#takeIn(readings),
      onState: (state) => this.#events.emit({ kind: 'cluster', state }),
    });
    this.#plugins = new Plugins(this.#config, files, this.#surroundings());
    this.#polling = new Polling({
      plugins: this.#plugins,
      journal,
      config: () => this.#config,
      ready: () => this.#ready(),
      take: (readings) => this.#take(readings),
      sensorData: () => this.#sensorData(),
      lose: (plugin, read) => this.#lose(plugin, read),
      complete: (plugin) => this.#dropUnseen(plugin),
    });
    this.#configReload = new ConfigReload(configFile, (config) => this.#reconfigure(config), journal);
    this.admin = new Administration({
      files,
      loader: parts.loader,
      plugins: this.#plugins,
      uploadDir: join(parts.userDir, 'wasi', 'uploads'),
      config: () => this.#config,
      assertOpen: () => this.#assertOpen(),
      takeConfigOver: () => this.#configReload.takeOver(),
      stateFiles: parts.stateFiles,
      inform: (text) => journal.write('info', text),
      warn: (text) => journal.write('warn', text),
    });
  }

  /** Plugins load and a cluster is joined in the background. */
  start(): void {
    const { journal, storage } = this.#parts;
    journal.listen((line) => this.#logSignal.heard(line));
    this.#history.start();
    this.cluster.start();
    for (const warning of this.#config.warnings) journal.write('warn', warning);
    this.#configReload.start();
    this.#plugins.start();
    storage.open({
      changed: () => this.#events.emit({ kind: 'storage', storage: storage.view() }),
      // It writes every quarter of an hour; everything else tries again within a minute.
      writable: () => void this.#history.save(),
      say: (level, text) => journal.write(level, text),
    });
  }

  get config(): HostConfig {
    return this.#config;
  }

  get hardware(): HardwareChoice {
    return this.#parts.hardware;
  }

  get storage(): RuntimeStorage {
    return this.#parts.storage;
  }

  poll(name: string): Promise<PollOutcome> {
    return this.#polling.poll(name);
  }

  pollAll(): Promise<CycleOutcome> {
    return this.#polling.pollAll();
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

  async simulate(changes?: unknown): Promise<WorldByKey> {
    await this.#ready();
    return this.#simulation.change(changes);
  }

  plugins(): readonly PluginSummary[] {
    return this.#plugins.all().map(summaryOf);
  }

  plugin(name: string): PluginSummary | undefined {
    const found = this.#plugins.find(name);
    return found && summaryOf(found);
  }

  counts(): RuntimeCounts {
    const { pids, threads, ends } = this.#parts.guests.processes;
    return {
      guestProcesses: { pids, threads, ends },
      plugins: this.#plugins.all().map(totalsOf),
      leds: this.#parts.strip.totals(),
      gateways: [...this.#gateways].map((totals) => totals()),
      droppedSensors: this.#readings.dropped(),
    };
  }

  addGateway(totals: () => GatewayTotals): () => void {
    this.#gateways.add(totals);
    return () => this.#gateways.delete(totals);
  }

  latestReadings(): readonly Reading[] {
    return this.#readings.latest();
  }

  unknownSince(reading: Reading): number | undefined {
    return this.#readings.unknownSince(reading);
  }

  usualInterval(reading: Reading): number | undefined {
    const arrivals = this.#readings.arrivalTimes(reading);
    return arrivals.length < ENOUGH_ARRIVALS ? undefined : usualIntervalMs(arrivals);
  }

  history(sensor: string, field: string): readonly HistorySeries[] {
    return this.#readings.history(sensor, field);
  }

  get minuteHistory(): MinuteHistory {
    return this.#history.minutes;
  }

  trend(reading: Reading, field: string): Trend | undefined {
    return this.#history.trends.of(reading, field);
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
    const { loader, guests, stateFiles, storage, devices } = this.#parts;
    this.#configReload.close();
    // Together: who waits for the loader, to load a plugin or to look at an upload, gives up when that ends.
    loader.close();
    await Promise.all([this.#plugins.close(), this.admin.close()]);
    await guests.release();
    // Polls that are over may still be handed on: to the cluster as well.
    await this.#polling.idle();
    // Before the store, which takes what it brings in.
    await this.cluster.close();
    await Promise.all([stateFiles.close(), this.#history.close()]);
    await storage.close();
    await devices.close();
    this.#logSignal.close();
    this.#events.close();
  }

  /** What host.toml says now is what holds, and plugins may be asked. */
  async #ready(): Promise<void> {
    this.#assertOpen();
    await this.#configReload.settled();
    this.#assertOpen();
  }

  async #reconfigure(config: HostConfig): Promise<void> {
    const { journal, strip, devices } = this.#parts;
    const otherDevices = this.#simulation.takeOver(config);
    const otherStrip = config.leds.count !== this.#config.leds.count;
    const replaced = await this.#plugins.reconfigure(config, otherStrip, async () => {
      this.#config = config;
      journal.configure(config);
      strip.resize(config.leds.count);
      if (!otherDevices || this.#closing) return;
      await devices.reopen(this.#simulation.settings);
      strip.forgetShown();
    });
    for (const warning of config.warnings) journal.write('warn', warning);
    const anew = [...(otherDevices ? ['the devices'] : []), ...replaced].join(', ');
    journal.write('info', `${config.source} changed and was taken over${anew === '' ? '' : `; started anew: ${anew}`}`);
    await this.cluster.reconfigure(config.cluster);
    this.#events.emit({ kind: 'configured' });
    for (const name of replaced) {
      const plugin = this.#plugins.find(name);
      if (plugin) this.#events.emit({ kind: 'plugin', summary: summaryOf(plugin) });
    }
  }

  /** Of this node. */
  #take(readings: readonly Reading[]): void {
    this.cluster.publish(readings);
    this.#takeIn(readings);
  }

  #lose(plugin: string, read: readonly Reading[]): void {
    const readings = this.#readings.markUnknown(this.#config.cluster.nodeId, plugin, read, Date.now());
    if (readings.length > 0) this.#events.emit({ kind: 'unknown', readings });
  }

  #dropUnseen(plugin: string): void {
    const readings = this.#readings.dropUnseen(this.#config.cluster.nodeId, plugin);
    if (readings.length > 0) this.#events.emit({ kind: 'unknown', readings });
  }

  /** What it read last is no news of anything that exists, and what it held is let go. */
  #gone({ name, config }: Plugin): void {
    this.#lose(name, []);
    this.#readings.forget(this.#config.cluster.nodeId, name);
    this.#corrections.forget(name);
    releaseOutputs(config, this.#plugins.all(), this.#parts);
    if (this.#plugins.find(name) === undefined) this.#events.emit({ kind: 'removed', plugin: name });
  }

  #takeIn(readings: readonly Reading[]): void {
    this.#readings.add(readings);
    this.#events.emit({ kind: 'readings', readings });
  }

  #surroundings(): PluginSurroundings {
    return surroundingsOf(this.#parts, this.#corrections, {
      ledCount: () => this.#config.leds.count,
      onState: (plugin) => this.#events.emit({ kind: 'plugin', summary: summaryOf(plugin) }),
      onGone: (plugin) => this.#gone(plugin),
    });
  }

  #sensorData(): SensorDataParts {
    return {
      readings: this.latestReadings(),
      leds: this.#parts.strip.shownColors(),
      plugins: this.plugins(),
      now: Date.now(),
      host: sensorDataHost(this.hardware, this.#config.cluster.nodeId),
      ...sensorDataCluster(this.cluster.state),
      storage: this.storage.view(),
      logs: this.logLines(),
      trend: (reading, field) => this.trend(reading, field),
      unknownSince: (reading) => this.unknownSince(reading),
      offsets: ({ plugin }) => this.#corrections.of(plugin),
      interval: (reading) => usualIntervalMs(this.#readings.arrivalTimes(reading)),
    };
  }

  #assertOpen(): void {
    if (this.#closing) throw new WasiError('RUNTIME_CLOSED', 'the runtime was closed; deploy the flow again');
  }
}
