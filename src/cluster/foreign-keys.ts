/**
 * Keys below the prefix that are not this package's: counted, said once with an example, and passed over. And keys that are,
 * whose value is larger than a response may be: said once each.
 */
import { asEtcdError } from './etcd/etcd-error';
import { type Keys, type KeyValue, under } from './etcd/key-values';
import {
  BATCHES,
  cursorKey,
  EVERYTHING,
  LEADER_KEY,
  latestKey,
  meaningOf,
  PREFIX,
  presenceKey,
  RENEWED_KEY,
  STORE_KEY,
  wantsLeaderKey,
} from './keys';
import type { PagedReader } from './paged-reader';

/** As many are counted at one place between ours. */
const MOST_COUNTED = 100;
const SHOWN_LENGTH = 120;
const MAX_WARNED = 16;

const single = (key: string): Required<Keys> => ({ key, end: `${key}\0` });
/** In the order of their names. */
const OURS: readonly Required<Keys>[] = [
  under(cursorKey('')),
  under(latestKey('')),
  single(LEADER_KEY),
  single(RENEWED_KEY),
  under(presenceKey('')),
  under(BATCHES),
  single(STORE_KEY),
  under(wantsLeaderKey('')),
];

export class ForeignKeys {
  #between = 0;
  /** Names, as far as they were seen among ours: the same is seen each time that all is read. */
  #seen = new Set<string>();
  #example: string | undefined;
  #isTold = false;
  readonly #tooLarge = new Set<string>();

  constructor(readonly onWarning: (text: string) => void) {}

  get size(): number {
    return this.#between + this.#seen.size;
  }

  /** Foreign ones of `entries` were seen. */
  among(entries: readonly KeyValue[]): void {
    for (const { key } of entries) {
      if (meaningOf(key).kind !== 'foreign' || !key.startsWith(PREFIX)) continue;
      if (this.#seen.size < MOST_COUNTED * OURS.length) this.#seen.add(key.slice(0, SHOWN_LENGTH));
      this.#example ??= key;
    }
  }

  /** Between ours, where nothing else looks. */
  async count(pages: PagedReader, revision: bigint): Promise<void> {
    const ends = [...OURS.map(({ key }) => key), EVERYTHING.end];
    const begins = [EVERYTHING.key, ...OURS.map(({ end }) => end)];
    const found = new Set<string>();
    for (const [i, key] of begins.entries()) {
      const end = ends[i] ?? EVERYTHING.end;
      try {
        const { entries } = await pages.ask({ key, end, limit: MOST_COUNTED, revision, isKeysOnly: true });
        for (const entry of entries) found.add(entry.key.slice(0, SHOWN_LENGTH));
        this.#example ??= entries[0]?.key;
      } catch (error) {
        if (asEtcdError(error).kind !== 'too-large') throw error;
      }
    }
    for (const key of found) this.#seen.delete(key);
    this.#between = found.size;
    this.tell();
  }

  /** Said once, when it is known how many there are. */
  tell(): void {
    if (this.#isTold || this.#example === undefined) return;
    this.#isTold = true;
    this.onWarning(
      `${this.size} keys in etcd below ${PREFIX} are not of this version of @edge-wasi/node-red-wasi, such as ` +
        `${shown(this.#example)}: they are passed over, and slow its nodes down. Let another program use another prefix`,
    );
  }

  /** One of ours, and too large. */
  passOver(key: string): void {
    if (this.#tooLarge.has(key) || this.#tooLarge.size >= MAX_WARNED) return;
    this.#tooLarge.add(key);
    this.onWarning(`the value of ${shown(key)} in etcd is too large to be read, and is passed over: remove it`);
  }
}

function shown(key: string): string {
  return JSON.stringify(key.length <= SHOWN_LENGTH ? key : `${key.slice(0, SHOWN_LENGTH)}…`);
}
