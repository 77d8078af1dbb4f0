/** The property `emit`, which plugin-poll and cluster-watch have alike: how many messages readings become. */
import type { Emit } from '../src/readings/messages';
import { choiceProperty } from './node-properties';

const EMITS: readonly Emit[] = ['readings', 'values', 'batch'];

/** Throws CONFIG_INVALID. */
export function emitProperty(value: unknown): Emit {
  return choiceProperty('emit', value, EMITS, 'readings');
}
