/**
 * A real runtime on simulated hardware in a user directory of its own, for one test: closed and removed with it. Keeps
 * what it logs and every state of every plugin, so that a test waits for what it expects and never for time to pass.
 * The prepared components lie in one folder for all tests, as preparing a guest takes seconds.
 */
import { EventEmitter, on } from 'node:events';
import { copyFileSync, mkdirSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRuntime } from '../../src/runtime/open-runtime';
import type { LogLine, PluginSummary, RuntimeApi, RuntimeOptions } from '../../src/runtime-api/runtime-api';
import { fixture, scratchFolder } from '../wasm/components';
import { makePrepared, PREPARED } from '../wasm/prepared-guests';
import { onlyBundled } from './bundled';

/** Turns the bundled plugins off: what a test does not need, it does not wait for. */
export const NONE_BUNDLED = onlyBundled();

/** Longer than anything takes on a busy machine; a test about deadlines has a table [limits] of its own. */
export const GENEROUS_LIMITS = '\n[limits]\ndeadline_ms = 60000\nload_deadline_ms = 300000\n';
const UNTIL_LIMIT_MS = 120_000;

/** The strip of the defaults, dark. */
export const LEDS_OFF: readonly string[] = Array.from({ length: 11 }, () => '#000000');

export interface Lifetime {
  after(end: () => void | Promise<void>): void;
}

/** A user directory whose prepared store is the shared one. */
export function userDirectory(test: { after(end: () => void): void }): string {
  const userDir = scratchFolder(test);
  mkdirSync(join(userDir, 'wasi', 'plugins'), { recursive: true });
  makePrepared();
  symlinkSync(PREPARED, join(userDir, 'wasi', 'prepared'));
  return userDir;
}

export class TestRuntime {
  readonly log: LogLine[] = [];
  readonly #events = new EventEmitter();
  #runtime: RuntimeApi | undefined;

  private constructor(readonly userDir: string) {
    this.#events.setMaxListeners(0);
  }

  /** `files`: the fixture by plugin name. */
  static async open(
    test: Lifetime,
    toml: string,
    files: Readonly<Record<string, string>> = {},
    options: Partial<RuntimeOptions> = {},
  ): Promise<TestRuntime> {
    // Hooks run in the order they were made: the runtime is closed before its folder is removed.
    const opening: TestRuntime[] = [];
    test.after(() => opening[0]?.close());
    const opened = new TestRuntime(options.userDir ?? userDirectory(test));
    opening.push(opened);
    for (const [plugin, guest] of Object.entries(files)) opened.copyIn(plugin, guest);
    opened.#runtime = await openRuntime({
      configSource: 'inline',
      configFile: '',
      configText: /^\s*\[limits\]/m.test(toml) ? toml : `${toml}${GENEROUS_LIMITS}`,
      pluginDir: '',
      hardware: 'simulated',
      userDir: opened.userDir,
      log: opened.#hear,
      ...options,
    });
    opened.#runtime.subscribe(() => opened.#events.emit('change'));
    return opened;
  }

  get runtime(): RuntimeApi {
    if (!this.#runtime) throw new Error('the runtime was not opened');
    return this.#runtime;
  }

  async close(): Promise<void> {
    await this.#runtime?.close();
  }

  readonly #hear = (line: LogLine): void => {
    this.log.push(line);
    this.#events.emit('change');
  };

  file(plugin: string): string {
    return join(this.userDir, 'wasi', 'plugins', `${plugin}.wasm`);
  }

  /** As `cp` does it: the old file is emptied and written again. */
  copyIn(plugin: string, guest: string): void {
    copyFileSync(fixture(guest), this.file(plugin));
  }

  /** As careful tools do it: written beside, then renamed over. */
  renameIn(plugin: string, bytes: Uint8Array, writtenAt = new Date()): void {
    const beside = `${this.file(plugin)}.new`;
    writeFileSync(beside, bytes);
    utimesSync(beside, writtenAt, writtenAt);
    renameSync(beside, this.file(plugin));
  }

  plugin(name: string): PluginSummary {
    const found = this.runtime.plugin(name);
    if (!found) throw new Error(`no plugin ${name}`);
    return found;
  }

  /** Values of the only reading of a poll. */
  async poll(plugin: string): Promise<Readonly<Record<string, number | string>>> {
    const outcome = await this.runtime.poll(plugin);
    const [reading] = outcome.kind === 'polled' ? outcome.readings : [];
    if (!reading) throw new Error(`${plugin} gave no reading (${outcome.kind})`);
    return { ...reading.values };
  }

  /** Texts of a level that match. */
  logged(level: LogLine['level'], pattern: RegExp): string[] {
    return this.log.filter((line) => line.level === level && pattern.test(line.text)).map(({ text }) => text);
  }

  /** Looks again at every log line and every event of the runtime. */
  async until(holds: () => boolean): Promise<void> {
    if (holds()) return;
    const limit = new AbortController();
    // What is waited for may keep no process alive: this does.
    const late = setTimeout(() => limit.abort(), UNTIL_LIMIT_MS);
    try {
      for await (const _ of on(this.#events, 'change', { signal: limit.signal })) if (holds()) return;
    } finally {
      clearTimeout(late);
    }
  }
}
