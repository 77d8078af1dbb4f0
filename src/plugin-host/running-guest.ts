/**
 * From a located component to a guest that can be called: load it if it is admitted, find its role, give it its imports,
 * start it. What a plugin calls "its guest" is one of these.
 */
import { join } from 'node:path';
import type { GuestCounts } from '../capabilities/guest-counts';
import type { GuestImportsData } from '../capabilities/guest-imports-data';
import type { DeviceConnection } from '../hardware/device-channel';
import type { PluginConfig } from '../host-config/host-config';
import type { ComponentLoader, LoadLimits } from '../wasm/component-loader';
import { DamagedBlob } from '../wasm/damaged-blob';
import type { FileGuard } from '../wasm/file-guard';
import { Guest, type GuestReturn } from '../wasm/guest';
import type { ComponentShape } from '../wasm/inspect';
import { admissionOf } from './admission';
import { namedError } from './plugin-error';
import type { LocatedComponent } from './plugin-files';
import { handOverOf, type PluginRole, roleOf } from './plugin-role';
import type { StateFiles } from './state-files';

export interface RunningGuest {
  readonly role: PluginRole;
  readonly located: LocatedComponent;
  /** sha256 of its component. */
  readonly digest: string;
  /** Full name of the exported hand-over interface. */
  readonly handOver: string | undefined;
  /** What it imports and exports. */
  readonly shape: ComponentShape;
  /** Linear memory, after its last call that returned. */
  readonly memoryBytes: number;
  readonly alive: boolean;
  call(instance: string, func: string, args: readonly unknown[]): Promise<GuestReturn>;
  /** `changed`: a guard did not hold, and nothing was called. */
  callWhile(
    guards: readonly FileGuard[],
    instance: string,
    func: string,
    args: readonly unknown[],
  ): Promise<GuestReturn | 'changed'>;
  close(): Promise<void>;
}

export interface GuestSurroundings {
  readonly loader: ComponentLoader;
  readonly stateFiles: StateFiles;
  ledCount(): number;
  connectDevices(): DeviceConnection;
  /** Lines a guest prints and warnings about it, for the log. */
  onOutput(plugin: string, stream: 'stdout' | 'stderr', line: string): void;
  onWarning(plugin: string, text: string): void;
}

export interface StartOptions {
  /** Aborted: what is starting gives up with RUNTIME_CLOSED. */
  readonly signal: AbortSignal;
  /** Of all guests of the plugin. */
  readonly counts: GuestCounts;
  /** Of the component that runs: nothing is started if this is it again. */
  readonly unlessDigest?: string;
}

const IMPORTS_MODULE = join(__dirname, '..', 'capabilities', 'host-imports.js');

/** A prepared component that turns out damaged is mended and started once more. */
export async function startGuest(
  config: PluginConfig,
  located: LocatedComponent,
  surroundings: GuestSurroundings,
  options: StartOptions,
): Promise<RunningGuest | 'unchanged'> {
  try {
    return await start(config, located, surroundings, options, false);
  } catch (error) {
    if (!(error instanceof DamagedBlob)) throw error;
    return start(config, located, surroundings, options, true);
  }
}

async function start(
  config: PluginConfig,
  located: LocatedComponent,
  surroundings: GuestSurroundings,
  { signal, counts, unlessDigest }: StartOptions,
  checkData: boolean,
): Promise<RunningGuest | 'unchanged'> {
  const { name, limits } = config;
  const wanted: LoadLimits = {
    memoryMb: limits.memoryMb,
    deadlineMs: limits.loadDeadlineMs,
    checkData,
    admission: admissionOf(config),
    ...(config.sha256 === undefined ? {} : { onlySha256: config.sha256 }),
  };
  const component = await surroundings.loader.load(located.source, wanted, signal).catch((error: unknown) => {
    throw namedError(error, name);
  });
  if (component.digest === unlessDigest) {
    component.release();
    return 'unchanged';
  }
  let state: GuestImportsData['state'];
  try {
    state = await surroundings.stateFiles.read(name);
  } catch (error) {
    component.release();
    throw namedError(error, name);
  }
  const devices = surroundings.connectDevices();
  const importsData: GuestImportsData = {
    plugin: name,
    grants: config.grants,
    ...(config.table ? { table: config.table.key } : {}),
    leds: { count: surroundings.ledCount(), granted: config.leds },
    settings: config.settings,
    state,
    devices,
    ...counts,
  };
  const guest = await Guest.start({
    name,
    component,
    importsModule: IMPORTS_MODULE,
    importsData,
    transfer: [devices.port],
    memoryMb: limits.memoryMb,
    loadDeadlineMs: limits.loadDeadlineMs,
    signal,
    onOutput: (stream, line) => surroundings.onOutput(name, stream, line),
    onWarning: (text) => surroundings.onWarning(name, text),
  });
  return {
    role: roleOf(component.exports),
    located,
    digest: component.digest,
    handOver: handOverOf(component.exports),
    shape: { imports: component.imports, exports: component.exports },
    get memoryBytes() {
      return guest.memoryBytes;
    },
    get alive() {
      return guest.alive;
    },
    call: (instance, func, args) => guest.call(instance, func, args, limits.deadlineMs),
    callWhile: (guards, instance, func, args) => guest.callWhile(guards, instance, func, args, limits.deadlineMs),
    close: () => guest.close(),
  };
}
