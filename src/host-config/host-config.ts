/**
 * host.toml as the rest of the house knows it: parsed once, complete, frozen. Defaults are filled in and sentinels
 * end in `parse-host-config.ts`; nothing downstream asks whether a setting is there. Knows nothing of other rooms but
 * the shape of the simulated signals, which the devices own.
 */
import type { LedSettings, SensorOffsets, SimulationSettings } from '../hardware/hardware';

/** What a node of a cluster is: one that leads where it can, one that may, one that never does. */
export const CLUSTER_ROLES = ['leader-preferred', 'voter', 'learner'] as const;
export type ClusterRole = (typeof CLUSTER_ROLES)[number];

export interface HostConfig {
  /** Where it came from, for messages: a path, "inline" or "built-in defaults". */
  readonly source: string;
  /** Things that are odd but not wrong, e.g. an unknown key with the nearest known one; each a whole sentence. */
  readonly warnings: readonly string[];
  readonly polling: { readonly intervalSeconds: number };
  readonly sensors: {
    readonly dht22: { readonly gpioPin: number; readonly offsets: SensorOffsets };
    readonly bme680: { readonly bus: number; readonly address: number; readonly offsets: SensorOffsets };
  };
  readonly leds: LedSettings;
  readonly buzzer: { readonly gpioPin: number };
  readonly fan: { readonly gpioPin: number };
  readonly logging: { readonly level: LogLevel; readonly showSensorData: boolean };
  /** In the order of host.toml: the order of a cycle. Keys are normalised (`-` is `_`). */
  readonly plugins: ReadonlyMap<string, PluginConfig>;
  /** What a plugin without a table of its own runs under: enabled, nothing granted. */
  readonly defaultLimits: PluginLimits;
  readonly simulation: SimulationSettings;
  readonly cluster: {
    readonly enabled: boolean;
    /** `[cluster] node_id`, else the host name: the `<node>` of topics and readings. */
    readonly nodeId: string;
    /** The own member's first. */
    readonly endpoints: readonly string[];
    readonly role: ClusterRole;
    /** Paths of PEM files; without `ca` the system's authorities count. `cert` and `key` come together. */
    readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
    /** Without `passwordFile` the password is one of Node-RED's credentials. */
    readonly login?: { readonly user: string; readonly passwordFile?: string };
  };
}

export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace';

export interface PluginConfig {
  /** Normalised: `pi_monitor`. */
  readonly name: string;
  readonly enabled: boolean;
  /** The LEDs it may change, ascending, each below `leds.count`. */
  readonly leds: readonly number[];
  readonly grants: Grants;
  readonly settings: Readonly<Record<string, string>>;
  readonly limits: PluginLimits;
  /** `process`: it runs in a process of its own, and shares none with other plugins. */
  readonly isolation: Isolation;
  /** The only component it may run, 64 lower-case hexadecimal digits, where host.toml pins one. */
  readonly sha256?: string;
  /** How host.toml has it, for messages that say what to write there; undefined where it has no table. */
  readonly table?: PluginTable;
}

export const ISOLATIONS = ['shared', 'process'] as const;
export type Isolation = (typeof ISOLATIONS)[number];

export interface PluginTable {
  /** As it is written: `pi-monitor`. */
  readonly key: string;
  /** Whether grants are written down, in whatever form. */
  readonly hasGrants: boolean;
}

/** What `[plugins.X.grants]` says, or what the tables imply for a bundled plugin. Empty and false deny. */
export interface Grants {
  /** BCM numbers that `gpio-provider.read-dht22` may name. */
  readonly gpio: readonly number[];
  readonly i2c: readonly I2cAddress[];
  readonly buzzer: boolean;
  readonly fan: boolean;
  readonly systemInfo: boolean;
  readonly stateStore: boolean;
  readonly spi: readonly SpiDevice[];
  /** Paths such as /dev/ttyAMA0. */
  readonly uart: readonly string[];
  readonly processImage: { readonly read: readonly string[]; readonly write: readonly string[] };
}

export interface I2cAddress {
  readonly bus: number;
  /** 7 bits, 0x03–0x77. */
  readonly address: number;
}

export interface SpiDevice {
  readonly bus: number;
  readonly chipSelect: number;
}

export interface PluginLimits {
  /** One call, ms. */
  readonly deadlineMs: number;
  /** From the file to a callable instance, ms. */
  readonly loadDeadlineMs: number;
  /** Linear memory of the guest, MiB. */
  readonly memoryMb: number;
}

/** `-` and `_` are one in a plugin's name. */
export function normalisePluginName(name: string): string {
  return name.trim().replaceAll('-', '_');
}
