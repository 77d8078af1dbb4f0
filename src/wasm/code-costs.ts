/**
 * What one function of a core module costs a compiler, without compiling it: its locals, how deep its blocks are in each
 * other, its largest branch table, and all values (locals and operands) at each of its blocks and branches together.
 * Operands are followed as in the core specification's validation algorithm (3.0, appendix A); where the effect of an
 * instruction is not known, more of them are assumed, never fewer.
 */
import { ByteReader } from './byte-reader';
import { eachInstruction, valueType } from './instructions';

export interface Arity {
  readonly parameters: number;
  readonly results: number;
}

/** Of a module's types and functions, by index. */
export interface Arities {
  ofType(index: number): Arity;
  ofFunction(index: number): Arity;
}

export interface CodeCosts {
  /** With the parameters. */
  readonly locals: number;
  readonly depth: number;
  readonly branchTargets: number;
  readonly liveValues: number;
}

const OP = {
  unreachable: 0x00,
  if: 0x04,
  else: 0x05,
  catch: 0x07,
  throw: 0x08,
  rethrow: 0x09,
  throwRef: 0x0a,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  callRef: 0x14,
  returnCallRef: 0x15,
  delegate: 0x18,
  catchAll: 0x19,
  brOnNull: 0xd5,
  brOnNonNull: 0xd6,
} as const;
/** block, loop, if, try, try_table. */
const OPENING: ReadonlySet<number> = new Set([0x02, 0x03, OP.if, 0x06, 0x1f]);
const ENDS_CODE: ReadonlySet<number> = new Set([
  ...[OP.unreachable, OP.throw, OP.rethrow, OP.throwRef, OP.return],
  ...[OP.returnCall, OP.returnCallIndirect, OP.returnCallRef],
]);
/** As many values as V8 lets an exception have. */
const MAX_CAUGHT = 1_000;

type Effect = readonly [first: number, last: number, net: number];

/** How many operands more there are after an instruction. None for those that are not named. */
const EFFECTS: readonly Effect[] = [
  [0x1a, 0x1a, -1], // drop
  [0x1b, 0x1c, -2], // select
  [0x20, 0x20, 1], // local.get
  [0x21, 0x21, -1], // local.set
  [0x23, 0x23, 1], // global.get
  [0x24, 0x24, -1], // global.set
  [0x26, 0x26, -2], // table.set
  [0x36, 0x3e, -2], // stores
  [0x3f, 0x3f, 1], // memory.size
  [0x41, 0x44, 1], // constants
  [0x46, 0x4f, -1], // comparisons of two
  [0x51, 0x66, -1],
  [0x6a, 0x78, -1], // arithmetic with two
  [0x7c, 0x8a, -1],
  [0x92, 0x98, -1],
  [0xa0, 0xa6, -1],
  [0xd0, 0xd0, 1], // ref.null
  [0xd2, 0xd2, 1], // ref.func
  [0xd3, 0xd3, -1], // ref.eq
];
const BULK_EFFECTS: readonly Effect[] = [
  [8, 8, -3], // memory.init, copy and fill
  [10, 12, -3], // table.init
  [14, 14, -3], // table.copy
  [15, 15, -1], // table.grow
  [16, 16, 1], // table.size
  [17, 17, -3], // table.fill
  [19, 20, -2], // wide arithmetic
];
const VECTOR_EFFECTS: readonly Effect[] = [
  [0x0b, 0x0b, -2], // v128.store
  [0x0c, 0x0c, 1], // v128.const
  [0x0d, 0x0e, -1], // shuffle, swizzle
  [0x17, 0x17, -1], // replaced lanes
  [0x1a, 0x1a, -1],
  [0x1c, 0x1c, -1],
  [0x1e, 0x1e, -1],
  [0x20, 0x20, -1],
  [0x22, 0x22, -1],
  [0x23, 0x4c, -1], // comparisons
  [0x4e, 0x51, -1], // and, or, xor
  [0x52, 0x52, -2], // bitselect
  [0x54, 0x57, -1], // loads of a lane
  [0x58, 0x5b, -2], // stores of a lane
];

const byOpcode = (effects: readonly Effect[]): readonly number[] => {
  const table: number[] = [];
  for (const [first, last, net] of effects) for (let at = first; at <= last; at += 1) table[at] = net;
  return table;
};
const plain = byOpcode(EFFECTS);
const prefixed = new Map([
  [0xfc, byOpcode(BULK_EFFECTS)],
  [0xfd, byOpcode(VECTOR_EFFECTS)],
]);

interface Block extends Arity {
  /** Operands below it, which its code cannot reach. */
  readonly base: number;
}

/** `body`: an entry of the code section, without its size. */
export function codeCosts(body: Uint8Array, own: Arity, arities: Arities): CodeCosts {
  const code = new ByteReader(body);
  const locals = own.parameters + declaredLocals(code);
  const blocks: Block[] = [{ ...own, parameters: 0, base: 0 }];
  let operands = 0;
  let depth = 0;
  let branchTargets = 0;
  let liveValues = 0;
  const innermost = () => blocks.at(-1) ?? { base: 0, parameters: 0, results: 0 };
  const change = (net: number) => {
    operands = Math.max(innermost().base, operands + net);
  };
  const state = (times = 1) => {
    liveValues += (locals + operands + 1) * times;
  };
  const called = ({ parameters, results }: Arity) => change(results - parameters);
  eachInstruction(code, (opcode, second, _, immediates) => {
    if (second !== undefined) change(prefixed.get(opcode)?.[second] ?? 0);
    else if (OPENING.has(opcode)) {
      if (opcode === OP.if) change(-1);
      const { parameters, results } = blockArity(body, immediates, arities);
      state();
      blocks.push({ base: Math.max(innermost().base, operands - parameters), parameters, results });
      depth = Math.max(depth, blocks.length - 1);
    } else
      switch (opcode) {
        case OP.else:
          operands = innermost().base + innermost().parameters;
          state();
          return;
        case OP.catch:
        case OP.catchAll:
          operands = innermost().base + MAX_CAUGHT;
          state();
          return;
        case OP.end:
        case OP.delegate: {
          const { base, results } = blocks.pop() ?? innermost();
          operands = base + results;
          return;
        }
        case OP.brIf:
          change(-1);
          state();
          return;
        case OP.brOnNull:
        case OP.brOnNonNull:
          state();
          return;
        case OP.br:
          state();
          operands = innermost().base;
          return;
        case OP.brTable: {
          const targets = u32At(body, immediates) + 1;
          branchTargets = Math.max(branchTargets, targets);
          change(-1);
          state(Math.min(targets, blocks.length));
          operands = innermost().base;
          return;
        }
        case OP.call:
          called(arities.ofFunction(u32At(body, immediates)));
          return;
        case OP.callIndirect:
        case OP.callRef:
          change(-1);
          called(arities.ofType(u32At(body, immediates)));
          return;
        default:
          if (ENDS_CODE.has(opcode)) operands = innermost().base;
          else change(plain[opcode] ?? 0);
      }
  });
  return { locals, depth, branchTargets, liveValues };
}

function declaredLocals(code: ByteReader): number {
  let locals = 0;
  for (let left = code.u32(); left > 0; left -= 1) {
    locals += code.u32();
    valueType(code);
  }
  return locals;
}

/** A block's type is nothing, the type of its result, or the index of a type. */
function blockArity(body: Uint8Array, at: number, arities: Arities): Arity {
  const first = body[at] ?? 0;
  if (first === 0x40) return { parameters: 0, results: 0 };
  if (first > 0x40 && first < 0x80) return { parameters: 0, results: 1 };
  return arities.ofType(u32At(body, at));
}

function u32At(body: Uint8Array, at: number): number {
  return new ByteReader(body.subarray(at)).u32();
}
