/**
 * What a guest passes is checked against its WIT here, before any capability sees it. The glue does not: it hands over
 * whatever types a component declares for its imports, and a crafted component may declare text where WIT says u32.
 * Beyond this point types can be trusted, in the device thread and in the host's.
 *
 * A call with other arguments throws, which no WIT error can answer: it ends the guest.
 */

interface ArgumentTypes {
  readonly u8: number;
  readonly u32: number;
  readonly bool: boolean;
  readonly string: string;
  readonly bytes: Uint8Array;
  readonly 'process-image-value': { readonly tag: 'bit' | 'unsigned' | 'signed'; readonly val: boolean | number };
}

export type ArgumentKind = keyof ArgumentTypes;

type KindOf<T> = { [K in ArgumentKind]: T extends ArgumentTypes[K] ? K : never }[ArgumentKind];
type KindsOf<F> = F extends (...args: infer A) => unknown ? { readonly [I in keyof A]: KindOf<A[I]> } : never;

/** The kinds of every function's arguments, for each interface. */
export type SignaturesOf<Interfaces> = {
  readonly [I in keyof Interfaces]: { readonly [F in keyof Interfaces[I]]: KindsOf<Interfaces[I][F]> };
};

const U8_MAX = 0xff;
const U32_MAX = 0xffff_ffff;
const S32_MIN = -0x8000_0000;
const S32_MAX = 0x7fff_ffff;

const IS: Readonly<Record<ArgumentKind, (value: unknown) => boolean>> = {
  u8: (value) => isInteger(value, 0, U8_MAX),
  u32: (value) => isInteger(value, 0, U32_MAX),
  bool: (value) => typeof value === 'boolean',
  string: (value) => typeof value === 'string',
  bytes: (value) => value instanceof Uint8Array,
  'process-image-value': isProcessImageValue,
};

/** The functions of one interface, each refusing arguments of other kinds than its own. */
export function checkedFunctions(
  name: string,
  functions: object,
  signatures: Readonly<Record<string, readonly ArgumentKind[]>>,
): object {
  const entries: [string, unknown][] = Object.entries(functions);
  return Object.fromEntries(
    entries.map(([key, implementation]) => {
      const kinds = signatures[key];
      if (typeof implementation !== 'function' || !kinds) throw new Error(`${name} ${key} has no signature`);
      return [
        key,
        (...args: unknown[]): unknown => {
          if (!kinds.every((kind, i) => IS[kind](args[i]))) {
            throw new TypeError(`${name} ${key} was called with other arguments than (${kinds.join(', ')})`);
          }
          return Reflect.apply(implementation, undefined, args.slice(0, kinds.length));
        },
      ];
    }),
  );
}

function isInteger(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

function isProcessImageValue(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('tag' in value) || !('val' in value)) return false;
  switch (value.tag) {
    case 'bit':
      return typeof value.val === 'boolean';
    case 'unsigned':
      return isInteger(value.val, 0, U32_MAX);
    case 'signed':
      return isInteger(value.val, S32_MIN, S32_MAX);
    default:
      return false;
  }
}
