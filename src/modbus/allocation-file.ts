/**
 * The allocation and the file that keeps it, `<userDir>/wasi/modbus/registers.json`: one for all gateways of a Node-RED,
 * so that a sensor has the same registers over TCP and RTU, and in a node that was deleted and made again. What is served
 * is what `saved` has, which is on the disk, so that no register moves after a power failure. What could not be written is
 * tried again after a while, 5 s to 60 s, and by `close`. A file that is not what was written here is set aside under
 * another name and a warning says so; nothing of it is lost. Throws MODBUS_FAILED where the file may not be read: a map made anew in its
 * place would give registers another meaning.
 */

import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failureReason } from '../errors/failure-reason';
import { WasiError } from '../errors/wasi-error';
import { type Backoff, backoffMs } from '../platform/backoff';
import { removeLeftovers, writeDurably } from '../platform/durable-file';
import { isMissing } from '../platform/errno';
import { readTextAtMost, TooLarge } from '../platform/read-at-most';
import type { StorageReport } from '../platform/storage-report';
import type { Reading } from '../readings/reading';
import { Allocation, type NodeBlocks, type Placement } from './allocation';
import { allocationText, parseAllocation } from './parse-allocation';

/** 32 nodes of 1024 blocks with names of usual length. */
const MAX_FILE_BYTES = 16 * 2 ** 20;
const TOO_LARGE = Symbol('too large');
const MODE = 0o600;
const BACKOFF: Backoff = { firstMs: 5_000, maxMs: 60_000 };

export type SavedListener = (saved: readonly NodeBlocks[]) => void;

export class AllocationFile {
  readonly #allocation: Allocation;
  #saved: readonly NodeBlocks[];
  #writing: Promise<void> | undefined;
  readonly #listeners = new Set<SavedListener>();
  /** Of each gateway that is open; those of one runtime have the same. */
  #reports: readonly StorageReport[] = [];
  /** Of the last write, where it failed. */
  #cause: unknown;
  /** Of each gateway that is open: registers that no block may hold. */
  readonly #reserved = new Set<ReadonlySet<number>>();
  /** Whether there are blocks that no write has, finished or under way. */
  #isAhead = false;
  /** Writes in a row that failed. */
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;

  private constructor(
    readonly path: string,
    kept: readonly NodeBlocks[],
    readonly say: (level: 'info' | 'warn', text: string) => void,
  ) {
    this.#allocation = new Allocation(kept);
    this.#saved = this.#snapshot();
  }

  static async open(path: string, say: (level: 'info' | 'warn', text: string) => void): Promise<AllocationFile> {
    const kept = await read(path, (text) => say('warn', text));
    try {
      await removeLeftovers(dirname(path), Date.now());
    } catch (error) {
      say('warn', `the folder ${dirname(path)} could not be cleared of unfinished files ${failureReason(error)}`);
    }
    return new AllocationFile(path, kept, say);
  }

  /** With what is not on the disk yet. */
  nodes(): readonly NodeBlocks[] {
    return this.#allocation.nodes();
  }

  /** What is on the disk: no power failure takes it away. */
  get saved(): readonly NodeBlocks[] {
    return this.#saved;
  }

  /** No sensor is given one of these, whichever gateway hears of it. Returns how to call it off. */
  reserve(registers: ReadonlySet<number>): () => void {
    const mine = new Set(registers);
    this.#reserved.add(mine);
    return () => this.#reserved.delete(mine);
  }

  /** Told of `saved` each time that it has grown. Returns how to stop that. */
  onSaved(listener: SavedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Told how each write went, beginning with the last one where it failed. Returns how to stop that. */
  reportTo(report: StorageReport): () => void {
    this.#reports = [...this.#reports, report];
    if (this.#failures > 0) report.failed(this.#cause);
    return () => {
      const at = this.#reports.indexOf(report);
      this.#reports = this.#reports.filter((_, index) => index !== at);
      if (!this.#reports.includes(report)) report.settled();
    };
  }

  /** What was added is on the disk once `save` has come back, or `onSaved` tells of it. */
  place(readings: readonly Reading[], ownNode: string): Placement {
    const reserved = new Set([...this.#reserved].flatMap((registers) => [...registers]));
    const placement = this.#allocation.place(readings, ownNode, reserved);
    this.#isAhead ||= placement.added;
    return placement;
  }

  /** Settles when all that was placed is on the disk, or could not be written, which a warning tells. Never rejects. */
  save(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** Tries once more what could not be written. */
  async close(): Promise<void> {
    await this.save();
    clearTimeout(this.#retry);
    this.#listeners.clear();
  }

  #snapshot(): readonly NodeBlocks[] {
    return this.nodes().map(({ node, blocks }) => ({ node, blocks: [...blocks] }));
  }

  async #writeAll(): Promise<void> {
    clearTimeout(this.#retry);
    // What was placed while it was written goes with the next write.
    while (this.#isAhead) if (!(await this.#write())) return;
  }

  /** Whether it could be. */
  async #write(): Promise<boolean> {
    const nodes = this.#snapshot();
    this.#isAhead = false;
    try {
      await writeDurably(this.path, allocationText(nodes), { mode: MODE });
    } catch (error) {
      this.#isAhead = true;
      this.#cause = error;
      for (const report of new Set(this.#reports)) report.failed(error);
      this.#tryAgain(error);
      return false;
    }
    this.#saved = nodes;
    for (const report of new Set(this.#reports)) report.written();
    if (this.#failures > 0) this.say('info', `the Modbus register map is written to ${this.path} again`);
    this.#failures = 0;
    for (const listener of [...this.#listeners]) listener(nodes);
    return true;
  }

  #tryAgain(error: unknown): void {
    if (this.#failures === 0) {
      this.say(
        'warn',
        `the Modbus register map could not be written to ${this.path} ${failureReason(error)}. New values are not ` +
          'served until it can be written, since their registers might move when Node-RED restarts; it is tried again',
      );
    }
    this.#failures += 1;
    this.#retry = setTimeout(() => void this.save(), backoffMs(BACKOFF, this.#failures)).unref();
  }
}

async function read(path: string, onWarning: (text: string) => void): Promise<readonly NodeBlocks[]> {
  const text = await textOrNothing(path);
  if (text === undefined) return [];
  try {
    if (text === TOO_LARGE) throw new Error(`it is larger than ${MAX_FILE_BYTES} bytes`);
    return parseAllocation(text);
  } catch (error) {
    const aside = `${path}.${new Date().toISOString().replace(/[:.]/g, '-')}.broken`;
    await setAside(path, aside, error);
    onWarning(
      `the Modbus register map ${path} cannot be used: ${error instanceof Error ? error.message : String(error)}. It ` +
        `was kept as ${aside} and a new map is begun, in which sensors may have OTHER REGISTERS: compare the map before ` +
        'clients rely on it, or put a good copy of the file back and restart Node-RED',
    );
    return [];
  }
}

async function textOrNothing(path: string): Promise<string | typeof TOO_LARGE | undefined> {
  try {
    return await readTextAtMost(path, MAX_FILE_BYTES);
  } catch (error) {
    if (error instanceof TooLarge) return TOO_LARGE;
    if (isMissing(error)) return undefined;
    throw new WasiError(
      'MODBUS_FAILED',
      `the Modbus register map ${path} could not be read ${failureReason(error)}. It is tried again`,
      { cause: error },
    );
  }
}

async function setAside(path: string, aside: string, reason: unknown): Promise<void> {
  try {
    await rename(path, aside);
  } catch (cause) {
    throw new WasiError(
      'MODBUS_FAILED',
      `the Modbus register map ${path} cannot be used (${String(reason)}) and could not be set aside (${String(cause)}); ` +
        'move it elsewhere and deploy again',
      { cause },
    );
  }
}
