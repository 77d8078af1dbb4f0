/**
 * Third stage, the real way: a file, the process that prepares it, a guest's thread in the process of the guests with the
 * imports of a plugin, one call, its answer as readings. After each mutant its neighbour in the same process still answers.
 * Every error has a code of the contract, no code of a name runs in the guest's realm or in this one, no thread and no
 * folder stays, and the process of the guests is the same as before.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GuestCounts } from '../../src/capabilities/guest-counts';
import { refusedImports } from '../../src/capabilities/import-check';
import { ServedDevices } from '../../src/capabilities/served-devices';
import { type Component, ComponentLoader } from '../../src/component-store/component-loader';
import { ERROR_CODES, WasiError } from '../../src/errors/wasi-error';
import { Guest } from '../../src/guest-process/guest';
import { GuestProcesses } from '../../src/guest-process/guest-processes';
import { type DeviceThread, openDeviceThread } from '../../src/hardware/device-thread';
import { NO_GRANTS } from '../../src/host-config/grants-table';
import { toReadings } from '../../src/plugin-host/guest-readings';
import { WASI_INTERFACES } from '../../src/wasm/wasi/wasi-imports';
import { settingsWith } from '../hardware/settings';
import { until } from '../support/until';
import { polling, REPOSITORY } from '../wasm/components';
import { CANARY_WARNING, watchRealm } from './canary';
import type { Judgement } from './judgement';

const GRANTS = { ...NO_GRANTS, stateStore: true };
const MEMORY_MB = 16;
/** Some mutants spin: each costs this much. */
const CALL_DEADLINE_MS = 1_000;
const START_DEADLINE_MS = 20_000;
const PATIENT_MS = 30_000;
/** Beyond every deadline within: what is not over by then never will be. */
const HANG_MS = 60_000;
const NEIGHBOUR_ANSWER = 7;
const ARGUMENTS = [Uint8Array.of(1, 2, 3)];

export class FullRun {
  readonly #processes: string;
  /** Of the guests' process with the neighbour alone. */
  readonly #threads: number;
  #realmDied = false;

  private constructor(
    readonly folder: string,
    readonly loader: ComponentLoader,
    readonly processes: GuestProcesses,
    readonly devices: DeviceThread,
    readonly neighbour: Guest,
  ) {
    this.#processes = processes.pids.join(' ');
    this.#threads = this.#threadsNow();
    watchRealm(() => {
      this.#realmDied = true;
    });
  }

  static async open(folder: string): Promise<FullRun> {
    const loader = new ComponentLoader({ storeDir: join(folder, 'store'), bundledDir: join(folder, 'none') });
    const devices = await openDeviceThread({ kind: 'simulated', because: 'a test' }, settingsWith());
    const path = join(folder, 'neighbour.wasm');
    writeFileSync(
      path,
      await polling('(result u32)', `(func (export "poll") (result i32) i32.const ${NEIGHBOUR_ANSWER})`),
    );
    const workFolder = join(folder, 'empty');
    mkdirSync(workFolder);
    const processes = new GuestProcesses({
      storeFolders: [join(folder, 'store')],
      workFolder,
      onEnd: () => undefined,
    });
    const neighbour = await start(processes, await load(loader, path), devices, () => undefined);
    return new FullRun(folder, loader, processes, devices, neighbour);
  }

  async run(bytes: Uint8Array): Promise<Judgement> {
    const findings: string[] = [];
    const verdict = await within(HANG_MS, this.#one(bytes, findings)).catch((error: unknown) => {
      const isOurs = error instanceof WasiError && ERROR_CODES.includes(error.code);
      if (!isOurs) findings.push(`not an error of this package: ${textOf(error)}`);
      return isOurs ? error.code : 'broke';
    });
    if (this.processes.pids.join(' ') !== this.#processes) findings.push('the process of the guests ended');
    await until(() => this.#threadsNow() <= this.#threads, 'the end of its thread').catch((error: unknown) =>
      findings.push(String(error)),
    );
    const left = readdirSync(join(this.folder, 'store', 'incoming'));
    if (left.length > 0) findings.push('the folder of its preparation was not removed');
    if (this.#realmDied) findings.push('code of a name ran in the main realm');
    this.#realmDied = false;
    await this.#askNeighbour().catch((error: unknown) => findings.push(`its neighbour failed: ${textOf(error)}`));
    return { verdict, passed: verdict.startsWith('answered'), findings };
  }

  async close(): Promise<void> {
    this.neighbour.close();
    this.loader.close();
    await this.processes.close();
    await this.devices.close();
  }

  /** 0 where this system does not tell. */
  #threadsNow(): number {
    if (process.platform !== 'linux') return 0;
    return this.processes.pids.reduce((sum, pid) => {
      const status = readFileSync(`/proc/${pid}/status`, 'latin1');
      return sum + Number(/^Threads:\s+(\d+)$/m.exec(status)?.[1]);
    }, 0);
  }

  /** As running-guest.ts starts a plugin, and plugin.ts takes its answer. */
  async #one(bytes: Uint8Array, findings: string[]): Promise<string> {
    const path = join(this.folder, 'mutant.wasm');
    writeFileSync(path, bytes);
    const component = await load(this.loader, path);
    if (refusedImports(component.imports, GRANTS, WASI_INTERFACES).length > 0) return 'CAPABILITY_DENIED';
    const guest = await start(this.processes, component, this.devices, (text) => {
      if (text === CANARY_WARNING) findings.push('code of a name ran in the guest’s realm');
    });
    try {
      const [instance = ''] = component.exports;
      const { value } = await guest.call(instance, 'poll', ARGUMENTS, CALL_DEADLINE_MS);
      return isReadings(value) ? 'answered with readings' : 'answered';
    } finally {
      guest.close();
    }
  }

  async #askNeighbour(): Promise<void> {
    const { value } = await this.neighbour.call('test:test/logic', 'poll', [], PATIENT_MS);
    if (value !== NEIGHBOUR_ANSWER) throw new Error(`it answered ${String(value)}`);
  }
}

function load(loader: ComponentLoader, path: string): Promise<Component> {
  return loader.load({ kind: 'file', path }, { memoryMb: MEMORY_MB, deadlineMs: PATIENT_MS, checkData: false });
}

function start(
  processes: GuestProcesses,
  component: Component,
  devices: DeviceThread,
  onWarning: (text: string) => void,
): Promise<Guest> {
  const served = new ServedDevices(GRANTS, devices.callerFor(), new GuestCounts().deviceCalls);
  return Guest.start(processes, {
    name: 'mutant',
    digest: component.digest,
    isolation: 'shared',
    glue: component.glue,
    modules: component.modules,
    importsModule: join(REPOSITORY, 'dist', 'test', 'fuzz', 'canary-imports.js'),
    importsData: {
      plugin: 'mutant',
      grants: GRANTS,
      leds: { count: 3, granted: [1] },
      settings: [['threshold', '30']],
      state: [],
    },
    memoryMb: MEMORY_MB,
    loadDeadlineMs: START_DEADLINE_MS,
    signal: new AbortController().signal,
    readAhead: { read: () => served.readAhead(), asked: (methods, used) => served.asked(methods, used) },
    onDeviceCall: (method, args) => served.serve(method, args),
    onOutput: () => undefined,
    onRefused: () => undefined,
    onWarning,
  });
}

/** PLUGIN_ERROR is how an answer that is no reading is refused; anything else is passed on. */
function isReadings(value: unknown): boolean {
  try {
    toReadings(value, { node: 'node', plugin: 'plugin', now: 0 });
    return true;
  } catch (error) {
    if (error instanceof WasiError && error.code === 'PLUGIN_ERROR') return false;
    throw error;
  }
}

/** Rejects with what is no error of this package when `work` is not over in time. */
async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let late: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(new Error(`it was not over within ${limitMs} ms`)), limitMs);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(late));
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
