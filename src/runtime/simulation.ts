/**
 * The simulated world as messages change it. What a message set holds until [simulation] of host.toml itself says
 * otherwise, whatever else changes in host.toml, and over a restart of the device thread; it ends with the runtime.
 */
import { isDeepStrictEqual } from 'node:util';
import type { DeviceThread } from '../hardware/device-thread';
import type { HardwareChoice, HardwareSettings } from '../hardware/hardware';
import type { HostConfig } from '../host-config/host-config';
import { parseWorldChanges, type WorldByKey, worldByKey } from '../host-config/simulation-changes';
import { hardwareSettings } from './hardware-settings';

export interface SimulationParts {
  readonly hardware: HardwareChoice;
  readonly devices: Pick<DeviceThread, 'call' | 'remember'>;
  readonly userDir: string;
}

export class Simulation {
  readonly #parts: SimulationParts;
  /** [simulation] as host.toml has it. */
  #written: HostConfig['simulation'];
  #settings: HardwareSettings;

  constructor(parts: SimulationParts, config: HostConfig) {
    this.#parts = parts;
    this.#written = config.simulation;
    this.#settings = hardwareSettings(config, parts.userDir);
  }

  /** What the devices have, or are to have. */
  get settings(): HardwareSettings {
    return this.#settings;
  }

  /** Whether the devices are to be opened anew for it. */
  takeOver(config: HostConfig): boolean {
    const before = this.#settings;
    const settings = hardwareSettings(config, this.#parts.userDir);
    const kept = isDeepStrictEqual(config.simulation, this.#written);
    this.#written = config.simulation;
    this.#settings = kept ? { ...settings, simulation: before.simulation } : settings;
    return !isDeepStrictEqual(this.#settings, before);
  }

  /** Throws CONFIG_INVALID and what the devices throw: HARDWARE_MISSING where they are real, whatever was asked. */
  async change(payload: unknown): Promise<WorldByKey> {
    const { hardware, devices } = this.#parts;
    const changes = hardware.kind === 'simulated' ? parseWorldChanges(payload) : { simulation: {} };
    const world = await devices.call('simulate', changes);
    this.#settings = { ...this.#settings, simulation: { ...this.#settings.simulation, ...changes.simulation } };
    devices.remember(this.#settings);
    return worldByKey(world);
  }
}
