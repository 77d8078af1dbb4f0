/**
 * The history by the minute over restarts: a file an hour, `<dir>/2026-11-24T15.jsonl`. They lie on SD cards, so the current
 * hour is written every quarter of an hour and at the end, and only if something came; a power cut costs at most that much.
 *
 * No file is replaced that was not read. One that cannot be read for now (its card, its rights) is tried again before each
 * write; until then the hour's new values lie in a file beside it, `….more.jsonl`, and both become one later. One that was
 * not written here is kept as `….broken` where the hour is written.
 *
 * Files of hours that are not kept any more are removed, once the clock has been plausible for ten minutes, and two at a time:
 * a clock that is in 2099 for some seconds, or for an hour, costs nothing, or little.
 *
 * Nothing here stops anything: what cannot be read is said once and skipped, what cannot be written is said once until it
 * can, and the history goes on in memory. A folder belongs to the first who opens it; a second runtime in the same user
 * directory keeps its history in memory.
 */
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isBeside, removeLeftovers, syncFolder } from '../platform/durable-file';
import { errnoOf, isMissing, isMissingPath } from '../platform/errno';
import { NO_REPORT, type StorageReport } from '../platform/storage-report';
import { readHistoryFile, writeHistoryFile } from './history-file';
import { hourName, hourOfName, keptHours, MAX_HOURS, MINUTE_MS } from './hours';
import { LoopBreaks } from './loop-breaks';
import type { MinuteHistory } from './minute-history';

export const WRITE_EVERY_MS = 15 * MINUTE_MS;
const ENDING = '.jsonl';
const MORE_ENDING = '.more.jsonl';
const BROKEN_ENDING = '.broken';
const MAX_REMOVED_AT_ONCE = 2;
/** However implausible the clock is: a file an hour must not fill a card. */
const MAX_FILES = 4 * MAX_HOURS;

/** Of reads that nobody ends. */
const NEVER = new AbortController().signal;

/** What is known of an hour's file. */
type FileState =
  /** Nothing of it is in memory, or not all. */
  | 'unread'
  /** Memory has all of it. */
  | 'read'
  /** It could not be read, and may be later. */
  | 'unreadable'
  /** It was not written here. */
  | 'broken';

type Loading =
  /** Not even the names of the files may be known yet. */
  | 'under way'
  | 'loaded'
  /** The folder could not be read, and may be later. */
  | 'failed';

export type Say = (level: 'warn' | 'info', text: string) => void;

export class HistoryFiles {
  static readonly #owned = new Set<string>();

  /** By hour of which there is a file. */
  readonly #onDisk = new Map<number, FileState>();
  /** By hour of which there is a file of what came while the other could not be read. */
  readonly #more = new Map<number, 'unread' | 'read'>();
  readonly #aborting = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #isOwner = false;
  #loaded: Promise<void> = Promise.resolve();
  #loading: Loading = 'under way';
  #saving: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #writes: 'fine' | 'failing' = 'fine';

  constructor(
    readonly dir: string,
    readonly history: MinuteHistory,
    readonly say: Say,
    readonly writeEveryMs = WRITE_EVERY_MS,
    readonly report: StorageReport = NO_REPORT,
  ) {}

  /** Ends when what was kept is there again; never rejects. */
  get loaded(): Promise<void> {
    return this.#loaded;
  }

  /** Returns when what was kept is there again; never rejects. Writes every now and then from here on, until it is closed. */
  open(): Promise<void> {
    this.#isOwner = !HistoryFiles.#owned.has(this.dir);
    if (!this.#isOwner) {
      this.say(
        'warn',
        `another wasi-runtime node keeps its history in ${this.dir}: the one of this runtime ends with it`,
      );
      return this.#loaded;
    }
    HistoryFiles.#owned.add(this.dir);
    this.#loaded = this.#load();
    // It keeps no process alive: what ends without closing loses a quarter of an hour, as with a power cut.
    this.#timer = setInterval(() => void this.save(), this.writeEveryMs).unref();
    return this.#loaded;
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
    await this.#loaded;
    await this.#saving;
    await this.save();
    if (this.#isOwner) HistoryFiles.#owned.delete(this.dir);
  }

  async #save(): Promise<void> {
    for (const hour of this.history.takeDropped()) {
      if (this.#onDisk.has(hour)) this.#onDisk.set(hour, 'unread');
      if (this.#more.has(hour)) this.#more.set(hour, 'unread');
    }
    if (this.#loading === 'failed' && !this.#aborting.signal.aborted) await this.#load();
    const changed = this.history.takeChanged();
    const written = new Set<number>();
    try {
      await this.#readAgain();
      for (const hour of changed) {
        await this.#write(hour);
        written.add(hour);
      }
      await this.#removeOld();
      if (written.size > 0) this.report.written();
      else this.report.settled();
      if (this.#writes === 'failing') this.say('info', `the history is written to ${this.dir} again`);
      this.#writes = 'fine';
    } catch (error) {
      for (const hour of changed) if (!written.has(hour)) this.history.giveBack(hour);
      this.report.failed(error);
      if (this.#writes === 'fine') {
        const what = `the history could not be written to ${this.dir}: ${String(error)}. It goes on in memory and is lost `;
        this.say('warn', `${what}when Node-RED ends; make room or correct the rights of the folder`);
      }
      this.#writes = 'failing';
    }
  }

  async #write(hour: number): Promise<void> {
    // Of a folder that could not be read there may be a file all the same.
    const state = this.#onDisk.get(hour) ?? (this.#loading === 'failed' ? 'unread' : undefined);
    // It is being read just now, or a run ends before it has read it.
    if (state === 'unread' && this.#loading === 'under way') {
      this.history.giveBack(hour);
      return;
    }
    const now = state === 'unread' || state === 'unreadable' ? await this.#read(hour, NEVER) : state;
    if (now === 'unreadable') {
      await writeHistoryFile(this.#path(hour, MORE_ENDING), hour, this.history.fields());
      this.#more.set(hour, 'read');
      return;
    }
    if (now === 'broken') await this.#setAside(hour);
    await writeHistoryFile(this.#path(hour), hour, this.history.fields());
    this.#onDisk.set(hour, 'read');
    // A power failure in between leaves both: the values of those minutes count twice in their means then, and no more.
    if (this.#more.get(hour) !== 'read') return;
    this.#more.delete(hour);
    await rm(this.#path(hour, MORE_ENDING), { force: true });
  }

  /** Hours that memory lost while the clock was wrong, or that could not be read. */
  async #readAgain(): Promise<void> {
    if (this.#loading !== 'loaded') return;
    for (const hour of keptHours(this.#onDisk.keys(), this.history.clock.now())) {
      const state = this.#onDisk.get(hour);
      if (state === 'unread' || state === 'unreadable') await this.#read(hour, NEVER);
    }
  }

  async #setAside(hour: number): Promise<void> {
    const path = this.#path(hour);
    await rename(path, `${path}${BROKEN_ENDING}`);
    await syncFolder(this.dir);
  }

  async #removeOld(): Promise<void> {
    const kept = new Set(keptHours(this.#onDisk.keys(), this.history.clock.now()));
    const old = [...this.#onDisk.keys()].filter((hour) => !kept.has(hour)).sort((a, b) => a - b);
    const excess = Math.max(0, this.#onDisk.size - MAX_FILES);
    const going = this.history.isClockSettled ? old.slice(0, MAX_REMOVED_AT_ONCE) : old.slice(0, excess);
    for (const hour of going) {
      const path = this.#path(hour);
      for (const one of [path, `${path}${BROKEN_ENDING}`, this.#path(hour, MORE_ENDING)])
        await rm(one, { force: true });
      this.#onDisk.delete(hour);
      this.#more.delete(hour);
    }
  }

  async #load(): Promise<void> {
    const unusable: string[] = [];
    try {
      await removeLeftovers(this.dir, Date.now());
      for (const name of await namesIn(this.dir)) this.#note(name, unusable);
      const kept = keptHours(this.#onDisk.keys(), this.history.clock.now());
      // The newest first: they are looked at, and a poll may already have come in the current hour.
      const { signal } = this.#aborting;
      for (const hour of [...kept].reverse())
        if (!signal.aborted && this.#onDisk.get(hour) === 'unread') await this.#read(hour, signal, unusable);
      if (!signal.aborted) {
        this.#loading = 'loaded';
        await this.#removeOld();
      }
    } catch (error) {
      if (this.#loading !== 'loaded') this.#loading = 'failed';
      unusable.push(String(error));
    }
    const [first] = unusable;
    if (first === undefined) return;
    const others = unusable.length > 1 ? `, and ${unusable.length - 1} more` : '';
    this.say('warn', `of the history in ${this.dir} some cannot be used (${first}${others}) and is left out`);
  }

  #note(name: string, unusable: string[]): void {
    if (isBeside(name)) return;
    const more = name.endsWith(MORE_ENDING) ? hourOfName(name.slice(0, -MORE_ENDING.length)) : undefined;
    const hour = name.endsWith(ENDING) ? hourOfName(name.slice(0, -ENDING.length)) : undefined;
    const broken = name.endsWith(BROKEN_ENDING)
      ? hourOfName(name.slice(0, -`${ENDING}${BROKEN_ENDING}`.length))
      : undefined;
    if (more !== undefined && !this.#more.has(more)) this.#more.set(more, 'unread');
    if (more === undefined && hour === undefined && broken === undefined)
      unusable.push(`${name}: it is none of these files`);
    // An hour of which only the other files are left is looked for and not found, which removes them in time.
    const known = more ?? hour ?? broken;
    // What was written while the folder could not be listed is in memory.
    if (known !== undefined && !this.#onDisk.has(known)) this.#onDisk.set(known, 'unread');
  }

  /** Gives what is known of its file then. Where `signal` is aborted before, nothing of it is in memory. */
  async #read(hour: number, signal: AbortSignal, unusable: string[] = []): Promise<FileState> {
    const state = await this.#readOne(hour, ENDING, signal, unusable);
    const more = this.#more.get(hour);
    if (more === 'unread' && (await this.#readOne(hour, MORE_ENDING, signal, unusable)) === 'read')
      this.#more.set(hour, 'read');
    this.#onDisk.set(hour, state);
    // Both files become one with the next write.
    if (state === 'read' && more !== undefined) this.history.giveBack(hour);
    return state;
  }

  async #readOne(hour: number, ending: string, signal: AbortSignal, unusable: string[]): Promise<FileState> {
    try {
      return (await this.#restore(hour, this.#path(hour, ending), signal)) ? 'read' : 'unread';
    } catch (error) {
      if (isMissing(error)) return 'read';
      unusable.push(`${hourName(hour)}${ending}: ${error instanceof Error ? error.message : String(error)}`);
      return errnoOf(error) === undefined ? 'broken' : 'unreadable';
    }
  }

  /** Whether it was read; all of it, or nothing. */
  async #restore(hour: number, path: string, signal: AbortSignal): Promise<boolean> {
    const fields = await readHistoryFile(path, hour, signal);
    if (fields === undefined) return false;
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
    return true;
  }

  #path(hour: number, ending = ENDING): string {
    return join(this.dir, `${hourName(hour)}${ending}`);
  }
}

async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    return (await readdir(dir)).sort();
  } catch (error) {
    // That it is no folder is said when something is to be written.
    if (isMissingPath(error)) return [];
    throw error;
  }
}
