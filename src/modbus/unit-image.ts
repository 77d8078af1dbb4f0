/**
 * The registers of one unit, kept as the bytes that a client gets: a request copies a slice. Values are written when a
 * reading comes in, ages once a second. A value that is missing or too old is NaN (−32768 as an int16), and its status
 * says which. Times are ms that only go forward.
 */
import type { Reading } from '../readings/reading';
import type { Block } from './allocation';
import { isFloat32, type WordOrder, writeFloat32, writeScaled, writeUint16, writeUint32 } from './encoding';
import {
  BLOCK,
  BLOCK_REGISTERS,
  END_OF_BLOCKS,
  FIRST_BLOCK,
  HEADER_REGISTERS,
  MAX_AGE_SECONDS,
  STATUS,
  type Status,
} from './register-layout';

const BYTES = 2;
const MS_PER_SECOND = 1_000;

interface Field {
  readonly block: Block;
  status: Status;
  /** When its sensor was read; undefined: not yet. */
  readAt: number | undefined;
}

export interface Freshness {
  readonly status: Status;
  readonly ageSeconds: number;
  readonly good: number;
  readonly blocks: number;
}

export class UnitImage {
  /** 16 KB: the whole range at once is simpler than a buffer that grows. */
  readonly #registers = Buffer.alloc(END_OF_BLOCKS * BYTES);
  readonly #fields = new Map<number, Field>();
  /** By plugin and sensor. */
  readonly #sensors = new Map<string, Field[]>();

  constructor(
    readonly order: WordOrder,
    readonly staleAfterMs: number,
  ) {}

  /** Blocks that are there already stay as they are. */
  adopt(blocks: readonly Block[]): void {
    for (const block of blocks) {
      if (this.#fields.has(block.address)) continue;
      const field: Field = { block, status: STATUS.never, readAt: undefined };
      this.#fields.set(block.address, field);
      const key = sensorKey(block.plugin, block.sensor);
      this.#sensors.set(key, [...(this.#sensors.get(key) ?? []), field]);
      writeUint16(this.#registers, block.address + BLOCK.scale, block.scale);
      this.#write(field, Number.NaN, STATUS.never);
      this.#writeAge(field, 0);
    }
  }

  /** `readAt`: when the sensor was read. */
  update(reading: Reading, readAt: number, now: number): void {
    for (const field of this.#fieldsOf(reading)) this.#take(field, reading, readAt, now);
  }

  /** The same for those fields alone that no reading has reached yet. */
  recall(reading: Reading, readAt: number, now: number): void {
    for (const field of this.#fieldsOf(reading)) {
      if (field.readAt === undefined) this.#take(field, reading, readAt, now);
    }
  }

  /** The sensor has no known value any more. */
  expire(reading: Reading): void {
    for (const field of this.#fieldsOf(reading))
      if (field.readAt !== undefined) this.#write(field, Number.NaN, STATUS.stale);
  }

  tick(now: number): void {
    for (const field of this.#fields.values()) this.#age(field, now);
  }

  freshness(now: number): Freshness {
    let newest: Field | undefined;
    let good = 0;
    for (const field of this.#fields.values()) {
      if (field.status === STATUS.good) good += 1;
      if ((field.readAt ?? -Infinity) > (newest?.readAt ?? -Infinity)) newest = field;
    }
    const ageSeconds = secondsSince(newest?.readAt, now);
    const blocks = this.#fields.size;
    if (newest === undefined) return { status: STATUS.never, ageSeconds, good, blocks };
    const status = newest.status === STATUS.stale ? STATUS.stale : STATUS.good;
    return { status, ageSeconds, good, blocks };
  }

  writeHeader(offset: number, value: number): void {
    writeUint16(this.#registers, offset, value);
  }

  writeHeader32(offset: number, value: number): void {
    writeUint32(this.#registers, offset, value, this.order);
  }

  /** High byte first; undefined where one of them is no register. */
  read(address: number, quantity: number): Buffer | undefined {
    const end = address + quantity;
    if (end > END_OF_BLOCKS) return undefined;
    for (let at = Math.max(address, HEADER_REGISTERS); at < end; at = blockStart(at) + BLOCK_REGISTERS) {
      if (!this.#fields.has(blockStart(at))) return undefined;
    }
    return this.#registers.subarray(address * BYTES, end * BYTES);
  }

  #fieldsOf({ plugin, sensorId }: Reading): readonly Field[] {
    return this.#sensors.get(sensorKey(plugin, sensorId)) ?? [];
  }

  #take(field: Field, { values }: Reading, readAt: number, now: number): void {
    const { field: name } = field.block;
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    field.readAt = readAt;
    if (isFloat32(value)) this.#write(field, value, STATUS.good);
    else this.#write(field, Number.NaN, STATUS.missing);
    this.#age(field, now);
  }

  #write(field: Field, value: number, status: Status): void {
    const { address, scale } = field.block;
    field.status = status;
    writeFloat32(this.#registers, address + BLOCK.value, value, this.order);
    writeScaled(this.#registers, address + BLOCK.scaled, value, scale);
    writeUint16(this.#registers, address + BLOCK.status, status);
  }

  #age(field: Field, now: number): void {
    const { readAt, status } = field;
    if (readAt === undefined) return;
    if (status !== STATUS.stale && now - readAt > this.staleAfterMs) this.#write(field, Number.NaN, STATUS.stale);
    this.#writeAge(field, now);
  }

  #writeAge({ block, readAt }: Field, now: number): void {
    writeUint16(this.#registers, block.address + BLOCK.age, secondsSince(readAt, now));
  }
}

function blockStart(address: number): number {
  return address - ((address - FIRST_BLOCK) % BLOCK_REGISTERS);
}

function secondsSince(readAt: number | undefined, now: number): number {
  if (readAt === undefined) return MAX_AGE_SECONDS;
  return Math.min(MAX_AGE_SECONDS, Math.max(0, Math.floor((now - readAt) / MS_PER_SECOND)));
}

function sensorKey(plugin: string, sensor: string): string {
  return JSON.stringify([plugin, sensor]);
}
