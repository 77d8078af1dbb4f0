/**
 * What the editor may ask of a runtime, beside what nodes may: its plugins in detail, a fresh instance of one, and new
 * components. Implemented by `runtime/administration.ts`; every answer is there within 3 s, as a RevPi's proxy waits no longer.
 */
import type { ErrorCode } from '../errors/wasi-error';
import type { PluginEdit } from '../host-config/edit-host-toml';
import type { PluginLimits } from '../host-config/host-config';
import type { PluginCondition, PluginSummary } from './plugin-summary';

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
  /** How it stands, in one word: why it does not run, where it does not. */
  readonly condition: PluginCondition;
  /** Whether host.toml names it or it is bundled: what is polled by "*". One that is not runs where a node names it. */
  readonly listed: boolean;
  /** Whether one of this name comes with the package, which runs where there is no file. */
  readonly hasBundled: boolean;
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

/** What is known of an uploaded component. Nothing of it runs before it is installed. */
export type UploadView =
  | { readonly state: 'inspecting' }
  | { readonly state: 'refused'; readonly code: ErrorCode; readonly message: string }
  | {
      readonly state: 'inspected';
      readonly plugin: string;
      readonly sizeBytes: number;
      readonly sha256: string;
      readonly role: 'sensor' | 'dashboard' | 'display';
      readonly exports: readonly string[];
      /** Under what host.toml grants a plugin of this name now. */
      readonly imports: readonly ImportView[];
      /** The grants table that lets it import what is missing; "" where nothing is. */
      readonly lines: string;
      readonly replaces: 'nothing' | 'bundled' | 'file';
    };

/** `removed`: the file that was there. `written`: path of host.toml, out of which its tables are. `left`: why they are not. */
export interface Removed {
  readonly removed?: string;
  readonly written?: string;
  readonly left?: string;
}

/** A body that somebody sends; `destroy` ends it, and whoever waits for more of it. */
export interface UploadBody extends AsyncIterable<Uint8Array> {
  destroy(): void;
}

export interface InstallWish {
  readonly enabled: boolean;
  /** The body of its grants table; missing: what host.toml says already. */
  readonly lines?: string;
}

/** `written`: path of host.toml. `lines`: what somebody still has to paste into it. */
export type Installed = { readonly installed: string } & ({ readonly written: string } | { readonly lines: string });

/** New components, before they are plugins: at most 4 at a time, each for 15 minutes; refused ones make room. */
export interface UploadDesk {
  /**
   * Takes a component in and returns the id of its upload as soon as it is there. Throws PLUGIN_INVALID for a name or a
   * size that no plugin has or a body that breaks off, POLL_BUSY where too many are kept, RUNTIME_CLOSED.
   */
  receive(fileName: string, body: UploadBody): Promise<string>;
  /** undefined: there is none of this id, or no longer. */
  view(id: string): Promise<UploadView | undefined>;
  /**
   * Makes a plugin of it, under what is wished and nothing more: host.toml is written and in force first. Throws
   * PLUGIN_NOT_FOUND for an id that is not there or not inspected, CONFIG_INVALID where it may not be, with lines where
   * these would help, and POLL_BUSY where host.toml was written and is not in force within 2 s.
   */
  install(id: string, wish: InstallWish, hostToml: EditedHostToml): Promise<Installed>;
  /** Whether there was one. */
  remove(id: string): Promise<boolean>;
}

/** host.toml, as far as installing and removing need it. */
export interface EditedHostToml {
  edit(edit: PluginEdit): Promise<{ readonly path: string }>;
}

export interface RuntimeAdmin {
  readonly uploads: UploadDesk;
  /** Every plugin and every file of the plugin folder; what cannot be looked at within 1.5 s is shown without it. */
  pluginViews(): Promise<readonly PluginView[]>;
  /** Absolute. */
  readonly pluginDir: string;
  /**
   * A fresh instance of a plugin, without the state of the old one's memory, whatever its file is; also out of a back-off.
   * Resolves when it is on its way. Throws PLUGIN_NOT_FOUND, RUNTIME_CLOSED, and CONFIG_INVALID for a disabled one.
   */
  reload(plugin: string): Promise<void>;
  /**
   * Removes a plugin's file from the plugin folder, ends its instance, and takes its tables out of host.toml and what it kept
   * away, unless a plugin of that name comes with the package, which then runs again. Throws PLUGIN_NOT_FOUND where there
   * is nothing to remove, CONFIG_INVALID for one that comes with the package or a file that may not be removed, RUNTIME_CLOSED.
   */
  remove(plugin: string, hostToml: EditedHostToml): Promise<Removed>;
  /** host.toml was written just now: resolves when what it says is what holds. Never rejects. */
  takeConfigOver(): Promise<void>;
}
