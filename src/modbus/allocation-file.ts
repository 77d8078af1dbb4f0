/**
 * The allocation and the file that keeps it, `<userDir>/wasi/modbus/registers.json`: one for all gateways of a Node-RED,
 * so that a sensor has the same registers over TCP and RTU, and in a node that was deleted and made again. Written whole
 * beside and renamed, one write at a time. A file that is not what was written here is set aside under another name and
 * a warning says so; nothing of it is lost. Throws MODBUS_FAILED where the file may not be read: a map made anew in its
 * place would give registers another meaning.
 */
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WasiError } from '../errors';
import type { Reading } from '../readings/reading';
import { Allocation, type NodeBlocks, type Placement } from './allocation';
import { allocationText, parseAllocation } from './parse-allocation';

/** 32 nodes of 1024 blocks with names of usual length. */
const MAX_FILE_BYTES = 16 * 2 ** 20;
const TOO_LARGE = Symbol('too large');

export class AllocationFile {
  readonly #allocation: Allocation;
  /** Gives what the newest write has, or what was read. */
  #writing: Promise<readonly NodeBlocks[]>;
  #next: Promise<readonly NodeBlocks[]> | undefined;
  /** Of each gateway that is open: registers that no block may hold. */
  readonly #reserved = new Set<ReadonlySet<number>>();
  /** Whether there are blocks that no write has, finished or under way. */
  #isAhead = false;

  private constructor(
    readonly path: string,
    kept: readonly NodeBlocks[],
    readonly onWarning: (text: string) => void,
  ) {
    this.#allocation = new Allocation(kept);
    this.#writing = Promise.resolve(this.#snapshot());
  }

  static async open(path: string, onWarning: (text: string) => void): Promise<AllocationFile> {
    return new AllocationFile(path, await read(path, onWarning), onWarning);
  }

  nodes(): readonly NodeBlocks[] {
    return this.#allocation.nodes();
  }

  /** How many blocks there are, of whichever gateway's making. */
  get size(): number {
    return this.#allocation.size;
  }

  /** No sensor is given one of these, whichever gateway hears of it. Returns how to call it off. */
  reserve(registers: ReadonlySet<number>): () => void {
    const mine = new Set(registers);
    this.#reserved.add(mine);
    return () => this.#reserved.delete(mine);
  }

  /** What was added is on disk once `save` has come back. */
  place(readings: readonly Reading[], ownNode: string): Placement {
    const reserved = new Set([...this.#reserved].flatMap((registers) => [...registers]));
    const placement = this.#allocation.place(readings, ownNode, reserved);
    this.#isAhead ||= placement.added;
    return placement;
  }

  /**
   * Gives what is on disk then: all that was placed until now, and nothing that is not. Comes back also where it could not
   * be written: the gateway serves on, and a warning tells what that means.
   */
  save(): Promise<readonly NodeBlocks[]> {
    if (!this.#isAhead) return this.#next ?? this.#writing;
    // A write under way may lack what was just placed; the next one has it, for all who ask meanwhile.
    this.#next ??= this.#writing.then(() => {
      this.#next = undefined;
      this.#writing = this.#write();
      return this.#writing;
    });
    return this.#next;
  }

  #snapshot(): readonly NodeBlocks[] {
    return this.nodes().map(({ node, blocks }) => ({ node, blocks: [...blocks] }));
  }

  async #write(): Promise<readonly NodeBlocks[]> {
    const nodes = this.#snapshot();
    this.#isAhead = false;
    try {
      await mkdir(dirname(this.path), { recursive: true });
      const file = await open(`${this.path}.new`, 'w', 0o600);
      try {
        await file.writeFile(allocationText(nodes));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${this.path}.new`, this.path);
    } catch (error) {
      this.#isAhead = true;
      this.onWarning(
        `the Modbus register map could not be written to ${this.path}: ${String(error)}. Registers of new sensors may ` +
          'move when Node-RED restarts; make room or correct the rights of the folder',
      );
    }
    return nodes;
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
    if ((await stat(path)).size > MAX_FILE_BYTES) return TOO_LARGE;
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new WasiError(
      'MODBUS_FAILED',
      `the Modbus register map ${path} could not be read: ${String(error)}; correct its rights and deploy again`,
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
