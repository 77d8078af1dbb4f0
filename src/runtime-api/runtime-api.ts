/**
 * What Node-RED's nodes may ask of the runtime: the one seam between `nodes/` and `src/`. Implemented by `runtime/runtime.ts`, opened by `runtime/open-runtime.ts`.
 */

import type { WasiError } from '../errors/wasi-error';
import type { HardwareChoice } from '../hardware/hardware';
import type { HostConfig } from '../host-config/host-config';
import type { WorldByKey } from '../host-config/simulation-changes';
import type { LogLine } from '../readings/log-lines';
import type { MinuteHistory } from '../readings/minute-history';
import type { Reading } from '../readings/reading';
import type { HistorySeries } from '../readings/readings-store';
import type { Trend } from '../readings/trend';
import type { RuntimeAdmin } from './admin-api';
import type { ClusterState, RuntimeCluster, Standing } from './cluster-api';
import type { GatewayTotals, RuntimeCounts } from './counters';
import type { PluginStateKind, PluginSummary } from './plugin-summary';
import type { RuntimeStorage, StorageView } from './storage-api';

export type { ClusterState, LogLine, PluginStateKind, PluginSummary, RuntimeCluster, Standing, WorldByKey };

export interface PluginFailure {
  readonly plugin: string;
  readonly error: WasiError;
}

/**
 * Outcome of one plugin's poll. `failures`: devices that could not be read while others were; a poll that read nothing
 * because of one is rejected. `shown`: the plugin is a display, which was given the newest readings. `disabled` is no error:
 * nothing was polled and nothing is to be sent.
 */
export type PollOutcome =
  | {
      readonly kind: 'polled';
      readonly plugin: string;
      readonly readings: readonly Reading[];
      readonly failures: readonly PluginFailure[];
    }
  | { readonly kind: 'shown'; readonly plugin: string }
  | { readonly kind: 'disabled'; readonly plugin: string };

/** Outcome of one whole cycle over every enabled sensor and display plugin; failures do not stop the others. */
export interface CycleOutcome {
  readonly readings: readonly Reading[];
  readonly failures: readonly PluginFailure[];
  /** How many sensor plugins were polled, failed ones included. */
  readonly polled: number;
  /** How many of them were read, though perhaps not all of their devices. */
  readonly answered: number;
  /** How many display plugins were updated after the sensors, failed ones included. */
  readonly updated: number;
  /** How many of them show the newest readings. */
  readonly shown: number;
}

export interface LedSyncOutcome {
  /** Whether the strip was written: only when the buffer differed from what it shows. */
  readonly changed: boolean;
  /** `#rrggbb` an LED. */
  readonly leds: readonly string[];
}

export type RuntimeEvent =
  | { readonly kind: 'plugin'; readonly summary: PluginSummary }
  /** Of one node: this one's by a poll, another's by the cluster. One that brought very many has several events. */
  | { readonly kind: 'readings'; readonly readings: readonly Reading[] }
  /** What these sensors of this node read last does not hold any more: a poll of their plugin failed, or none brought them for an hour. */
  | { readonly kind: 'unknown'; readonly readings: readonly Reading[] }
  /** A plugin is gone: its file is, and host.toml does not name it. Its readings are not among the newest any more. */
  | { readonly kind: 'removed'; readonly plugin: string }
  /** The cluster, or this node's place in it, is another one; `state` as `cluster` tells it. */
  | { readonly kind: 'cluster'; readonly state: ClusterState | undefined }
  | { readonly kind: 'leds'; readonly leds: readonly string[] }
  /** The log has new lines, about these plugins; "" is the runtime itself. At most ten times a second. */
  | { readonly kind: 'logged'; readonly plugins: readonly string[] }
  /** Something is not being kept on the disk any more, or is again, or there is little room left, or is again. */
  | { readonly kind: 'storage'; readonly storage: StorageView }
  /** host.toml changed and holds now: `config` is another one. */
  | { readonly kind: 'configured' };

export interface RuntimeApi {
  /** Replaced as a whole when host.toml changes. */
  readonly config: HostConfig;
  readonly hardware: HardwareChoice;
  /**
   * Polls a sensor plugin, and updates a display plugin with the newest readings. Throws PLUGIN_NOT_FOUND and every code a
   * load or a call can have; POLL_BUSY when one already waits.
   */
  poll(plugin: string): Promise<PollOutcome>;
  /** Every enabled sensor plugin in host.toml's order, then every enabled display plugin. Rejects only with RUNTIME_CLOSED. */
  pollAll(): Promise<CycleOutcome>;
  /** The page of a dashboard plugin, rendered from the newest readings; null when that plugin is disabled. */
  render(plugin: string): Promise<string | null>;
  /**
   * `override` lies above the plugins' colours from then on, `["#rrggbb" or null, …]` from LED 0, until another one replaces
   * it or null ends it; undefined leaves it as it is. Throws CONFIG_INVALID where it is anything else.
   */
  syncLeds(override?: unknown): Promise<LedSyncOutcome>;
  /**
   * Changes the simulated world (keys of [simulation], `fan`, `buzzer`), whole or not at all, and tells how it is then. What
   * is no object changes nothing. Throws CONFIG_INVALID; HARDWARE_MISSING where devices are real.
   */
  simulate(changes?: unknown): Promise<WorldByKey>;
  plugins(): readonly PluginSummary[];
  plugin(name: string): PluginSummary | undefined;
  /** For /metrics. */
  counts(): RuntimeCounts;
  /** A Modbus gateway that serves this runtime's readings; `totals` is asked for each count. Returns how to take it away. */
  addGateway(totals: () => GatewayTotals): () => void;
  readonly cluster: RuntimeCluster;
  readonly storage: RuntimeStorage;
  /** What the editor may ask. */
  readonly admin: RuntimeAdmin;
  /** Newest reading of every sensor of every node. */
  latestReadings(): readonly Reading[];
  /** ms since 1970, of a sensor whose newest reading does not hold any more; undefined where it does. */
  unknownSince(reading: Reading): number | undefined;
  /** ms between the readings of this sensor, as they came lately; undefined before there are enough to tell. */
  usualInterval(reading: Reading): number | undefined;
  /** `sensor` is a sensor id, or `<node>/<plugin>/<sensor>` for exactly one; oldest point first. */
  history(sensor: string, field: string): readonly HistorySeries[];
  /** Every number of every sensor by the minute, for the last 24 hours; also of before a restart, once that is read. */
  readonly minuteHistory: Pick<MinuteHistory, 'fields' | 'revision'>;
  /** How one number of one sensor went; undefined where there are not two points of it. Cheap enough for every render. */
  trend(reading: Reading, field: string): Trend | undefined;
  /** The last 200, oldest first. */
  logLines(): readonly LogLine[];
  /** Returns how to stop listening. A listener that throws is a bug of the listener and is logged. */
  subscribe(listener: (event: RuntimeEvent) => void): () => void;
  close(): Promise<void>;
}

/** Where a runtime writes what the administrator should see; Node-RED's log in production. */
export type LogSink = (line: LogLine) => void;

export interface RuntimeOptions {
  readonly configSource: 'file' | 'inline';
  /** Path of host.toml, absolute or relative to `userDir`; "" for `wasi/host.toml` if it exists. */
  readonly configFile: string;
  readonly configText: string;
  /** "" for `wasi/plugins`. */
  readonly pluginDir: string;
  readonly hardware: 'auto' | 'simulated' | 'raspberry-pi' | 'revpi';
  /** Of `[cluster] user`, from Node-RED's credentials. */
  readonly clusterPassword?: string;
  /** Node-RED's user directory, absolute: everything written goes below it. */
  readonly userDir: string;
  readonly log: LogSink;
}

/** Throws CONFIG_INVALID. Plugins load in the background: this resolves when configuration and devices stand. */
export type OpenRuntime = (options: RuntimeOptions) => Promise<RuntimeApi>;
