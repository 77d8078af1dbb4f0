/**
 * Reading many keys of one member in pages: as they were at one revision, a few hundred KB at a time, and never more than a
 * response may have. Names come first and values of those that are wanted afterwards, so that what somebody else keeps
 * among them costs its name. A page that is too large is asked for again in halves, down to one key; a single value that is
 * too large is left out and told. Throws EtcdError; `compacted` where that overtakes it.
 */
import { asEtcdError } from './etcd/etcd-error';
import { type Keys, type KeyValue, type RangeAnswer, type RangeQuery, range, under } from './etcd/key-values';
import type { EtcdMember } from './etcd/member';

export interface PagedReaderOptions {
  /** As this member knows it, which may be behind. */
  readonly isSerializable?: boolean;
  readonly signal: AbortSignal;
  onTooLarge(key: string): void;
}

/** Some 250 bytes each on the way. */
const NAMES_AT_ONCE = 1_000;
/** What they weigh is not known yet. */
const FIRST_VALUES = 2;
const MAX_VALUES = 128;
/** A page is parsed in one turn of Node-RED's loop: 1–2 ms on a PC. Batches have up to 96 KB. */
const PAGE_CHARS = 256 * 2 ** 10;
/** A page of large batches, to a Pi Zero over its WLAN. */
const PAGE_DEADLINE_MS = 10_000;
const NOT_ASCII = /[^\0-\x7f]/;

export class PagedReader {
  constructor(
    readonly member: EtcdMember,
    readonly options: PagedReaderOptions,
  ) {}

  /** Without their values, in the order of their names. `changedSince`: what was changed before it is left out. */
  async names(keys: Required<Keys>, revision: bigint, changedSince?: bigint): Promise<readonly KeyValue[]> {
    const found: KeyValue[] = [];
    let limit = NAMES_AT_ONCE;
    for (let from: string | undefined = keys.key; from !== undefined && from < keys.end; ) {
      const query = { key: from, end: keys.end, limit, revision, isKeysOnly: true };
      const page = await this.#unlessTooLarge(changedSince === undefined ? query : { ...query, changedSince });
      if (page === undefined) limit = halfOf(limit);
      else {
        found.push(...page.entries);
        from = page.isMore ? behind(page.entries.at(-1)?.key) : undefined;
      }
    }
    return found;
  }

  /** A page after the other. `wanted`: names in their order. */
  async *values(wanted: readonly string[], revision: bigint): AsyncGenerator<readonly KeyValue[]> {
    const isWanted = new Set(wanted);
    let limit = FIRST_VALUES;
    for (let next = 0; next < wanted.length; ) {
      const asked = wanted.slice(next, next + limit);
      const query = { key: asked[0] ?? '', end: `${asked.at(-1)}\0`, limit: asked.length, revision };
      const page = await this.#unlessTooLarge(query);
      if (page === undefined) {
        if (asked.length > 1) limit = halfOf(asked.length);
        else {
          this.options.onTooLarge(query.key);
          next += 1;
        }
        continue;
      }
      // Keys of somebody else may lie among them, and take their places in the page.
      const last = page.isMore ? page.entries.at(-1)?.key : undefined;
      next += last === undefined ? asked.length : Math.max(1, asked.filter((key) => key <= last).length);
      limit = likePage(page.entries);
      yield page.entries.filter(({ key }) => isWanted.has(key));
    }
  }

  /** undefined where it is not there, or too large. */
  async value(key: string, revision: bigint): Promise<KeyValue | undefined> {
    for await (const [entry] of this.values([key], revision)) return entry;
    return undefined;
  }

  async ask(query: RangeQuery): Promise<RangeAnswer> {
    const { isSerializable = false, signal } = this.options;
    return await range(this.member, { ...query, isSerializable }, { deadlineMs: PAGE_DEADLINE_MS, signal });
  }

  async #unlessTooLarge(query: RangeQuery): Promise<RangeAnswer | undefined> {
    try {
      return await this.ask(query);
    } catch (error) {
      // One name alone is too large: nothing smaller can be asked for.
      if (asEtcdError(error).kind !== 'too-large' || (query.isKeysOnly && query.limit === 1)) throw error;
      return undefined;
    }
  }
}

/**
 * From where the next page begins. A name that is not ASCII is somebody else's, may not be UTF-8 at all, and comes behind
 * every ASCII name that begins alike: then from behind everything that begins alike.
 */
function behind(key = ''): string {
  const stem = NOT_ASCII.exec(key)?.index;
  return stem === undefined ? `${key}\0` : under(key.slice(0, stem)).end;
}

function halfOf(limit: number): number {
  return Math.max(1, Math.floor(limit / 2));
}

/** How many keys of that size make a page. */
function likePage(entries: readonly KeyValue[]): number {
  const chars = entries.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  return Math.max(1, Math.min(MAX_VALUES, Math.floor((PAGE_CHARS * entries.length) / Math.max(1, chars))));
}
