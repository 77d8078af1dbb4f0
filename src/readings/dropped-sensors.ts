/**
 * Sensors that are not among the newest readings any more: counted for each plugin, and told at most once an hour for each
 * plugin and reason, as a plugin that invents names loses some at every poll.
 */
import { MAX_CHARACTERS, MAX_VALUES } from './reading-size';

/** Of one plugin on one node: as many as one poll may yield. */
export const MAX_SENSORS_PER_PLUGIN = 256;
/** How long a sensor is kept that polls of its plugin do not bring any more. */
export const UNSEEN_MS = 3_600_000;

const TOLD_EVERY_MS = 3_600_000;
const MAX_NAMED = 3;
const MAX_SHOWN_LENGTH = 40;

/** `full`: there was no room for it beside newer ones. `unseen`: no poll brought it for an hour. */
export type DropReason = 'full' | 'unseen';

export interface DropTotals {
  readonly node: string;
  readonly plugin: string;
  /** Since the plugin was there. */
  readonly sensors: number;
}

export interface DropListener {
  /** ms, never going back. */
  monotonic(): number;
  onDropped(level: 'info' | 'warn', text: string): void;
}

interface Untold {
  count: number;
  names: string[];
  toldAt: number;
}

interface Owner {
  readonly node: string;
  readonly plugin: string;
  sensors: number;
  readonly untold: Map<DropReason, Untold>;
}

export class DroppedSensors {
  readonly #owners = new Map<string, Owner>();

  constructor(readonly listener: DropListener) {}

  add(node: string, plugin: string, sensorIds: readonly string[], reason: DropReason): void {
    if (sensorIds.length === 0) return;
    const key = JSON.stringify([node, plugin]);
    const owner = this.#owners.get(key) ?? { node, plugin, sensors: 0, untold: new Map<DropReason, Untold>() };
    this.#owners.set(key, owner);
    owner.sensors += sensorIds.length;
    const untold = owner.untold.get(reason) ?? { count: 0, names: [], toldAt: Number.NEGATIVE_INFINITY };
    owner.untold.set(reason, untold);
    untold.count += sensorIds.length;
    untold.names.push(...sensorIds.slice(0, MAX_NAMED - untold.names.length).map(shown));
    const now = this.listener.monotonic();
    if (now - untold.toldAt < TOLD_EVERY_MS) return;
    this.listener.onDropped(reason === 'full' ? 'warn' : 'info', textOf(owner, reason, untold));
    owner.untold.set(reason, { count: 0, names: [], toldAt: now });
  }

  totals(): readonly DropTotals[] {
    return [...this.#owners.values()].map(({ node, plugin, sensors }) => ({ node, plugin, sensors }));
  }

  /** The plugin is gone. */
  forget(node: string, plugin: string): void {
    this.#owners.delete(JSON.stringify([node, plugin]));
  }
}

function textOf({ node, plugin }: Owner, reason: DropReason, { count, names }: Untold): string {
  const more = count > names.length ? ` and ${count - names.length} more` : '';
  const dropped = `no longer among its newest readings: ${names.join(', ')}${more}`;
  if (reason === 'unseen') return `${plugin} on ${node}: sensors that no poll brought for an hour are ${dropped}`;
  return (
    `${plugin} on ${node} reads more than is kept of a plugin (${MAX_SENSORS_PER_PLUGIN} sensors, ${MAX_VALUES} values, ` +
    `${MAX_CHARACTERS} characters of names, units and texts); those not read for longest are ${dropped}. Use fewer sensor ids`
  );
}

function shown(sensorId: string): string {
  return JSON.stringify(sensorId.length > MAX_SHOWN_LENGTH ? `${sensorId.slice(0, MAX_SHOWN_LENGTH)}…` : sensorId);
}
