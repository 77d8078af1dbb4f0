/**
 * The surroundings the simulated sensors are in: value(t) = mean + amplitude · sin(2πt / periodS) + noise · N(0, 1),
 * with t in seconds since 1970. A pure function of settings and time: asked twice for an instant, it says the same until
 * its settings are changed.
 */
import type { Signal, SimulationSettings, WorldNow } from '../hardware';
import { hash32, hashText, noiseAt } from './noise';

export type SignalName = {
  [Name in keyof SimulationSettings]: SimulationSettings[Name] extends Signal ? Name : never;
}[keyof SimulationSettings];

/** Finer than any sensor of these measures. */
const STEPS_PER_UNIT = 1_000;

export class World {
  #settings: SimulationSettings;

  constructor(settings: SimulationSettings) {
    this.#settings = settings;
  }

  get settings(): SimulationSettings {
    return this.#settings;
  }

  /** From now on; what is left out stays. */
  change(changes: Partial<SimulationSettings>): void {
    this.#settings = { ...this.#settings, ...changes };
  }

  /** Everything that the settings name, signals rounded to 0.001. */
  at(atMs: number): WorldNow['values'] {
    const value = (name: SignalName) => Math.round(this.valueAt(name, atMs) * STEPS_PER_UNIT) / STEPS_PER_UNIT;
    return {
      dht22Temperature: value('dht22Temperature'),
      dht22Humidity: value('dht22Humidity'),
      cpuTemperature: value('cpuTemperature'),
      bme680Temperature: value('bme680Temperature'),
      bme680Humidity: value('bme680Humidity'),
      bme680Pressure: value('bme680Pressure'),
      bme680GasResistance: value('bme680GasResistance'),
      dht22FailureRate: this.#settings.dht22FailureRate,
      seed: this.#settings.seed,
    };
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
