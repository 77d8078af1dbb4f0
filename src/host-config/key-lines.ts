/**
 * Which line of a TOML text each key stands in: the parser keeps no positions, and a complaint without a line is of
 * little use in a long file. Reads only as much of the grammar as leads from key to key (tables, arrays of tables,
 * dotted and quoted keys, inline tables, comments, strings of several lines) and relies on the parser having accepted
 * the text before.
 */
import { parse } from './toml';

/** Names of tables and keys from the outermost on; a number is a place in an array. */
export type KeyPath = readonly (string | number)[];

export class KeyLines {
  readonly #lines: ReadonlyMap<string, number>;

  constructor(text: string) {
    this.#lines = new Scanner(text).document();
  }

  /** Counted from 1; for a key that is not there, the line of the table it is missing from. */
  lineOf(path: KeyPath): number | undefined {
    for (let length = path.length; length > 0; length--) {
      const line = this.#lines.get(idOf(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return undefined;
  }
}

function idOf(path: KeyPath): string {
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
  #at = 0;
  #line = 1;
  readonly #lines = new Map<string, number>();
  /** Arrays of tables, with the place of their last table: what a header below them means. */
  readonly #lastTable = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
  }

  document(): ReadonlyMap<string, number> {
    let table: KeyPath = [];
    this.#take(BLANK);
    while (this.#at < this.#text.length) {
      if (this.#sees('[')) table = this.#header();
      else this.#pair(table);
      this.#take(BLANK);
    }
    return this.#lines;
  }

  #header(): KeyPath {
    const brackets = this.#sees('[[') ? 2 : 1;
    this.#skip(brackets);
    const names = this.#key();
    this.#skip(brackets);
    let path: KeyPath = [];
    for (const [depth, name] of names.entries()) {
      path = this.#note([...path, name]);
      const id = idOf(path);
      const last = this.#lastTable.get(id);
      if (brackets === 2 && depth === names.length - 1) {
        const place = last === undefined ? 0 : last + 1;
        this.#lastTable.set(id, place);
        path = this.#note([...path, place]);
      } else if (last !== undefined) {
        path = [...path, last];
      }
    }
    return path;
  }

  #pair(table: KeyPath): void {
    let path = table;
    for (const name of this.#key()) path = this.#note([...path, name]);
    this.#skip('='.length);
    this.#take(SPACE);
    this.#value(path);
  }

  #key(): string[] {
    const names: string[] = [];
    do {
      if (names.length > 0) this.#skip('.'.length);
      this.#take(SPACE);
      names.push(this.#name());
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

  #value(path: KeyPath): void {
    if (this.#sees('[')) this.#list((place) => this.#value(this.#note([...path, place])), ']');
    else if (this.#sees('{')) this.#list(() => this.#pair(path), '}');
    else if (this.#sees('"""')) this.#take(LONG_BASIC_STRING);
    else if (this.#sees("'''")) this.#take(LONG_LITERAL_STRING);
    else if (this.#sees('"')) this.#take(BASIC_STRING);
    else if (this.#sees("'")) this.#take(LITERAL_STRING);
    else this.#take(OTHER_VALUE);
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

  /** The first line that mentions a key is the one to look at. */
  #note(path: KeyPath): KeyPath {
    const id = idOf(path);
    if (!this.#lines.has(id)) this.#lines.set(id, this.#line);
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
