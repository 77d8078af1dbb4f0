/** A runtime for tests of the nodes: does what it is told, and remembers what it was asked. */
import { WasiError } from '../../src/errors/wasi-error';
import type { HardwareChoice } from '../../src/hardware/hardware';
import { parseHostConfig } from '../../src/host-config/parse-host-config';
import { NO_REPORT, type StorageReport } from '../../src/platform/storage-report';
import { MinuteHistory } from '../../src/readings/minute-history';
import type { Reading } from '../../src/readings/reading';
import type { Trend } from '../../src/readings/trend';
import type {
  EditedHostToml,
  Installed,
  InstallWish,
  PluginView,
  Removed,
  RuntimeAdmin,
  UploadBody,
  UploadDesk,
  UploadView,
} from '../../src/runtime-api/admin-api';
import type { ClusterState, RuntimeCluster, Standing } from '../../src/runtime-api/cluster-api';
import type { GatewayTotals, RuntimeCounts } from '../../src/runtime-api/counters';
import type {
  CycleOutcome,
  LedSyncOutcome,
  PluginSummary,
  PollOutcome,
  RuntimeApi,
  RuntimeEvent,
  WorldByKey,
} from '../../src/runtime-api/runtime-api';
import type { RuntimeStorage, StorageView } from '../../src/runtime-api/storage-api';
import { pluginOf } from '../dashboard/plugin-of';
import { readingOf } from '../readings/reading-of';

const CONFIG = '[cluster]\nnode_id = "pi4"\n[polling]\ninterval_seconds = 7\n';

const WORLD = { dht22_temperature: 22.412, dht22_humidity: 44.6, buzzer: false, fan: true };
/** Keeps the bytes of what was uploaded. */
export class FakeUploads implements UploadDesk {
  readonly received = new Map<string, Buffer>();
  readonly wishes: unknown[] = [];
  onReceive: () => Promise<void> = async () => undefined;
  seen: UploadView = { state: 'inspecting' };

  async receive(fileName: string, body: UploadBody): Promise<string> {
    await this.onReceive();
    const pieces: Uint8Array[] = [];
    for await (const piece of body) pieces.push(piece);
    this.received.set(fileName, Buffer.concat(pieces));
    return fileName;
  }

  async view(id: string): Promise<UploadView | undefined> {
    return this.received.has(id) ? this.seen : undefined;
  }

  async install(id: string, wish: InstallWish, hostToml: EditedHostToml): Promise<Installed> {
    this.wishes.push(wish);
    const { path } = await hostToml.edit({ plugin: id, enabled: wish.enabled });
    return { installed: id, written: path };
  }

  async remove(id: string): Promise<boolean> {
    return this.received.delete(id);
  }
}

/** What a test of the editor's routes wants answered. */
export class FakeAdmin implements RuntimeAdmin {
  readonly pluginDir = '/nowhere/plugins';
  views: readonly PluginView[] = [];
  readonly reloads: string[] = [];
  onReload: () => Promise<void> = async () => undefined;
  takenOver = 0;
  readonly uploads = new FakeUploads();

  async pluginViews(): Promise<readonly PluginView[]> {
    return this.views;
  }

  reload(plugin: string): Promise<void> {
    this.reloads.push(plugin);
    return this.onReload();
  }

  readonly removals: string[] = [];
  onRemove: (hostToml: EditedHostToml) => Promise<Removed> = async () => ({});

  remove(plugin: string, hostToml: EditedHostToml): Promise<Removed> {
    this.removals.push(plugin);
    return this.onRemove(hostToml);
  }

  async takeConfigOver(): Promise<void> {
    this.takenOver += 1;
  }
}

export class FakeCluster implements RuntimeCluster {
  state: ClusterState | undefined;
  counts = { waiting: 0, dropped: 0, missed: 0 };
  place: Standing = { kind: 'alone' };

  standing(): Standing {
    return this.place;
  }
}

/** Keeps everything until `shown` is set. */
class FakeStorage implements RuntimeStorage {
  shown: StorageView = { status: 'ok', folder: '/data/wasi', failedWrites: 0, notKept: [] };

  view(): StorageView {
    return this.shown;
  }

  report(): StorageReport {
    return NO_REPORT;
  }
}

export class FakeRuntime implements RuntimeApi {
  config = parseHostConfig(CONFIG, 'test', { hostName: 'test' });
  hardware: HardwareChoice = { kind: 'raspberry-pi', model: 'Raspberry Pi 4' };
  summaries: readonly PluginSummary[] = [pluginOf(), pluginOf({ name: 'dashboard', role: 'dashboard' })];
  onPoll: (plugin: string) => Promise<PollOutcome> = async (plugin) => {
    return { kind: 'polled', plugin, readings: [readingOf({ plugin })], failures: [] };
  };
  onCycle: () => Promise<CycleOutcome> = async () => ({
    readings: [readingOf()],
    failures: [],
    polled: 1,
    answered: 1,
    updated: 0,
    shown: 0,
  });
  readonly admin = new FakeAdmin();
  readonly cluster = new FakeCluster();
  readonly storage = new FakeStorage();
  onRender: () => Promise<string | null> = async () => '<p>page</p>';
  onSync: () => Promise<LedSyncOutcome> = async () => ({ changed: true, leds: ['#ff0000'] });
  /** What each sync was to lay above the plugins' colours. */
  readonly overrides: unknown[] = [];
  onSimulate: () => Promise<WorldByKey> = async () => WORLD;
  /** What each message to the simulated world asked for. */
  readonly simulated: unknown[] = [];
  polls = 0;
  closes = 0;
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();

  poll(plugin: string): Promise<PollOutcome> {
    this.polls += 1;
    return this.onPoll(plugin);
  }

  pollAll(): Promise<CycleOutcome> {
    return this.onCycle();
  }

  render(): Promise<string | null> {
    return this.onRender();
  }

  syncLeds(override?: unknown): Promise<LedSyncOutcome> {
    this.overrides.push(override);
    return this.onSync();
  }

  simulate(changes?: unknown): Promise<WorldByKey> {
    this.simulated.push(changes);
    return this.onSimulate();
  }

  plugins(): readonly PluginSummary[] {
    return this.summaries;
  }

  plugin(name: string): PluginSummary | undefined {
    return this.summaries.find((summary) => summary.name === name);
  }

  readonly gateways = new Set<() => GatewayTotals>();

  counts(): RuntimeCounts {
    const gateways = [...this.gateways].map((totals) => totals());
    return {
      guestProcesses: { pids: [], threads: 0, ends: 0 },
      plugins: [],
      leds: { writes: 0, failuresByCode: {} },
      gateways,
      droppedSensors: [],
    };
  }

  addGateway(totals: () => GatewayTotals): () => void {
    this.gateways.add(totals);
    return () => this.gateways.delete(totals);
  }

  latest: readonly Reading[] = [readingOf()];

  latestReadings(): readonly Reading[] {
    return this.latest;
  }

  unknown: number | undefined;

  usual: number | undefined;

  usualInterval(): number | undefined {
    return this.usual;
  }

  unknownSince(): number | undefined {
    return this.unknown;
  }

  history(sensor: string, field: string) {
    if (sensor !== 'room' || field !== 'temperature') return [];
    return [{ node: 'pi4', plugin: 'dht22', sensorId: 'room', points: [{ timestamp: 1_000, value: 21.5 }] }];
  }

  readonly minuteHistory = new MinuteHistory((text) => {
    throw new Error(text);
  });

  trend(): Trend | undefined {
    return undefined;
  }

  logLines() {
    return [{ at: 1_000, level: 'info' as const, text: 'hello' }];
  }

  subscribe(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.closes += 1;
  }

  emit(event: RuntimeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** What nodes say of a runtime that could not be opened, behind the reason. */
export const TRIED_AGAIN = '. It is tried again every half minute, and when host.toml changes.';

export function failing(code: WasiError['code'], message = 'it went wrong'): () => Promise<never> {
  return async () => {
    throw new WasiError(code, message);
  };
}

/** A promise that the test settles when it likes. */
export class Pending<T> {
  #settle: (value: T) => void = () => undefined;
  readonly promise = new Promise<T>((resolve) => {
    this.#settle = resolve;
  });

  resolve(value: T): void {
    this.#settle(value);
  }
}
