/**
 * The coils and registers that clients may write, as the node grants them, in this node's unit alone. A write is whole or
 * not at all, goes to the flow as one message for each point in the order of their addresses, and is what is read back;
 * before the first one 0 is. So many writes go to the flow in a second; more are refused as busy, as a flow's queue has
 * no bound of its own. So is every one while another node of the cluster is the one that writes.
 */
import { WasiError } from '../errors/wasi-error';
import { TokenBucket } from '../platform/token-bucket';
import type { NodeBlocks } from './allocation';
import type { WriteOutcome } from './pdu';
import { BLOCK_REGISTERS, END_OF_BLOCKS, HEADER_REGISTERS } from './register-layout';

export interface WritablePoint {
  /** Zero-based. */
  readonly address: number;
  readonly kind: 'coil' | 'register';
  readonly topic: string;
}

/** What a client wrote: a coil's `true` or `false`, a register's 0 to 65535. */
export interface Written {
  readonly topic: string;
  readonly payload: boolean | number;
  readonly address: number;
}

export interface WriteSurroundings {
  onWrite(written: Written): void;
  /** ms that only ever go forward. */
  now(): number;
  /** Whether this node carries out what clients write. */
  mayWrite(): boolean;
}

export const MAX_POINTS = 256;
/** Each point once, at once. */
const WRITES_AT_ONCE = MAX_POINTS;
const WRITES_PER_SECOND = 100;

export class WritablePoints {
  readonly #coils: PointTable<boolean>;
  readonly #registers: PointTable<number>;

  /** Throws CONFIG_INVALID where two points are one, or one lies in the header. */
  constructor(points: readonly WritablePoint[], around: WriteSurroundings) {
    const { onWrite, now, mayWrite } = around;
    const bucket = new TokenBucket(WRITES_AT_ONCE, WRITES_PER_SECOND, now);
    const admit = (writes: number) => mayWrite() && bucket.take(writes);
    const of = (kind: WritablePoint['kind']) => points.filter((point) => point.kind === kind);
    this.#coils = new PointTable(of('coil'), false, onWrite, admit);
    this.#registers = new PointTable(of('register'), 0, onWrite, admit);
    for (const { address } of of('register')) {
      if (address < HEADER_REGISTERS)
        throw unusable(`register ${address} is one of the header's, which are 0 to ${HEADER_REGISTERS - 1}`);
    }
  }

  /** Throws CONFIG_INVALID where a register belongs to a sensor already. */
  assertApart(nodes: readonly NodeBlocks[]): void {
    const own = nodes.find(({ node }) => node === undefined)?.blocks ?? [];
    for (const register of this.registers) {
      const block = own.find(({ address }) => register >= address && register < address + BLOCK_REGISTERS);
      if (block !== undefined) throw unusable(`register ${register} belongs to ${block.field} of ${block.sensor}`);
    }
  }

  /** Addresses of the registers: no sensor is given one. */
  get registers(): ReadonlySet<number> {
    return this.#registers.addresses;
  }

  register(address: number): number | undefined {
    return this.#registers.get(address);
  }

  readCoils(address: number, quantity: number): readonly boolean[] | undefined {
    const values = addressesOf(address, quantity).map((at) => this.#coils.get(at));
    return values.every((value) => value !== undefined) ? values.filter((value) => value !== undefined) : undefined;
  }

  writeCoils(address: number, values: readonly boolean[]): WriteOutcome {
    return this.#coils.write(address, values);
  }

  writeRegisters(address: number, values: readonly number[]): WriteOutcome {
    return this.#registers.write(address, values);
  }
}

class PointTable<T extends boolean | number> {
  readonly #topics: ReadonlyMap<number, string>;
  readonly #values: Map<number, T>;

  constructor(
    points: readonly WritablePoint[],
    initial: T,
    readonly onWrite: (written: Written) => void,
    readonly admit: (writes: number) => boolean,
  ) {
    this.#topics = new Map(points.map(({ address, topic }) => [address, topic]));
    this.#values = new Map(points.map(({ address }) => [address, initial]));
    if (this.#topics.size < points.length)
      throw unusable(
        `one ${points[0]?.kind ?? 'point'} is there twice among ${points.map((p) => p.address).join(', ')}`,
      );
  }

  get addresses(): ReadonlySet<number> {
    return new Set(this.#topics.keys());
  }

  get(address: number): T | undefined {
    return this.#values.get(address);
  }

  write(address: number, values: readonly T[]): WriteOutcome {
    const writes = values.map((payload, index) => ({ payload, address: address + index }));
    if (writes.some((write) => !this.#topics.has(write.address))) return 'illegal-address';
    if (!this.admit(writes.length)) return 'busy';
    for (const write of writes) this.#values.set(write.address, write.payload);
    for (const write of writes) this.onWrite({ topic: this.#topics.get(write.address) ?? '', ...write });
    return 'done';
  }
}

function addressesOf(address: number, quantity: number): number[] {
  return Array.from({ length: quantity }, (_, index) => address + index);
}

function unusable(why: string): WasiError {
  return new WasiError(
    'CONFIG_INVALID',
    `property "writable": ${why}. Choose other addresses (registers from ${END_OF_BLOCKS} on are always free) and deploy`,
  );
}
