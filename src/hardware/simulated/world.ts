/**
 * The surroundings the simulated sensors are in: value(t) = mean + amplitude · sin(2πt / periodS) + noise · N(0, 1),
 * with t in seconds since 1970. A pure function of settings and time: asked twice for an instant, it says the same.
 */
import type { Signal, SimulationSettings } from '../hardware';
import { hash32, hashText, noiseAt } from './noise';

export type SignalName = {
  [Name in keyof SimulationSettings]: SimulationSettings[Name] extends Signal ? Name : never;
}[keyof SimulationSettings];

export class World {
  readonly #settings: SimulationSettings;

  constructor(settings: SimulationSettings) {
    this.#settings = settings;
  }

  /** In the signal's own unit; not yet limited to what a sensor can measure. */
  valueAt(name: SignalName, atMs: number): number {
    const { mean, amplitude, periodS, noise } = this.#settings[name];
    const seconds = atMs / 1_000;
    const wave = amplitude === 0 ? 0 : amplitude * Math.sin((2 * Math.PI * seconds) / periodS);
    const chance = noise === 0 ? 0 : noise * noiseAt(hash32(this.#settings.seed, hashText(name)), seconds);
    return mean + wave + chance;
  }
}

export function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
