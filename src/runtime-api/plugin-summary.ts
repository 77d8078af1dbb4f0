/** A plugin in a few words, for nodes, the dashboard and the editor. Imports nothing: the editor's page knows it, too. */

/** The states a user sees; `state` is the discriminator that status texts are keyed by. */
export type PluginStateKind = 'disabled' | 'loading' | 'ready' | 'polling' | 'reloading' | 'backing-off' | 'closed';

/**
 * As the editor says it, files of the plugin folder included that nobody asked for. `inspecting`: being looked at. `unused`: it
 * could run, and neither host.toml nor a node asks for it. `needs-grant`: host.toml would have to grant it something.
 * `invalid`: it cannot run as it is. `no-file`: there is none.
 */
export type PluginCondition = PluginStateKind | 'inspecting' | 'unused' | 'needs-grant' | 'invalid' | 'no-file';

export interface PluginSummary {
  readonly name: string;
  readonly state: PluginStateKind;
  /** Whether it yields readings (a sensor), a page (a dashboard) or neither is known yet. */
  readonly role: 'sensor' | 'dashboard' | 'display' | 'unknown';
  /** Where its component comes from: bundled with the package, a file in the plugin folder, nowhere, or not looked yet. */
  readonly origin: 'bundled' | 'file' | 'missing' | 'unknown';
  readonly polls: number;
  readonly failures: number;
  /** Calls that a grant refused: pins, addresses, LEDs, devices or variables that it may not have. */
  readonly refusedCalls: number;
  /** The LEDs it may change. */
  readonly leds: readonly number[];
  /** Of its last calls, queue not counted; none yet: undefined. */
  readonly latency?: { readonly lastMs: number; readonly medianMs: number; readonly longestMs: number };
  /** Linear memory of the guest that runs. */
  readonly memoryBytes?: number;
  /** Failed calls and loads by the code of their error. */
  readonly failuresByCode?: Readonly<Record<string, number>>;
  /** While the newest call did not bring all that it should have. `since`: ms since 1970. */
  readonly failing?: { readonly code: string; readonly message: string; readonly since: number };
  readonly lastError?: { readonly code: string; readonly message: string; readonly at: number };
}
