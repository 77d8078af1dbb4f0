/**
 * From a located component to a guest that can be called: load it if it is admitted, find its role, give it its imports,
 * start it. What a plugin calls "its guest" is one of these.
 */
import { join } from 'node:path';
import type { GuestCounts } from '../capabilities/guest-counts';
import type { GuestImportsData } from '../capabilities/guest-imports-data';
import { ServedDevices } from '../capabilities/served-devices';
import type { ComponentLoader, LoadLimits } from '../component-store/component-loader';
import { type ErrorFacts, WasiError } from '../errors/wasi-error';
import { ProtocolViolation } from '../guest-process/frames';
import { Guest, GuestCallError } from '../guest-process/guest';
import type { GuestProcesses } from '../guest-process/guest-processes';
import type { DeviceCaller } from '../hardware/device-thread';
import type { PluginConfig } from '../host-config/host-config';
import { DamagedBlob } from '../wasm/damaged-blob';
import type { CallEffects } from '../wasm/guest-imports';
import type { ComponentShape } from '../wasm/inspect';
import { admissionOf } from './admission';
import { type GuestEffects, parseEffects } from './guest-effects';
import { namedError } from './plugin-error';
import type { LocatedComponent } from './plugin-files';
import { handOverOf, type PluginRole, roleOf } from './plugin-role';
import type { StateFiles } from './state-files';

export interface HostedReturn {
  readonly value: unknown;
  readonly effects: GuestEffects;
}

/** A call that the guest ended without a result, with what it left behind. A guest that was stopped leaves nothing. */
export class HostedCallError extends WasiError {
  constructor(
    { code, message }: ErrorFacts,
    readonly effects: GuestEffects,
    /** Whether it can be called again. */
    readonly lives: boolean,
  ) {
    super(code, message);
  }
}

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
  call(instance: string, func: string, args: readonly unknown[]): Promise<HostedReturn>;
  close(): void;
}

export interface GuestSurroundings {
  readonly loader: ComponentLoader;
  readonly processes: GuestProcesses;
  readonly stateFiles: StateFiles;
  ledCount(): number;
  /** Of one guest of the plugin. */
  connectDevices(plugin: string): DeviceCaller;
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
  if (component.digest === unlessDigest) return 'unchanged';
  const state = await surroundings.stateFiles.read(name).catch((error: unknown) => {
    throw namedError(error, name);
  });
  const importsData: GuestImportsData = {
    plugin: name,
    grants: config.grants,
    ...(config.table ? { table: config.table.key } : {}),
    leds: { count: surroundings.ledCount(), granted: config.leds },
    settings: Object.entries(config.settings),
    state: [...state],
  };
  const devices = new ServedDevices(config.grants, surroundings.connectDevices(name), counts.deviceCalls);
  const guest = await Guest.start(surroundings.processes, {
    name,
    digest: component.digest,
    isolation: config.isolation,
    glue: component.glue,
    modules: component.modules,
    importsModule: IMPORTS_MODULE,
    importsData,
    memoryMb: limits.memoryMb,
    loadDeadlineMs: limits.loadDeadlineMs,
    signal,
    readAhead: { read: () => devices.readAhead(), asked: (methods, used) => devices.asked(methods, used) },
    onDeviceCall: (method, args) => devices.serve(method, args),
    onRefused: (count) => counts.addRefusals(count),
    onOutput: (stream, line) => surroundings.onOutput(name, stream, line),
    onWarning: (text) => surroundings.onWarning(name, text),
  });
  const grantedLeds = new Set(config.leds);
  const effectsOf = (sent: CallEffects): GuestEffects => {
    const deviceFailures = devices.takeFailures();
    const { leds, kept, refusedCalls } = parseEffects(sent, grantedLeds);
    counts.addRefusals(refusedCalls);
    return { leds, kept, deviceFailures };
  };
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
    call: (instance, func, args) => callOf(guest, effectsOf, guest.call(instance, func, args, limits.deadlineMs)),
    close: () => guest.close(),
  };
}

/** Effects that no guest of ours sends end it. */
async function callOf(
  guest: Guest,
  effectsOf: (sent: CallEffects) => GuestEffects,
  call: ReturnType<Guest['call']>,
): Promise<HostedReturn> {
  try {
    const { value, effects } = await call;
    return { value, effects: effectsOf(effects) };
  } catch (error) {
    if (error instanceof ProtocolViolation) throw guest.violated(error.message);
    if (!(error instanceof GuestCallError)) throw error;
    throw new HostedCallError(error, effectsOfFailed(guest, effectsOf, error), error.lives);
  }
}

function effectsOfFailed(
  guest: Guest,
  effectsOf: (sent: CallEffects) => GuestEffects,
  { effects }: GuestCallError,
): GuestEffects {
  try {
    return effectsOf(effects);
  } catch (error) {
    if (error instanceof ProtocolViolation) throw guest.violated(error.message);
    throw error;
  }
}
