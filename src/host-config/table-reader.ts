/**
 * One table of host.toml, read key by key: each method names what it expects, reports what is wrong instead of
 * throwing, and then goes on with the fallback, so that all problems come to light in one pass. A key that nobody
 * asked for by the end is unknown, and warned of with the nearest one that was asked for.
 */

import { nearestKey } from '../platform/closest-match';
import type { KeyPath } from './key-lines';
import type { Problems } from './problems';

export interface NumberKey {
  readonly min: number;
  readonly max: number;
  readonly fallback: number;
}

export interface TextKey {
  readonly pattern: RegExp;
  /** What the pattern asks for, in words: `an address such as "0x76"`. */
  readonly expected: string;
  readonly fallback: string;
}

export class TableReader {
  readonly #problems: Problems;
  readonly #path: KeyPath;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #known = new Set<string>();
  readonly #children: TableReader[] = [];
  #unusedBecause: string | undefined;

  constructor(problems: Problems, path: KeyPath, values: Readonly<Record<string, unknown>>, unusedBecause?: string) {
    this.#problems = problems;
    this.#path = path;
    this.#values = values;
    this.#unusedBecause = unusedBecause;
  }

  /** From here on nothing of this table has an effect: what is wrong in it is a warning, and stops nothing. */
  unused(because: string): void {
    this.#unusedBecause = because;
  }

  /** A key of earlier configurations that has no meaning here. */
  obsolete(key: string, advice: string): void {
    if (this.has(key)) this.#problems.warn([...this.#path, key], () => `it is not used any more: ${advice}`);
  }

  /** Every key there is; for tables whose keys are the user's own choice. */
  names(): string[] {
    return Object.keys(this.#values);
  }

  has(key: string): boolean {
    return this.value(key) !== undefined;
  }

  /** For what has more than one form: the caller tells them apart and reports what is none of them. */
  value(key: string): unknown {
    this.#known.add(key);
    return Object.hasOwn(this.#values, key) ? this.#values[key] : undefined;
  }

  wrong(key: string, expected: string, found: unknown = this.value(key)): void {
    this.#report([...this.#path, key], expected, found);
  }

  whole(key: string, { min, max, fallback }: NumberKey): number {
    const found = this.value(key) ?? fallback;
    if (isNumberIn(found, min, max) && Number.isInteger(found)) return found;
    this.wrong(key, `a whole number from ${min} to ${max}`);
    return fallback;
  }

  number(key: string, { min, max, fallback }: NumberKey): number {
    const found = this.value(key) ?? fallback;
    if (isNumberIn(found, min, max)) return found;
    this.wrong(key, `a number from ${min} to ${max}`);
    return fallback;
  }

  yesOrNo(key: string, fallback: boolean): boolean {
    const found = this.value(key) ?? fallback;
    if (typeof found === 'boolean') return found;
    this.wrong(key, 'true or false');
    return fallback;
  }

  text(key: string, { pattern, expected, fallback }: TextKey): string {
    const found = this.value(key);
    if (found === undefined) return fallback;
    if (typeof found === 'string' && pattern.test(found)) return found;
    this.wrong(key, expected);
    return fallback;
  }

  oneOf<T extends string>(key: string, options: readonly T[], fallback: T): T {
    const found = this.value(key) ?? fallback;
    const chosen = options.find((option) => option === found);
    if (chosen === undefined) this.wrong(key, options.map((option) => JSON.stringify(option)).join(' or '));
    return chosen ?? fallback;
  }

  /** `parseItem` answers undefined for what is not `expected`; an absent list is an empty one. */
  list<T>(key: string, expected: string, parseItem: (found: unknown) => T | undefined): readonly T[] {
    const found = this.value(key) ?? [];
    if (!Array.isArray(found)) {
      this.wrong(key, `a list (each entry ${expected})`);
      return [];
    }
    const items: T[] = [];
    for (const [place, entry] of found.entries()) {
      const item = parseItem(entry);
      if (item === undefined) this.#report([...this.#path, key, place], expected, entry);
      else items.push(item);
    }
    return items;
  }

  /** An absent table is an empty one. */
  table(key: string): TableReader {
    const found = this.value(key) ?? {};
    if (!isTable(found)) this.wrong(key, 'a table');
    const child = new TableReader(
      this.#problems,
      [...this.#path, key],
      isTable(found) ? found : {},
      this.#unusedBecause,
    );
    this.#children.push(child);
    return child;
  }

  /** Of this table and of those read from it; call it once, after everything was asked for. */
  warnOfUnknownKeys(): void {
    for (const { path, hint } of this.#unknownKeys())
      this.#problems.warn(path, () => `unknown key, ignored; ${hint()}`);
  }

  /** The same, where an unknown key is a mistake. */
  refuseUnknownKeys(): void {
    for (const { path, hint } of this.#unknownKeys()) this.#problems.unknown(path, hint());
  }

  #report(path: KeyPath, expected: string, found: unknown): void {
    if (this.#unusedBecause === undefined) this.#problems.wrong(path, expected, found);
    else this.#problems.warnOfUnused(path, expected, found, this.#unusedBecause);
  }

  /** `hint` costs the comparison with every known key. */
  #unknownKeys(): readonly { readonly path: KeyPath; readonly hint: () => string }[] {
    const known = [...this.#known];
    const own = this.names()
      .filter((name) => !this.#known.has(name))
      .map((key) => ({ path: [...this.#path, key], hint: () => hintAt(key, known) }));
    return [...own, ...this.#children.flatMap((child) => child.#unknownKeys())];
  }
}

function hintAt(key: string, known: readonly string[]): string {
  const nearest = nearestKey(key, known);
  return nearest ? `did you mean "${nearest}"?` : `known here are ${known.join(', ')}.`;
}

function isNumberIn(found: unknown, min: number, max: number): found is number {
  return typeof found === 'number' && found >= min && found <= max;
}

export function isTable(found: unknown): found is Readonly<Record<string, unknown>> {
  return typeof found === 'object' && found !== null && !Array.isArray(found) && !(found instanceof Date);
}
