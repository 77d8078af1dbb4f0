/**
 * Polls: of one plugin, and of every enabled sensor plugin in turn and then every display, which is one cycle. What a
 * plugin read becomes readings of this node, is logged where host.toml wants that, and is handed on before the poll counts
 * as done. A poll of a display gives it the newest readings.
 */
import type { SensorDataParts } from '../dashboard/sensor-data';
import { type ErrorCode, errorFacts, isAbsence, WasiError } from '../errors/wasi-error';
import type { HostConfig } from '../host-config/host-config';
import { toReadings } from '../plugin-host/guest-readings';
import type { CallResult, Plugin } from '../plugin-host/plugin';
import type { Plugins } from '../plugin-host/plugins';
import type { Reading } from '../readings/reading';
import type { CycleOutcome, PluginFailure, PollOutcome } from '../runtime-api/runtime-api';
import { Intake } from './intake';
import { type Journal, readingText } from './journal';
import { type Polled, pollCall } from './plugin-calls';

const NOT_CARRIED_OUT: ReadonlySet<ErrorCode> = new Set(['POLL_BUSY', 'RUNTIME_CLOSED']);

const NOTHING = (): void => undefined;

export interface PollSurroundings {
  readonly plugins: Plugins;
  readonly journal: Journal;
  config(): HostConfig;
  /** What host.toml says now is what holds, and plugins may be asked. Throws RUNTIME_CLOSED. */
  ready(): Promise<void>;
  take(readings: readonly Reading[]): void;
  /** What displays are given. */
  sensorData(): SensorDataParts;
  /** A poll of this plugin failed, or did not read all of its devices: what it did not read is unknown now. */
  lose(plugin: string, read: readonly Reading[]): void;
  /** A poll of this plugin read all that it should have. */
  complete(plugin: string): void;
}

interface Outcome {
  readonly polled: Polled;
  readonly failures: readonly PluginFailure[];
}

/** What one cycle brought until now. */
interface Cycle extends CycleOutcome {
  readonly readings: Reading[];
  readonly failures: PluginFailure[];
  polled: number;
  answered: number;
  updated: number;
  shown: number;
}

export class Polling {
  readonly #intake = new Intake();

  constructor(readonly around: PollSurroundings) {}

  /** When everything that polls brought until now is handed on. */
  idle(): Promise<void> {
    return this.#intake.idle();
  }

  async poll(name: string): Promise<PollOutcome> {
    await this.around.ready();
    const plugin = await this.around.plugins.get(name);
    if (plugin.state === 'disabled') return { kind: 'disabled', plugin: plugin.name };
    const { polled, failures } = await this.#poll(plugin);
    if (polled.kind === 'shown') return { kind: 'shown', plugin: plugin.name };
    return { kind: 'polled', plugin: plugin.name, readings: polled.readings, failures };
  }

  async pollAll(): Promise<CycleOutcome> {
    await this.around.ready();
    const cycle: Cycle = { readings: [], failures: [], polled: 0, answered: 0, updated: 0, shown: 0 };
    const displays: string[] = [];
    for (const { name } of this.around.plugins.configured()) {
      const plugin = await this.#withRole(name);
      if (plugin?.role === 'display') displays.push(name);
      else await this.#pollIn(cycle, plugin);
    }
    for (const name of displays) await this.#pollIn(cycle, await this.#withRole(name));
    return cycle;
  }

  /** One plugin of a cycle. What it is may be seen only when it is called: its file may be another one meanwhile. */
  async #pollIn(cycle: Cycle, plugin: Plugin | undefined): Promise<void> {
    if (plugin === undefined || plugin.state === 'disabled' || plugin.role === 'dashboard') return;
    try {
      const { polled, failures } = await this.#poll(plugin);
      for (const { error } of failures) this.#log(error, plugin);
      cycle.failures.push(...failures);
      if (polled.kind === 'shown') {
        cycle.updated += 1;
        cycle.shown += 1;
      } else {
        cycle.readings.push(...polled.readings);
        cycle.polled += 1;
        cycle.answered += 1;
      }
    } catch (error) {
      const failure = error instanceof WasiError ? error : WasiError.fromFacts(errorFacts(error, 'PLUGIN_ERROR'));
      if (failure.code === 'RUNTIME_CLOSED') throw failure;
      this.#log(failure, plugin);
      cycle.failures.push({ plugin: plugin.name, error: failure });
      if (plugin.role === 'display') cycle.updated += 1;
      else cycle.polled += 1;
    }
  }

  /** A configured plugin whose role is known, as far as that can be had. Another configuration may take it away meanwhile. */
  async #withRole(name: string): Promise<Plugin | undefined> {
    const { plugins, ready } = this.around;
    await ready();
    const plugin = plugins.find(name);
    if (plugin?.role !== 'unknown') return plugin;
    await plugin.refresh();
    // It may have been closed while it was waited for, to be replaced.
    await ready();
    return plugins.find(name);
  }

  async #poll(plugin: Plugin): Promise<Outcome> {
    const { cluster, logging } = this.around.config();
    const { value: polled, failures } = await this.#call(plugin, cluster.nodeId);
    if (polled.kind === 'shown') return { polled, failures: [] };
    const { readings } = polled;
    await this.#intake.run(
      readings,
      (piece) => this.#take(plugin, piece, logging.showSensorData),
      () => {
        if (failures.length > 0) this.around.lose(plugin.name, readings);
        else if (this.#isThere(plugin)) this.around.complete(plugin.name);
      },
    );
    return { polled, failures: failures.map((error) => ({ plugin: plugin.name, error })) };
  }

  async #call(plugin: Plugin, node: string): Promise<CallResult<Polled>> {
    const call = pollCall(() => this.around.sensorData(), node);
    try {
      return await plugin.call(call, (value, { kind }) => {
        if (kind === 'display') return { kind: 'shown' };
        return { kind: 'read', readings: toReadings(value, { node, plugin: plugin.name, now: Date.now() }) };
      });
    } catch (error) {
      // A poll that was not carried out says nothing about the sensors.
      if (!(error instanceof WasiError && NOT_CARRIED_OUT.has(error.code)))
        await this.#intake.run([], NOTHING, () => this.around.lose(plugin.name, []));
      throw error;
    }
  }

  /** A piece of what a poll brought. */
  #take(plugin: Plugin, readings: readonly Reading[], showSensorData: boolean): void {
    if (!this.#isThere(plugin)) return;
    this.around.take(readings);
    if (!showSensorData) return;
    for (const reading of readings) this.around.journal.write('info', readingText(reading), plugin.name);
  }

  /** What one that is gone since its poll was over has read is no news of anything. */
  #isThere({ name }: Plugin): boolean {
    return this.around.plugins.find(name) !== undefined;
  }

  #log(failure: WasiError, { name }: Plugin): void {
    this.around.journal.write(failureLevel(failure), `${failure.code}: ${failure.sentence}`, name, failure.hostToml);
  }
}

/** That a device is missing the devices say themselves, once, and not at each cycle. */
function failureLevel({ code }: WasiError): 'debug' | 'error' {
  return isAbsence(code) ? 'debug' : 'error';
}
