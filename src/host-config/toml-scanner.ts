/**
 * Where the keys, tables and values of a TOML text stand, for messages that name a line and for edits that change nothing
 * else. Reads only as much of the grammar as leads from key to key (tables, arrays of tables, dotted and quoted keys,
 * inline tables, comments, strings of several lines) and relies on the parser having accepted the text before.
 *
 * Offsets count UTF-16 units, as strings do; an end is the offset behind the last one.
 */
import { parse } from './toml';

/** Names of tables and keys from the outermost on; a number is a place in an array. */
export type KeyPath = readonly (string | number)[];

export interface ScannedHeader {
  readonly path: KeyPath;
  /** From the first bracket to behind the last one. */
  readonly start: number;
  readonly end: number;
}

export interface ScannedPair {
  /** Of the table its key is written in, and of its value. */
  readonly table: KeyPath;
  readonly path: KeyPath;
  readonly start: number;
  /** Behind each name of its key: three of `a.b.c`. */
  readonly nameEnds: readonly number[];
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Within an inline table or an array. */
  readonly inline: boolean;
}

export interface ScanListener {
  /** Every mention of a table, a key or a place, with its line, counted from 1. */
  noted?(path: KeyPath, line: number): void;
  header?(header: ScannedHeader): void;
  /** After the pairs within its value. */
  pair?(pair: ScannedPair): void;
}

export function scanToml(text: string, listener: ScanListener): void {
  new Scanner(text, listener).document();
}

export function keyId(path: KeyPath): string {
  return JSON.stringify(path.map(String));
}

const SPACE = /[ \t]*/y;
const BLANK = /(?:[ \t\r\n\ufeff]+|#[^\n]*)*/y;
const BARE_KEY = /[A-Za-z0-9_-]+/y;
const LONG_BASIC_STRING = /"""(?:[^\\]|\\[\s\S])*?"{3,5}/y;
const LONG_LITERAL_STRING = /'''[\s\S]*?'{3,5}/y;
const BASIC_STRING = /"(?:[^"\\\n]|\\.)*"/y;
const LITERAL_STRING = /'[^'\n]*'/y;
const OTHER_VALUE = /[^,\]}\n#]*/y;

class Scanner {
  readonly #text: string;
  readonly #listener: ScanListener;
  #at = 0;
  #line = 1;
  /** Arrays of tables, with the place of their last table: what a header below them means. */
  readonly #lastTable = new Map<string, number>();

  constructor(text: string, listener: ScanListener) {
    this.#text = text;
    this.#listener = listener;
  }

  document(): void {
    let table: KeyPath = [];
    this.#take(BLANK);
    while (this.#at < this.#text.length) {
      if (this.#sees('[')) table = this.#header();
      else this.#pair(table, false);
      this.#take(BLANK);
    }
  }

  #header(): KeyPath {
    const start = this.#at;
    const brackets = this.#sees('[[') ? 2 : 1;
    this.#skip(brackets);
    const names = this.#key().map(({ name }) => name);
    this.#skip(brackets);
    let path: KeyPath = [];
    for (const [depth, name] of names.entries()) {
      path = this.#note([...path, name]);
      const id = keyId(path);
      const last = this.#lastTable.get(id);
      if (brackets === 2 && depth === names.length - 1) {
        const place = last === undefined ? 0 : last + 1;
        this.#lastTable.set(id, place);
        path = this.#note([...path, place]);
      } else if (last !== undefined) {
        path = [...path, last];
      }
    }
    this.#listener.header?.({ path, start, end: this.#at });
    return path;
  }

  #pair(table: KeyPath, inline: boolean): void {
    const start = this.#at;
    let path = table;
    const names = this.#key();
    for (const { name } of names) path = this.#note([...path, name]);
    this.#skip('='.length);
    this.#take(SPACE);
    const valueStart = this.#at;
    const valueEnd = this.#value(path);
    const nameEnds = names.map(({ end }) => end);
    this.#listener.pair?.({ table, path, start, nameEnds, valueStart, valueEnd, inline });
  }

  #key(): { readonly name: string; readonly end: number }[] {
    const names: { readonly name: string; readonly end: number }[] = [];
    do {
      if (names.length > 0) this.#skip('.'.length);
      this.#take(SPACE);
      const name = this.#name();
      names.push({ name, end: this.#at });
      this.#take(SPACE);
    } while (this.#sees('.'));
    return names;
  }

  #name(): string {
    if (this.#sees("'")) return this.#take(LITERAL_STRING).slice(1, -1);
    if (!this.#sees('"')) return this.#take(BARE_KEY);
    const quoted = this.#take(BASIC_STRING);
    return Object.keys(parse(`${quoted} = 0`))[0] ?? quoted;
  }

  /** Returns where it ends. */
  #value(path: KeyPath): number {
    if (this.#sees('[')) this.#list((place) => void this.#value(this.#note([...path, place])), ']');
    else if (this.#sees('{')) this.#list(() => this.#pair(path, true), '}');
    else if (this.#sees('"""')) this.#take(LONG_BASIC_STRING);
    else if (this.#sees("'''")) this.#take(LONG_LITERAL_STRING);
    else if (this.#sees('"')) this.#take(BASIC_STRING);
    else if (this.#sees("'")) this.#take(LITERAL_STRING);
    else {
      const behind = this.#take(OTHER_VALUE);
      return this.#at - (behind.length - behind.trimEnd().length);
    }
    return this.#at;
  }

  /** An array or an inline table: items between commas, the last of which may be followed by one. */
  #list(item: (place: number) => void, end: string): void {
    this.#skip(1);
    this.#take(BLANK);
    for (let place = 0; this.#at < this.#text.length && !this.#sees(end); place++) {
      item(place);
      this.#take(BLANK);
      if (this.#sees(',')) this.#skip(1);
      this.#take(BLANK);
    }
    this.#skip(1);
  }

  #note(path: KeyPath): KeyPath {
    this.#listener.noted?.(path, this.#line);
    return path;
  }

  #sees(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #skip(length: number): void {
    this.#at += length;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += taken.length;
    for (const character of taken) if (character === '\n') this.#line++;
    return taken;
  }
}
