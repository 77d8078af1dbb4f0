/**
 * Which register belongs to what, for ever: once a field of a sensor has a block, no other sensor moves it. This node's
 * own sensors are kept without its name, so that a renamed node keeps its map; other nodes are kept in the order in
 * which they were first heard of, by name where several came together, which is the order of their unit ids.
 *
 * Bounded, as guests name sensors: a plugin that invents a new one at each poll fills its own share and no more. What
 * finds no place is named in the outcome. Knows nothing of values, files or unit ids.
 */
import type { Reading } from '../readings/reading';
import { scaleOf } from './encoding';
import { BLOCK_REGISTERS, END_OF_BLOCKS, FIRST_BLOCK, MAX_BLOCKS } from './register-layout';

/** One field of one sensor and where its block begins. */
export interface Block {
  readonly address: number;
  readonly plugin: string;
  readonly sensor: string;
  readonly field: string;
  /** As it was when the block was made; "" for none. */
  readonly physicalUnit: string;
  /** What the int16 is multiplied with. */
  readonly scale: number;
}

export interface NodeBlocks {
  /** undefined: this node's own. */
  readonly node: string | undefined;
  readonly blocks: readonly Block[];
}

export interface Placement {
  /** Whether there are blocks that there were not. */
  readonly added: boolean;
  /** What found no place, in words. */
  readonly refused: readonly string[];
}

/** Half of a unit: ninety sensors of five fields. */
export const MAX_BLOCKS_PER_PLUGIN = MAX_BLOCKS / 2;
/** Beside this one. */
export const MAX_OTHER_NODES = 31;
/** What a guest may name anything; longer ones come from elsewhere and are not kept. */
export const MAX_NAME_LENGTH = 256;

export class Allocation {
  readonly #own: UnitBlocks;
  readonly #others = new Map<string, UnitBlocks>();

  constructor(kept: readonly NodeBlocks[] = []) {
    this.#own = new UnitBlocks(kept.find(({ node }) => node === undefined)?.blocks ?? []);
    for (const { node, blocks } of kept) if (node !== undefined) this.#others.set(node, new UnitBlocks(blocks));
  }

  /** This node first, then the others in their order: the index is what a unit id is counted from. */
  nodes(): readonly NodeBlocks[] {
    const others = [...this.#others].map(([node, { blocks }]) => ({ node, blocks }));
    return [{ node: undefined, blocks: this.#own.blocks }, ...others];
  }

  /** Gives a block to every number that has none. `reserved` are registers that no block may hold. */
  place(readings: readonly Reading[], ownNode: string, reserved: ReadonlySet<number>): Placement {
    let added = false;
    const refused: string[] = [];
    for (const reading of byNewNode(readings, this.#others)) {
      const unit = reading.node === ownNode ? this.#own : this.#unitOf(reading.node);
      for (const [field, value] of Object.entries(reading.values)) {
        if (typeof value !== 'number' || unit?.has(reading, field)) continue;
        if (unit?.add(reading, field, reserved)) added = true;
        else refused.push(`${reading.node}/${reading.plugin}/${reading.sensorId}/${field}`);
      }
    }
    return { added, refused };
  }

  #unitOf(node: string): UnitBlocks | undefined {
    const known = this.#others.get(node);
    if (known !== undefined || this.#others.size >= MAX_OTHER_NODES || node.length > MAX_NAME_LENGTH) return known;
    const unit = new UnitBlocks([]);
    this.#others.set(node, unit);
    return unit;
  }
}

export function fieldKey(plugin: string, sensor: string, field: string): string {
  return JSON.stringify([plugin, sensor, field]);
}

class UnitBlocks {
  readonly blocks: Block[];
  readonly #known = new Set<string>();
  readonly #perPlugin = new Map<string, number>();

  constructor(blocks: readonly Block[]) {
    this.blocks = [...blocks];
    for (const block of blocks) this.#count(block);
  }

  has({ plugin, sensorId }: Reading, field: string): boolean {
    return this.#known.has(fieldKey(plugin, sensorId, field));
  }

  /** false where there is no room for it. */
  add({ plugin, sensorId: sensor, units }: Reading, field: string, reserved: ReadonlySet<number>): boolean {
    const physicalUnit = (Object.hasOwn(units, field) ? units[field] : undefined) ?? '';
    if ([plugin, sensor, field, physicalUnit].some((name) => name.length > MAX_NAME_LENGTH)) return false;
    if ((this.#perPlugin.get(plugin) ?? 0) >= MAX_BLOCKS_PER_PLUGIN) return false;
    const address = this.#freeAddress(reserved);
    if (address === undefined) return false;
    const block = Object.freeze({ address, plugin, sensor, field, physicalUnit, scale: scaleOf(physicalUnit) });
    this.blocks.push(block);
    this.#count(block);
    return true;
  }

  #count({ plugin, sensor, field }: Block): void {
    this.#known.add(fieldKey(plugin, sensor, field));
    this.#perPlugin.set(plugin, (this.#perPlugin.get(plugin) ?? 0) + 1);
  }

  /** Behind the last one, never in a gap: what once had a meaning gets no other. */
  #freeAddress(reserved: ReadonlySet<number>): number | undefined {
    const last = this.blocks.at(-1);
    let address = last === undefined ? FIRST_BLOCK : last.address + BLOCK_REGISTERS;
    while (holdsAny(address, reserved)) address += BLOCK_REGISTERS;
    return address < END_OF_BLOCKS ? address : undefined;
  }
}

function holdsAny(address: number, reserved: ReadonlySet<number>): boolean {
  for (let offset = 0; offset < BLOCK_REGISTERS; offset += 1) if (reserved.has(address + offset)) return true;
  return false;
}

/** Known nodes as they come; those not heard of before by their names, so that two of them come out alike everywhere. */
function byNewNode(readings: readonly Reading[], known: ReadonlyMap<string, unknown>): readonly Reading[] {
  const isNew = ({ node }: Reading) => !known.has(node);
  const fresh = readings.filter(isNew).sort((a, b) => (a.node < b.node ? -1 : Number(a.node > b.node)));
  return [...readings.filter((reading) => !isNew(reading)), ...fresh];
}
