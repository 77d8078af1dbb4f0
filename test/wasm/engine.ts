/**
 * The engine as the plugin host uses it: a loader, real imports with simulated devices behind them, guests. One for a test
 * file, since the devices' thread and the prepared store are what all its tests may share.
 */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newGuestCounts } from '../../src/capabilities/guest-counts';
import { type DeviceThread, openDeviceThread } from '../../src/hardware/device-thread';
import { NO_GRANTS } from '../../src/host-config/grants-table';
import type { Grants } from '../../src/host-config/host-config';
import { type Component, ComponentLoader, type LoadLimits } from '../../src/wasm/component-loader';
import { Guest, type GuestReturn } from '../../src/wasm/guest';
import type { OutputStreamName } from '../../src/wasm/wasi/output-lines';
import { settingsWith } from '../hardware/settings';
import { REPOSITORY, scratchFolder } from './components';

export const SENSOR_LOGIC = 'edge:plugin/sensor-logic@1.0.0';

/** Longer than anything takes on a slow machine; a test that wants a deadline to pass gives a short one. */
const PATIENT_MS = 60_000;
export const PATIENT: LoadLimits = { memoryMb: 64, deadlineMs: PATIENT_MS, checkData: false };

export interface GuestWishes {
  readonly settings?: Readonly<Record<string, string>>;
  readonly grants?: Partial<Grants>;
  readonly memoryMb?: number;
  readonly loadDeadlineMs?: number;
  readonly signal?: AbortSignal;
}

export class Engine {
  readonly loader: ComponentLoader;
  /** What guests printed: `stdout: …`. */
  readonly output: string[] = [];
  readonly warnings: string[] = [];
  readonly #folder: string;
  readonly #guests = new Set<Guest>();
  #devices: Promise<DeviceThread> | undefined;

  constructor(test: { after(end: () => void | Promise<void>): void }, loader?: ComponentLoader) {
    this.#folder = scratchFolder(test);
    this.loader =
      loader ??
      new ComponentLoader({
        storeDir: join(this.#folder, 'store'),
        bundledDir: join(REPOSITORY, 'dist', 'prepared'),
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
    return this.loader.load({ kind: 'file', path }, { ...PATIENT, ...limits });
  }

  async start(path: string, wishes: GuestWishes = {}): Promise<Guest> {
    const { memoryMb = PATIENT.memoryMb, loadDeadlineMs = PATIENT_MS } = wishes;
    return this.startLoaded(await this.load(path, { memoryMb }), { ...wishes, memoryMb, loadDeadlineMs });
  }

  async startLoaded(component: Component, wishes: GuestWishes = {}): Promise<Guest> {
    const devices = (await this.devices()).connect();
    const guest = await Guest.start({
      name: 'guest',
      component,
      importsModule: join(REPOSITORY, 'dist', 'src', 'capabilities', 'host-imports.js'),
      importsData: {
        plugin: 'guest',
        grants: { ...NO_GRANTS, ...wishes.grants },
        leds: { count: 3, granted: [1] },
        settings: wishes.settings ?? {},
        state: new Map(),
        devices,
        ...newGuestCounts(),
      },
      transfer: [devices.port],
      memoryMb: wishes.memoryMb ?? PATIENT.memoryMb,
      loadDeadlineMs: wishes.loadDeadlineMs ?? PATIENT_MS,
      signal: wishes.signal ?? new AbortController().signal,
      onOutput: (stream: OutputStreamName, line: string) => this.output.push(`${stream}: ${line}`),
      onWarning: (text: string) => this.warnings.push(text),
    });
    this.#guests.add(guest);
    return guest;
  }

  /** Also those that a failing test left behind. */
  async closeGuests(): Promise<void> {
    await Promise.all([...this.#guests].map((guest) => guest.close()));
    this.#guests.clear();
  }

  devices(): Promise<DeviceThread> {
    this.#devices ??= openDeviceThread({ kind: 'simulated', because: 'a test' }, settingsWith());
    return this.#devices;
  }

  async close(): Promise<void> {
    await this.closeGuests();
    await this.loader.close();
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
