/**
 * The engine as the plugin host uses it: a loader, real imports with simulated devices behind them, guests. One for a test
 * file, since the devices' thread and the prepared store are what all its tests may share.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GuestCounts } from '../../src/capabilities/guest-counts';
import { ServedDevices } from '../../src/capabilities/served-devices';
import { type Component, ComponentLoader, type LoadLimits } from '../../src/component-store/component-loader';
import { Guest, type GuestReturn } from '../../src/guest-process/guest';
import type { ProcessTiming } from '../../src/guest-process/guest-process';
import { GuestProcesses } from '../../src/guest-process/guest-processes';
import { type DeviceThread, openDeviceThread } from '../../src/hardware/device-thread';
import { NO_GRANTS } from '../../src/host-config/grants-table';
import type { Grants } from '../../src/host-config/host-config';
import type { OutputStreamName } from '../../src/wasm/wasi/output-lines';
import { settingsWith } from '../hardware/settings';
import { until } from '../support/until';
import { fixture, REPOSITORY, scratchFolder } from './components';
import { PREPARED } from './prepared-guests';

const BUNDLED = join(REPOSITORY, 'dist', 'prepared');
const FIXTURES = dirname(fixture(''));

export const SENSOR_LOGIC = 'edge:plugin/sensor-logic@1.0.0';

/** Longer than anything takes on a slow machine; a test that wants a deadline to pass gives a short one. */
const PATIENT_MS = 60_000;
export const PATIENT: LoadLimits = { memoryMb: 64, deadlineMs: PATIENT_MS, checkData: false };

/** For components whose preparing is not what is tested: it is done once, also for the next run. */
export function preparedOnce(): ComponentLoader {
  return new ComponentLoader({ storeDir: PREPARED, bundledDir: BUNDLED });
}

export interface GuestWishes {
  readonly settings?: Readonly<Record<string, string>>;
  readonly grants?: Partial<Grants>;
  readonly memoryMb?: number;
  readonly loadDeadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly isolation?: 'shared' | 'process';
}

export class Engine {
  /** Of components that a test makes: nothing is prepared of them yet. */
  readonly loader: ComponentLoader;
  /** Of the tests' guests. */
  readonly #prepared: ComponentLoader;
  readonly processes: GuestProcesses;
  /** Reasons of processes that ended by themselves. */
  readonly ends: string[] = [];
  /** What guests printed: `stdout: …`. */
  readonly output: string[] = [];
  readonly warnings: string[] = [];
  readonly #folder: string;
  readonly #guests = new Set<Guest>();
  #devices: Promise<DeviceThread> | undefined;

  constructor(
    test: { after(end: () => void | Promise<void>): void },
    { loader, timing }: { readonly loader?: ComponentLoader; readonly timing?: ProcessTiming } = {},
  ) {
    this.#folder = scratchFolder(test);
    const storeDir = join(this.#folder, 'store');
    const workFolder = join(this.#folder, 'empty');
    mkdirSync(workFolder);
    this.loader = loader ?? new ComponentLoader({ storeDir, bundledDir: BUNDLED });
    this.#prepared = loader ?? preparedOnce();
    this.processes = new GuestProcesses({
      // Also stores of loaders that a test brings, wherever they are.
      storeFolders: [BUNDLED, PREPARED, storeDir, tmpdir()],
      workFolder,
      onEnd: (text) => this.ends.push(text),
      ...(timing ? { timing } : {}),
    });
    test.after(() => this.close());
  }

  /** A file with these bytes. */
  file(bytes: Uint8Array, name = `${randomUUID()}.wasm`): string {
    const path = join(this.#folder, name);
    writeFileSync(path, bytes);
    return path;
  }

  load(path: string, limits: Partial<LoadLimits> = {}): Promise<Component> {
    const loader = path.startsWith(FIXTURES) ? this.#prepared : this.loader;
    return loader.load({ kind: 'file', path }, { ...PATIENT, ...limits });
  }

  async start(path: string, wishes: GuestWishes = {}): Promise<Guest> {
    const { memoryMb = PATIENT.memoryMb, loadDeadlineMs = PATIENT_MS } = wishes;
    return this.startLoaded(await this.load(path, { memoryMb }), { ...wishes, memoryMb, loadDeadlineMs });
  }

  async startLoaded(component: Component, wishes: GuestWishes = {}, processes = this.processes): Promise<Guest> {
    const grants = { ...NO_GRANTS, ...wishes.grants };
    const devices = new ServedDevices(grants, (await this.devices()).callerFor(), new GuestCounts().deviceCalls);
    const guest = await Guest.start(processes, {
      name: 'guest',
      digest: component.digest,
      isolation: wishes.isolation ?? 'shared',
      glue: component.glue,
      modules: component.modules,
      importsModule: join(REPOSITORY, 'dist', 'src', 'capabilities', 'host-imports.js'),
      importsData: {
        plugin: 'guest',
        grants,
        leds: { count: 3, granted: [1] },
        settings: Object.entries(wishes.settings ?? {}),
        state: [],
      },
      memoryMb: wishes.memoryMb ?? PATIENT.memoryMb,
      loadDeadlineMs: wishes.loadDeadlineMs ?? PATIENT_MS,
      signal: wishes.signal ?? new AbortController().signal,
      readAhead: { read: () => devices.readAhead(), asked: (methods, used) => devices.asked(methods, used) },
      onDeviceCall: (method, args) => devices.serve(method, args),
      onRefused: () => undefined,
      onOutput: (stream: OutputStreamName, line: string) => this.output.push(`${stream}: ${line}`),
      onWarning: (text: string) => this.warnings.push(text),
    });
    this.#guests.add(guest);
    return guest;
  }

  /** Also those that a failing test left behind. */
  closeGuests(): void {
    for (const guest of this.#guests) guest.close();
    this.#guests.clear();
  }

  /** Resolves when every guest's thread is gone but for so many. */
  async threadsEnded(left = 0): Promise<void> {
    await until(
      () => this.processes.threads <= left,
      () => `${this.processes.threads} threads of guests still run`,
    );
  }

  devices(): Promise<DeviceThread> {
    this.#devices ??= openDeviceThread({ kind: 'simulated', because: 'a test' }, settingsWith());
    return this.#devices;
  }

  async close(): Promise<void> {
    this.closeGuests();
    this.loader.close();
    this.#prepared.close();
    await this.processes.close();
    await (await this.#devices)?.close();
  }
}

export function poll(guest: Guest, deadlineMs = PATIENT_MS): Promise<GuestReturn> {
  return guest.call(SENSOR_LOGIC, 'poll', [], deadlineMs);
}

/** Numbers of the first reading by the metric's name. */
export function metricsOf({ value }: GuestReturn): Readonly<Record<string, number>> {
  const [reading]: { metrics: { name: string; value: number }[] }[] = JSON.parse(
    JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? Number(part) : part)),
  );
  return Object.fromEntries((reading?.metrics ?? []).map((metric) => [metric.name, metric.value]));
}
