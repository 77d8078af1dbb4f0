/** One mutant for each seed number and index, made of one or two of the seed files. */
import { mutateBytes } from './byte-mutations';
import { Random } from './random';
import { encodeTree, parseTree } from './section-tree';
import { mutateStructure, renameEverywhere } from './structure-mutations';

/** Most mutants differ in one place; a few more reach what needs two changes at once. */
const MAX_STEPS = 4;

export function mutant(seeds: readonly Uint8Array[], seed: number, index: number): Uint8Array {
  const random = new Random(seed, index);
  let bytes = random.pickAny(seeds) ?? new Uint8Array();
  const other = random.pickAny(seeds) ?? bytes;
  const steps = random.oneIn(2) ? 1 : 1 + random.below(MAX_STEPS);
  for (let step = 0; step < steps; step += 1) bytes = changed(bytes, other, random);
  return bytes;
}

function changed(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const tree = random.oneIn(5) ? undefined : parseTree(bytes);
  if (!tree) return random.oneIn(16) ? spliced(bytes, other, random) : mutateBytes(bytes, random);
  if (random.oneIn(3)) renameEverywhere(tree, random);
  else mutateStructure(tree, parseTree(other) ?? tree, random);
  return encodeTree(tree);
}

/** The front of one file and the end of another. */
function spliced(front: Uint8Array, end: Uint8Array, random: Random): Uint8Array {
  const cut = end.subarray(random.below(end.length));
  return new Uint8Array(Buffer.concat([front.subarray(0, random.below(front.length)), cut]));
}
