/**
 * Which process a guest runs in. All share one, which starts with the first guest and ends when none has been there for a
 * while. When a process ends by itself, the components that were being called or started in it are suspected: each starts
 * alone the next time, so that the one at fault is found by what happens, and the others share a process again after they
 * have behaved for a while. `isolation: 'process'` gives a plugin a process of its own from the start.
 */
import { WasiError } from '../errors/wasi-error';
import type { ThreadStart } from './control-messages';
import type { ChannelUser } from './guest-channel';
import { GuestProcess, type GuestRoom, type ProcessTiming, USUAL_TIMING } from './guest-process';

export interface GuestProcessesOptions {
  readonly storeFolders: readonly string[];
  readonly workFolder: string;
  /** For the log: a process that ended by itself. */
  readonly onEnd: (text: string) => void;
  /** Only tests have another. */
  readonly timing?: ProcessTiming;
  /** ms since some moment, never backwards. */
  readonly now?: () => number;
}

export interface GuestPlace {
  /** sha256 of the component: a corrected file is another component, and not suspected. */
  readonly digest: string;
  readonly isolation: 'shared' | 'process';
}

/** A guest as its process sees it. */
export interface PlacedUser extends ChannelUser {
  /** It is being called or started: it may be what ended its process. */
  readonly isActive: () => boolean;
}

/** So long a process without guests is kept for the next one. */
const IDLE_MS = 10_000;
/** A suspect that ran so long in a process of its own shares one again. */
const SUSPECTED_MS = 10 * 60_000;
/** Components that were corrected or removed are not remembered for ever. */
const MAX_SUSPECTS = 64;

type ProcessEntry =
  | { readonly kind: 'opening'; readonly opened: Promise<GuestProcess> }
  | { readonly kind: 'open'; readonly process: GuestProcess; idle: NodeJS.Timeout | undefined };

const SHARED = 'shared';
const ALONE = 'alone';
/** Eight times as many guests as a runtime may have plugins. */
const MAX_SHARED = 16;

class NoRoom extends WasiError {
  constructor() {
    super('PLUGIN_TRAPPED', 'more plugins run than the processes of plugins have room for: disable some in host.toml');
  }
}

export class GuestProcesses {
  /** By `SHARED`, with a number where that has no room left, or by `ALONE` and a number. */
  readonly #entries = new Map<string, ProcessEntry>();
  /** When each was suspected last, by digest. */
  readonly #suspects = new Map<string, number>();
  /** The key of each guest's process. */
  readonly #users = new Map<PlacedUser, string>();
  readonly #options: GuestProcessesOptions;
  readonly #now: () => number;
  #closed = false;
  #ends = 0;
  /** Processes of one guest until now. */
  #alone = 0;

  constructor(options: GuestProcessesOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Ids of the processes that run. */
  get pids(): readonly number[] {
    return [...this.#entries.values()].flatMap((entry) =>
      entry.kind === 'open' && entry.process.pid !== undefined ? [entry.process.pid] : [],
    );
  }

  /** Threads of guests, also of those that were told to end and are not gone yet. */
  get threads(): number {
    return [...this.#entries.values()].reduce(
      (sum, entry) => sum + (entry.kind === 'open' ? entry.process.threads : 0),
      0,
    );
  }

  /** How often a process ended that was not told to. */
  get ends(): number {
    return this.#ends;
  }

  isSuspected(digest: string): boolean {
    const since = this.#suspects.get(digest);
    return since !== undefined && this.#now() - since < SUSPECTED_MS;
  }

  /** Starts the process that is shared, so that it is there for the first guest; ended like after one. */
  wake(): void {
    // A start that fails is reported to the first guest that needs the process.
    void this.#process(SHARED).then(
      () => this.#endIdle(SHARED),
      () => undefined,
    );
  }

  /** Throws PLUGIN_TRAPPED where no process can be had, RUNTIME_CLOSED after `close`. */
  async start(start: ThreadStart, place: GuestPlace, user: PlacedUser): Promise<GuestRoom> {
    if (place.isolation === 'process' || this.isSuspected(place.digest)) {
      this.#alone += 1;
      return this.#startIn(`${ALONE} ${this.#alone}`, start, place, user);
    }
    // Guests that start at once may take the last room from each other: one of them then takes the next process.
    for (let nth = 1; nth <= MAX_SHARED; nth += 1) {
      const key = nth === 1 ? SHARED : `${SHARED} ${nth}`;
      if (this.#isFull(key)) continue;
      try {
        return await this.#startIn(key, start, place, user);
      } catch (error) {
        if (!(error instanceof NoRoom)) throw error;
      }
    }
    throw new NoRoom();
  }

  async #startIn(key: string, start: ThreadStart, place: GuestPlace, user: PlacedUser): Promise<GuestRoom> {
    const process = await this.#process(key);
    if (this.#closed) throw closed();
    const room = process.start(start, {
      onMessage: (message) => user.onMessage(message),
      onEnd: (end) => {
        if (end.kind === 'process' && user.isActive()) this.#suspect(place.digest);
        this.#leave(user);
        user.onEnd(end);
      },
    });
    if (!room && process.alive) throw new NoRoom();
    if (!room) throw new WasiError('PLUGIN_TRAPPED', 'the process of the plugins has just ended; poll it again');
    this.#users.set(user, key);
    return {
      channel: room.channel,
      end: () => {
        this.#leave(user);
        room.end();
      },
    };
  }

  /** Ends all processes; returns when they are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.all(
      entries.map(async (entry) => {
        if (entry.kind === 'opening') return (await entry.opened.catch(() => undefined))?.close();
        clearTimeout(entry.idle);
        return entry.process.close();
      }),
    );
  }

  async #process(key: string): Promise<GuestProcess> {
    if (this.#closed) throw closed();
    const entry = this.#entries.get(key);
    if (entry?.kind === 'opening') return entry.opened;
    if (entry?.kind === 'open') {
      clearTimeout(entry.idle);
      entry.idle = undefined;
      return entry.process;
    }
    const opened = this.#open(key);
    this.#entries.set(key, { kind: 'opening', opened });
    try {
      const process = await opened;
      if (!this.#closed && process.alive) this.#entries.set(key, { kind: 'open', process, idle: undefined });
      return process;
    } catch (error) {
      this.#entries.delete(key);
      throw error;
    }
  }

  #open(key: string): Promise<GuestProcess> {
    const { storeFolders, workFolder, onEnd, timing = USUAL_TIMING } = this.#options;
    return GuestProcess.open({
      storeFolders,
      workFolder,
      timing,
      onEnd: ({ text }) => {
        const entry = this.#entries.get(key);
        if (entry?.kind === 'open') clearTimeout(entry.idle);
        // One that was closed by us is out of the list already.
        if (!this.#entries.delete(key)) return;
        this.#ends += 1;
        onEnd(`the process of ${key.startsWith(ALONE) ? 'a plugin' : 'the plugins'}: ${text}`);
      },
    });
  }

  #leave(user: PlacedUser): void {
    const key = this.#users.get(user);
    if (key === undefined) return;
    this.#users.delete(user);
    this.#endIdle(key);
  }

  /** After a while, unless somebody came. */
  #endIdle(key: string): void {
    const entry = this.#entries.get(key);
    if (entry?.kind !== 'open' || this.#isUsed(key)) return;
    clearTimeout(entry.idle);
    entry.idle = setTimeout(
      () => {
        // Somebody may have waited for it to open.
        if (this.#isUsed(key)) return;
        this.#entries.delete(key);
        void entry.process.close();
      },
      key.startsWith(ALONE) ? 0 : IDLE_MS,
    );
    entry.idle.unref();
  }

  #isFull(key: string): boolean {
    const entry = this.#entries.get(key);
    return entry?.kind === 'open' && !entry.process.hasRoom;
  }

  #isUsed(key: string): boolean {
    return [...this.#users.values()].includes(key);
  }

  #suspect(digest: string): void {
    this.#suspects.delete(digest);
    this.#suspects.set(digest, this.#now());
    const [oldest] = this.#suspects.keys();
    if (this.#suspects.size > MAX_SUSPECTS && oldest !== undefined) this.#suspects.delete(oldest);
  }
}

function closed(): WasiError {
  return new WasiError('RUNTIME_CLOSED', 'the runtime was closed while a plugin was starting');
}
