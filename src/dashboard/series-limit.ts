/**
 * How many series of readings one plugin may have in the metrics, as long as Node-RED serves them. Names and units of
 * sensors and fields are a plugin's choice, and a time series database keeps every series it ever saw: one that invents
 * names at each poll would fill its memory. So a place that was given is never given again, also when its sensor is gone.
 */

/** A plugin that reads as much as one poll may bring has a place for each of its values. */
export const MAX_SERIES_PER_PLUGIN = 1_024;

export class SeriesLimit {
  readonly #admitted = new Map<string, Set<string>>();

  constructor(readonly most = MAX_SERIES_PER_PLUGIN) {}

  /** Whether this series of this plugin on this node has a place, which it then keeps. */
  admits(node: string, plugin: string, series: string): boolean {
    const owner = JSON.stringify([node, plugin]);
    const admitted = this.#admitted.get(owner) ?? new Set<string>();
    this.#admitted.set(owner, admitted);
    if (admitted.has(series)) return true;
    if (admitted.size >= this.most) return false;
    admitted.add(series);
    return true;
  }
}
