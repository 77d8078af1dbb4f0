/** The runtime that all attacks of a file meet, and what is looked at around each of them. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WasiError } from '../../src/errors/wasi-error';
import type { Reading } from '../../src/readings/reading';
import { NONE_BUNDLED, TestRuntime } from '../runtime/test-runtime';
import { until } from '../support/until';
import { scratchFolder } from '../wasm/components';
import { Canaries } from './canaries';
import { NEIGHBOUR, Neighbour } from './neighbour';
import { ProcessSize } from './process-size';
import { openStallProbe, type Stall, type StallProbe } from './stall-probe';
import { harmless, quitter } from './wat';

/** What an attack may aim at. */
export interface Scene {
  /** A path that must not come into being. */
  readonly forbiddenFile: string;
  /** What lies in a file and in a variable of the host. */
  readonly secret: string;
}

/** The bytes of a plugin's file, or how to put something else in its place. */
export type HostileFile = Uint8Array | ((path: string) => Promise<void>);

export interface PluginTables {
  readonly plugin: string;
  /** Lines of its tables. */
  readonly grants: string;
  readonly limits: string;
  readonly settings: string;
}

export interface Suffered {
  readonly ending: 'answered' | WasiError['code'];
  readonly error: WasiError | undefined;
  readonly readings: readonly Reading[];
  readonly stall: Stall;
}

const WARM_UP = 'warm_up';
const NEIGHBOUR_TOML = `${NONE_BUNDLED}
[logging]
show_sensor_data = false
[plugins.${NEIGHBOUR}.limits]
deadline_ms = 60000
load_deadline_ms = 120000
memory_mb = 64
`;
/** Long enough for an attack that does not aim at a deadline, on a busy machine. */
const LIMITS = '[limits]\ndeadline_ms = 30000\nload_deadline_ms = 120000\nmemory_mb = 64\n';
/** States with a guest; the neighbour is in one or the other. */
const LIVING: ReadonlySet<string> = new Set(['loading', 'ready', 'polling', 'reloading']);

export class AttackedHost {
  #size: ProcessSize | undefined;

  private constructor(
    readonly runtime: TestRuntime,
    readonly neighbour: Neighbour,
    readonly canaries: Canaries,
    readonly probe: StallProbe,
    readonly toml: string,
    /** A plugin that is lost at each poll. */
    readonly quitter: Uint8Array,
    readonly ends: readonly (() => void | Promise<void>)[],
  ) {}

  static async open(plugins: readonly PluginTables[]): Promise<AttackedHost> {
    const ends: (() => void | Promise<void>)[] = [];
    try {
      return await AttackedHost.#open(plugins, ends);
    } catch (error) {
      for (const end of ends) await end();
      throw error;
    }
  }

  static async #open(plugins: readonly PluginTables[], ends: (() => void | Promise<void>)[]): Promise<AttackedHost> {
    const lifetime = { after: (end: () => void | Promise<void>) => void ends.unshift(end) };
    const userDir = scratchFolder(lifetime);
    mkdirSync(join(userDir, 'wasi', 'plugins'), { recursive: true });
    const configFile = join(userDir, 'host.toml');
    const toml = [NEIGHBOUR_TOML, LIMITS, `[plugins.${WARM_UP}]`, ...plugins.map(tables)].join('\n');
    await writeFile(configFile, toml);
    const canaries = await Canaries.settle(userDir, configFile);
    lifetime.after(() => canaries.release());
    const probe = await openStallProbe();
    lifetime.after(() => probe.close());
    const files = { [NEIGHBOUR]: 'counter_v1' };
    const runtime = await TestRuntime.open(lifetime, '', files, { userDir, configSource: 'file', configFile });
    const size = new ProcessSize(runtime.runtime);
    const host = new AttackedHost(runtime, new Neighbour(runtime), canaries, probe, toml, await quitter(), ends);
    // The first of everything loads code and buffers that stay.
    const { ending } = await host.suffer(WARM_UP, await harmless());
    assert.equal(ending, 'answered');
    await size.remember();
    host.#size = size;
    return host;
  }

  /** How long a plugin that attacks nothing holds the loop up on this machine now, in ms. */
  async harmlessStall(): Promise<number> {
    const { stall } = await this.suffer(WARM_UP, await harmless());
    return stall.ownMs;
  }

  get scene(): Scene {
    return this.canaries;
  }

  /** `judge`: asked while the plugin is there as the attack left it; what retires it polls it again. */
  async suffer(
    plugin: string,
    file: HostileFile,
    polls = 1,
    judge: (suffered: Suffered) => void | Promise<void> = () => undefined,
  ): Promise<Suffered> {
    const beside = join(this.runtime.userDir, `${plugin}.new`);
    await (file instanceof Uint8Array ? writeFile(beside, file) : file(beside));
    this.probe.take();
    const outcome = await this.neighbour.during(this.#attack(plugin, beside, polls));
    const suffered = { ...outcome, stall: this.probe.take() };
    try {
      await judge(suffered);
    } finally {
      await this.#retire(plugin);
    }
    await this.canaries.check(this.toml);
    return suffered;
  }

  logOf(plugin: string): readonly string[] {
    return this.runtime.log.filter((line) => line.plugin === plugin).map(({ text }) => text);
  }

  /** Says what the process has become since the first attack; throws when something stayed. */
  async recovered(): Promise<string> {
    await this.canaries.checkPrepared();
    return (await this.#size?.assertNotGrown()) ?? '';
  }

  async close(): Promise<void> {
    for (const end of this.ends) await end();
  }

  async #attack(plugin: string, beside: string, polls: number): Promise<Omit<Suffered, 'stall'>> {
    await rename(beside, this.runtime.file(plugin));
    for (let early = 1; early < polls; early += 1) await this.#poll(plugin);
    const outcome = await this.#poll(plugin);
    // A lost guest is replaced in the background: that is part of the attack.
    const { runtime } = this.runtime;
    await this.runtime.until(() => ['ready', 'backing-off'].includes(runtime.plugin(plugin)?.state ?? 'closed'));
    await this.#size?.guestsAtMost(runtime.plugins().filter(({ state }) => LIVING.has(state)).length);
    return outcome;
  }

  /** Until it rests and no thread of it is left; a file that is gone is not tried again. */
  async #retire(plugin: string): Promise<void> {
    const file = this.runtime.file(plugin);
    await rm(file, { recursive: true, force: true });
    if (this.#lives(plugin)) {
      this.runtime.renameIn(plugin, this.quitter);
      const rests = async () => {
        await this.#poll(plugin);
        return !this.#lives(plugin);
      };
      // What runs answers until the quitter is prepared, which is lost at each poll. A poll of a plugin that rests waits for
      // what is being prepared, so that nothing takes over after the second one.
      await until(async () => (await rests()) && (await rests()), `${plugin} rests`);
    }
    await rm(file, { force: true });
    await this.#size?.guestsAtMost(1);
  }

  #lives(plugin: string): boolean {
    return LIVING.has(this.runtime.runtime.plugin(plugin)?.state ?? 'closed');
  }

  async #poll(plugin: string): Promise<Omit<Suffered, 'stall'>> {
    try {
      const outcome = await this.runtime.runtime.poll(plugin);
      assert.ok(outcome.kind === 'polled');
      return { ending: 'answered', error: undefined, readings: outcome.readings };
    } catch (error) {
      if (!(error instanceof WasiError)) throw error;
      const cause = causeOf(error);
      return { ending: cause.code, error: cause, readings: [] };
    }
  }
}

/** A guest that fails while it starts rests at once: whoever waited for it is told that, and why only within. */
function causeOf(error: WasiError): WasiError {
  return error.code === 'PLUGIN_BACKOFF' && error.cause instanceof WasiError ? error.cause : error;
}

function tables({ plugin, grants, limits, settings }: PluginTables): string {
  const table = (part: string, lines: string) => `[plugins.${plugin}.${part}]\n${lines}`;
  return [table('grants', grants), table('limits', limits), table('settings', settings)].join('\n');
}
