/**
 * The history by the minute over restarts: a file an hour, `<dir>/2026-11-24T15.jsonl`. They lie on SD cards, so the current
 * hour is written every quarter of an hour and at the end, and only if something came; a power cut costs at most that much.
 * Files of hours that are not kept any more are removed.
 *
 * Nothing here stops anything: what cannot be read is said once and skipped, what cannot be written is said once until it
 * can, and the history goes on in memory. An hour that was not read yet is not written, as the file may hold more of it.
 * A folder belongs to the first who opens it; a second runtime in the same user directory keeps its history in memory.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isBeside, removeLeftovers } from '../platform/durable-file';
import { errnoOf } from '../platform/errno';
import { readHistoryFile, writeHistoryFile } from './history-file';
import { hourName, hourOfName, keptHours, MINUTE_MS } from './hours';
import { LoopBreaks } from './loop-breaks';
import type { MinuteHistory } from './minute-history';

export const WRITE_EVERY_MS = 15 * MINUTE_MS;
const ENDING = '.jsonl';

export type Say = (level: 'warn' | 'info', text: string) => void;

export class HistoryFiles {
  static readonly #owned = new Set<string>();

  /** Of which there is a file. */
  readonly #onDisk = new Set<number>();
  readonly #unread = new Set<number>();
  readonly #aborting = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #isOwner: boolean;
  /** Ends when what was kept is there again; never rejects. */
  readonly loaded: Promise<void>;
  #saving: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #writes: 'fine' | 'failing' = 'fine';

  constructor(
    readonly dir: string,
    readonly history: MinuteHistory,
    readonly say: Say,
    writeEveryMs = WRITE_EVERY_MS,
  ) {
    this.#isOwner = !HistoryFiles.#owned.has(dir);
    if (!this.#isOwner) {
      say('warn', `another wasi-runtime node keeps its history in ${dir}: the one of this runtime ends with it`);
      this.loaded = Promise.resolve();
      return;
    }
    HistoryFiles.#owned.add(dir);
    this.loaded = this.#load();
    // It keeps no process alive: what ends without closing loses a quarter of an hour, as with a power cut.
    this.#timer = setInterval(() => void this.save(), writeEveryMs).unref();
  }

  /** Writes the hours that changed; whoever asks while that is under way waits for it. Never rejects. */
  save(): Promise<void> {
    if (!this.#isOwner) return Promise.resolve();
    this.#saving ??= this.#save().finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    this.#aborting.abort();
    await this.loaded;
    await this.#saving;
    await this.save();
    if (this.#isOwner) HistoryFiles.#owned.delete(this.dir);
  }

  async #save(): Promise<void> {
    const changed = this.history.takeChanged();
    try {
      for (const hour of changed) await this.#write(hour);
      await this.#removeOld();
      if (this.#writes === 'failing') this.say('info', `the history is written to ${this.dir} again`);
      this.#writes = 'fine';
    } catch (error) {
      for (const hour of changed) this.history.giveBack(hour);
      if (this.#writes === 'fine') {
        const what = `the history could not be written to ${this.dir}: ${String(error)}. It goes on in memory and is lost `;
        this.say('warn', `${what}when Node-RED ends; make room or correct the rights of the folder`);
      }
      this.#writes = 'failing';
    }
  }

  async #write(hour: number): Promise<void> {
    if (this.#unread.has(hour)) {
      this.history.giveBack(hour);
      return;
    }
    await writeHistoryFile(this.#path(hour), hour, this.history.fields());
    this.#onDisk.add(hour);
  }

  async #removeOld(): Promise<void> {
    const kept = new Set(keptHours(this.#onDisk, this.history.clock.now()));
    for (const hour of [...this.#onDisk].filter((known) => !kept.has(known))) {
      await rm(this.#path(hour), { force: true });
      this.#onDisk.delete(hour);
      this.#unread.delete(hour);
    }
  }

  async #load(): Promise<void> {
    const unusable: string[] = [];
    try {
      await removeLeftovers(this.dir, Date.now());
      for (const name of await namesIn(this.dir)) {
        const hour = name.endsWith(ENDING) ? hourOfName(name.slice(0, -ENDING.length)) : undefined;
        if (hour !== undefined) this.#onDisk.add(hour);
        else if (!isBeside(name)) unusable.push(`${name}: it is none of these files`);
      }
      const kept = keptHours(this.#onDisk, this.history.clock.now());
      for (const hour of kept) this.#unread.add(hour);
      // The newest first: they are looked at, and a poll may already have come in the current hour.
      for (const hour of [...kept].reverse()) await this.#read(hour, unusable);
      if (!this.#aborting.signal.aborted) await this.#removeOld();
    } catch (error) {
      unusable.push(String(error));
    }
    const [first] = unusable;
    if (first === undefined) return;
    const others = unusable.length > 1 ? `, and ${unusable.length - 1} more` : '';
    this.say('warn', `of the history in ${this.dir} some cannot be used (${first}${others}) and is left out`);
  }

  async #read(hour: number, unusable: string[]): Promise<void> {
    const { signal } = this.#aborting;
    if (signal.aborted) return;
    try {
      const fields = await readHistoryFile(this.#path(hour), hour, signal);
      if (fields === undefined) return;
      const breaks = new LoopBreaks();
      for (const { place, unit, minutes } of fields) {
        this.history.restore(
          hour,
          place,
          unit,
          minutes.map(([within, min, max, mean, count]) => [within, { min, max, mean, count }]),
        );
        await breaks.pause();
      }
    } catch (error) {
      unusable.push(`${hourName(hour)}${ENDING}: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#unread.delete(hour);
  }

  #path(hour: number): string {
    return join(this.dir, `${hourName(hour)}${ENDING}`);
  }
}

async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    return (await readdir(dir)).sort();
  } catch (error) {
    // That it is no folder is said when something is to be written.
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}
