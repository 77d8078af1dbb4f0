/**
 * Polls: of one plugin, and of every enabled sensor plugin in turn, which is one cycle. What a plugin read becomes readings
 * of this node, is logged where host.toml wants that, and is handed on before the poll counts as done.
 */
import { type ErrorCode, errorFacts, isAbsence, WasiError } from '../errors';
import type { HostConfig } from '../host-config/host-config';
import { toReadings } from '../plugin-host/guest-readings';
import type { CallResult, Plugin } from '../plugin-host/plugin';
import type { Plugins } from '../plugin-host/plugins';
import type { Reading } from '../readings/reading';
import type { CycleOutcome, PluginFailure, PollOutcome } from '../runtime-api';
import { type Journal, readingText } from './journal';
import { SENSOR_CALL } from './plugin-calls';

const NOT_CARRIED_OUT: ReadonlySet<ErrorCode> = new Set(['POLL_BUSY', 'RUNTIME_CLOSED']);

export interface PollSurroundings {
  readonly plugins: Plugins;
  readonly journal: Journal;
  config(): HostConfig;
  /** What host.toml says now is what holds, and plugins may be asked. Throws RUNTIME_CLOSED. */
  ready(): Promise<void>;
  take(readings: readonly Reading[]): void;
  /** A poll of this plugin failed, or did not read all of its devices: what it did not read is unknown now. */
  lose(plugin: string, read: readonly Reading[]): void;
}

interface Polled {
  readonly readings: readonly Reading[];
  readonly failures: readonly PluginFailure[];
}

export class Polling {
  constructor(readonly around: PollSurroundings) {}

  async poll(name: string): Promise<PollOutcome> {
    await this.around.ready();
    const plugin = await this.around.plugins.get(name);
    if (plugin.state === 'disabled') return { kind: 'disabled', plugin: plugin.name };
    return { kind: 'polled', plugin: plugin.name, ...(await this.#poll(plugin)) };
  }

  async pollAll(): Promise<CycleOutcome> {
    await this.around.ready();
    const readings: Reading[] = [];
    const failures: PluginFailure[] = [];
    let polled = 0;
    let answered = 0;
    for (const { name } of this.around.plugins.configured()) {
      const plugin = await this.#withRole(name);
      if (plugin === undefined || plugin.state === 'disabled') continue;
      if (plugin.role === 'dashboard' || plugin.role === 'display') continue;
      polled += 1;
      try {
        const result = await this.#poll(plugin);
        readings.push(...result.readings);
        failures.push(...result.failures);
        for (const { error } of result.failures) this.#log(error, plugin);
        answered += 1;
      } catch (error) {
        const failure = error instanceof WasiError ? error : WasiError.fromFacts(errorFacts(error, 'PLUGIN_ERROR'));
        if (failure.code === 'RUNTIME_CLOSED') throw failure;
        this.#log(failure, plugin);
        failures.push({ plugin: plugin.name, error: failure });
      }
    }
    return { readings, failures, polled, answered };
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

  async #poll(plugin: Plugin): Promise<Polled> {
    const { cluster, logging } = this.around.config();
    const { value: readings, failures } = await this.#call(plugin, cluster.nodeId);
    this.around.take(readings);
    if (failures.length > 0) this.around.lose(plugin.name, readings);
    if (logging.showSensorData)
      for (const reading of readings) this.around.journal.write('info', readingText(reading), plugin.name);
    return { readings, failures: failures.map((error) => ({ plugin: plugin.name, error })) };
  }

  async #call(plugin: Plugin, node: string): Promise<CallResult<readonly Reading[]>> {
    try {
      return await plugin.call(SENSOR_CALL, (value) =>
        toReadings(value, { node, plugin: plugin.name, now: Date.now() }),
      );
    } catch (error) {
      // A poll that was not carried out says nothing about the sensors.
      if (!(error instanceof WasiError && NOT_CARRIED_OUT.has(error.code))) this.around.lose(plugin.name, []);
      throw error;
    }
  }

  #log(failure: WasiError, { name }: Plugin): void {
    this.around.journal.write(failureLevel(failure), `${failure.code}: ${failure.sentence}`, name, failure.hostToml);
  }
}

/** That a device is missing the devices say themselves, once, and not at each cycle. */
function failureLevel({ code }: WasiError): 'debug' | 'error' {
  return isAbsence(code) ? 'debug' : 'error';
}
