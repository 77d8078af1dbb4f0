/**
 * Which events of a runtime make a page look different. Rendering is itself such an event: the dashboard plugin goes from
 * ready to polling and back, and may print. Taken for a change, each render would ask for the next one, and two pages would
 * keep each other rendering; so calls of any dashboard plugin, and lines about one, do not count.
 */
import type { PluginStateKind, PluginSummary, RuntimeEvent } from '../runtime-api/runtime-api';

/** Between these two a call moves a plugin. */
const OF_A_CALL: ReadonlySet<PluginStateKind> = new Set(['ready', 'polling']);

export class PageChanges {
  readonly #states = new Map<string, PluginStateKind>();
  readonly #dashboards: Set<string>;

  /** `plugin`: the page's own, as the runtime names it. */
  constructor(plugin: string) {
    this.#dashboards = new Set([plugin]);
  }

  isChange(event: RuntimeEvent): boolean {
    switch (event.kind) {
      case 'readings':
      case 'unknown':
      case 'leds':
      case 'configured':
      case 'cluster':
      case 'storage':
        return true;
      case 'removed':
        this.#states.delete(event.plugin);
        return true;
      case 'plugin':
        return this.#isOtherState(event.summary);
      case 'logged':
        return event.plugins.some((plugin) => !this.#dashboards.has(plugin));
    }
  }

  #isOtherState({ name, state, role }: PluginSummary): boolean {
    // Not heard of yet: it was ready, or it could not be called.
    const before = this.#states.get(name) ?? 'ready';
    const firstHeard = !this.#states.has(name);
    this.#states.set(name, state);
    if (role === 'dashboard') this.#dashboards.add(name);
    if (!this.#dashboards.has(name)) return true;
    if (firstHeard && state === 'ready') return true;
    return !(OF_A_CALL.has(before) && OF_A_CALL.has(state));
  }
}
