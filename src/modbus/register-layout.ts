/**
 * Where things lie in a unit's registers. Every unit has the same layout, zero-based, alike as holding (4xxxx) and input
 * registers (3xxxx): a header of 32 registers, then blocks of 8, one for each field of each sensor. docs/modbus.md has it
 * as tables; layout version 1. Nothing here may move without another version. Pure.
 */

export const LAYOUT_VERSION = 1;
export const HEADER_REGISTERS = 32;
export const BLOCK_REGISTERS = 8;
/** Of one unit: 8192 registers, so that all of them have a reference of five digits. */
export const MAX_BLOCKS = 1_024;
export const FIRST_BLOCK = HEADER_REGISTERS;
export const END_OF_BLOCKS = FIRST_BLOCK + MAX_BLOCKS * BLOCK_REGISTERS;

export type RegisterType = 'float32' | 'int16' | 'uint16' | 'uint32';

export interface Register {
  readonly offset: number;
  readonly type: RegisterType;
  readonly name: string;
}

/** Offsets are addresses. What is not named reads 0. */
export const HEADER = {
  layoutVersion: 0,
  heartbeat: 1,
  upSeconds: 2,
  nodeStatus: 4,
  nodeAge: 5,
  blocks: 6,
  goodBlocks: 7,
  units: 8,
  gatewayUnit: 9,
  clusterState: 16,
  leaderUnit: 17,
  members: 18,
  healthyMembers: 19,
} as const;

const TWO_REGISTERS: ReadonlySet<number> = new Set([HEADER.upSeconds]);

export const HEADER_LIST: readonly Register[] = Object.entries(HEADER).map(([name, offset]) => ({
  offset,
  type: TWO_REGISTERS.has(offset) ? 'uint32' : 'uint16',
  name,
}));

/** Offsets from the block's address. */
export const BLOCK = { value: 0, scaled: 2, status: 3, age: 4, scale: 5 } as const;

export const BLOCK_LIST: readonly Register[] = [
  { offset: BLOCK.value, type: 'float32', name: 'value' },
  { offset: BLOCK.scaled, type: 'int16', name: 'scaled' },
  { offset: BLOCK.status, type: 'uint16', name: 'status' },
  { offset: BLOCK.age, type: 'uint16', name: 'age' },
  { offset: BLOCK.scale, type: 'uint16', name: 'scale' },
];

/** Of a field, and of a node (whose newest sensor counts). */
export const STATUS = {
  /** No reading yet since the gateway started. */
  never: 0,
  good: 1,
  /** The newest reading is too old. */
  stale: 2,
  /** The newest reading has no number for this field. */
  missing: 3,
} as const;

export type Status = (typeof STATUS)[keyof typeof STATUS];

/** Seconds; it also stands for more, and for never. */
export const MAX_AGE_SECONDS = 65_535;

export const CLUSTER_STATE = { alone: 0, follower: 1, leader: 2, disconnected: 3 } as const;

const FIVE_DIGIT_NUMBERS = 9_999;

/** "40001" for holding register 0; six digits from register 9999 on, where five no longer hold the number. */
export function reference(table: 3 | 4, address: number): string {
  const number = address + 1;
  return `${table}${String(number).padStart(number > FIVE_DIGIT_NUMBERS ? 5 : 4, '0')}`;
}
