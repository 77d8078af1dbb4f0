/** The known keys that an unknown one was probably meant to be: those the fewest changed letters away. */

/** Further away than this share of the longer word, two words have nothing to do with each other. */
const MAX_CHANGED_SHARE = 0.5;

/** No known key is half as long; comparing costs the product of both lengths. */
const MAX_LENGTH = 64;

export function nearestKey(key: string, known: readonly string[]): string | undefined {
  return nearestKeys(key, known, 1)[0];
}

/** At most so many, the nearest first; none that resembles it too little. */
export function nearestKeys(key: string, known: readonly string[], most: number): readonly string[] {
  if (key.length > MAX_LENGTH) return [];
  return known
    .map((candidate) => ({ candidate, changes: editDistance(key.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, changes }) => changes <= MAX_CHANGED_SHARE * Math.max(key.length, candidate.length))
    .sort((a, b) => a.changes - b.changes)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** Letters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = at(last, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = isSwap ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(at(last, column) + 1, at(current, column - 1) + 1, replaced, swapped));
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
