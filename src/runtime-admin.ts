/**
 * What the editor may ask of a runtime, beside what nodes may: its plugins in detail, a fresh instance of one, and new
 * components. Implemented by `runtime/administration.ts`; every answer is there within 3 s, as a RevPi's proxy waits no longer.
 */
import type { PluginLimits } from './host-config/host-config';
import type { PluginSummary } from './runtime-api';

/** An interface that a component imports, and whether this host lets it. */
export interface ImportView {
  /** `edge:plugin/i2c@1.0.0` */
  readonly name: string;
  /**
   * `free`: any plugin may import it. `granted`: by host.toml. `missing`: host.toml could grant it. `unknown`: nothing in
   * host.toml could, as it is another host's or of another version.
   */
  readonly access: 'free' | 'granted' | 'missing' | 'unknown';
  /** Of `granted`: the line of the grants table. */
  readonly granted?: string;
}

/** A plugin as the editor shows it: also one that was refused, is disabled, or is a file that nobody asked for yet. */
export interface PluginView extends PluginSummary {
  /** Whether host.toml names it or it is bundled: what is polled by "*". One that is not runs where a node names it. */
  readonly listed: boolean;
  /** Path of its file; none: bundled, or missing. */
  readonly file?: string;
  readonly sizeBytes?: number;
  /** Missing while nobody has looked at it. */
  readonly sha256?: string;
  /** Whether host.toml allows one component alone. */
  readonly pinned: boolean;
  /** At most 256, as with imports. */
  readonly exports: readonly string[];
  readonly imports: readonly ImportView[];
  /** The grants table that lets it import what is missing; "" where nothing is, or no line would help. */
  readonly lines: string;
  /** The body of its grants table as it holds now, written down or implied; a table that is written replaces all of it. */
  readonly grants: string;
  readonly limits: PluginLimits;
}

export interface RuntimeAdmin {
  /** Every plugin and every file of the plugin folder; what cannot be looked at within 1.5 s is shown without it. */
  pluginViews(): Promise<readonly PluginView[]>;
  /** Absolute. */
  readonly pluginDir: string;
  /**
   * A fresh instance of a plugin, without the state of the old one's memory, whatever its file is; also out of a back-off.
   * Resolves when it is on its way. Throws PLUGIN_NOT_FOUND, RUNTIME_CLOSED, and CONFIG_INVALID for a disabled one.
   */
  reload(plugin: string): Promise<void>;
  /** host.toml was written just now: resolves when what it says is what holds. Never rejects. */
  takeConfigOver(): Promise<void>;
}
