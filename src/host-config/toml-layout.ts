/**
 * A TOML text as an editor sees it: its tables in order, each with its own lines, and every key wherever it is written;
 * and the few changes that leave all else as it is, byte for byte: a value replaced, whole lines added or taken away.
 * For a text that the parser has accepted.
 */
import { type KeyPath, type ScannedHeader, type ScannedPair, scanToml } from './toml-scanner';

/** A table's header and the pairs below it, without what stands inside their values. */
export interface Section {
  /** undefined: what stands above the first header. */
  readonly header: ScannedHeader | undefined;
  readonly path: KeyPath;
  readonly pairs: readonly ScannedPair[];
}

/** Takes `text` for what stands from `start` to before `end`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export class TomlLayout {
  readonly sections: readonly Section[];
  /** Those inside inline tables, too. */
  readonly pairs: readonly ScannedPair[];
  readonly eol: string;

  constructor(readonly text: string) {
    const sections: { header: ScannedHeader | undefined; path: KeyPath; pairs: ScannedPair[] }[] = [];
    let open = { header: undefined as ScannedHeader | undefined, path: [] as KeyPath, pairs: [] as ScannedPair[] };
    sections.push(open);
    const pairs: ScannedPair[] = [];
    scanToml(text, {
      header: (header) => {
        open = { header, path: header.path, pairs: [] };
        sections.push(open);
      },
      pair: (pair) => {
        pairs.push(pair);
        if (!pair.inline) open.pairs.push(pair);
      },
    });
    this.sections = sections;
    this.pairs = pairs;
    this.eol = /\r?\n/.exec(text)?.[0] ?? '\n';
  }

  section(path: KeyPath): Section | undefined {
    return this.sections.find((section) => section.header !== undefined && samePath(section.path, path));
  }

  pair(path: KeyPath): ScannedPair | undefined {
    return this.pairs.find((pair) => samePath(pair.path, path));
  }

  isInlineTable({ valueStart }: ScannedPair): boolean {
    return this.text[valueStart] === '{';
  }

  valueOf({ valueStart, valueEnd }: ScannedPair): string {
    return this.text.slice(valueStart, valueEnd);
  }

  replaceValue({ valueStart, valueEnd }: ScannedPair, text: string): Splice {
    return { start: valueStart, end: valueEnd, text };
  }

  /** What stands behind the pair in its lines stays: a comment is somebody's. */
  remove({ start, valueEnd }: ScannedPair): Splice {
    const from = this.#lineStart(start);
    const to = this.#lineEnd(valueEnd);
    const alone = this.text.slice(from, start).trim() === '' && this.text.slice(valueEnd, to).trim() === '';
    return alone ? { start: from, end: to, text: '' } : { start, end: valueEnd, text: '' };
  }

  /** Whole lines, and the blank ones behind them where there are such before them, too. */
  removeLines(start: number, end: number): Splice {
    const from = this.#lineStart(start);
    const to = this.#lineEnd(end);
    const isApart = from === 0 || /\n[ \t]*\r?\n$/.test(this.text.slice(0, from));
    const blank = isApart ? (/^(?:[ \t]*\r?\n)*/.exec(this.text.slice(to))?.[0].length ?? 0) : 0;
    return { start: from, end: to + blank, text: '' };
  }

  /** Whole lines below the one that `offset` stands in. */
  linesBelow(offset: number, lines: readonly string[]): Splice {
    const at = this.#lineEnd(offset);
    const ended = at === 0 || this.text[at - 1] === '\n';
    const text = ended ? lines.map((line) => line + this.eol).join('') : lines.map((line) => this.eol + line).join('');
    return { start: at, end: at, text };
  }

  /** Whole lines above the one that `offset` stands in. */
  linesAbove(offset: number, lines: readonly string[]): Splice {
    const at = this.#lineStart(offset);
    return { start: at, end: at, text: lines.map((line) => line + this.eol).join('') };
  }

  /** A last entry of an inline table: what stands first there is first in a cycle. */
  intoInline({ valueStart, valueEnd }: ScannedPair, entry: string): Splice {
    const inside = this.text.slice(valueStart + 1, valueEnd - 1);
    const at = valueStart + 1;
    if (inside.trim() === '') return { start: at, end: valueEnd - 1, text: ` ${entry} ` };
    const end = at + inside.trimEnd().length;
    return { start: end, end, text: `, ${entry}` };
  }

  /** A table with its lines: below the last of those whose name begins with `family`, else at the end. */
  newTable(family: string, lines: readonly string[]): Splice {
    const kin = this.sections.filter(({ header, path }) => header !== undefined && path[0] === family);
    return this.tableBelow(kin.at(-1), lines);
  }

  tableBelow(section: Section | undefined, lines: readonly string[]): Splice {
    const above = section === undefined ? this.text.length : contentEnd(section);
    const at = this.#lineEnd(above);
    const before = this.text.slice(0, at);
    const blankBefore = before.trim() === '' || /\n[ \t]*\r?\n$/.test(before) ? [] : [''];
    const blankBehind = at === this.text.length || /^[ \t]*\r?(?:\n|$)/.test(this.text.slice(at)) ? [] : [''];
    return this.linesBelow(above, [...blankBefore, ...lines, ...blankBehind]);
  }

  /** White space at the beginning of the line of `offset`. */
  indentAt(offset: number): string {
    return /^[ \t]*/.exec(this.text.slice(this.#lineStart(offset)))?.[0] ?? '';
  }

  /** Where the comment lines right above a header begin, or the header: they are about it. */
  commentAbove({ start }: ScannedHeader): number {
    let at = this.#lineStart(start);
    for (;;) {
      const above = this.#lineStart(Math.max(0, at - 1));
      if (at === 0 || !/^[ \t]*#/.test(this.text.slice(above, at))) return at;
      at = above;
    }
  }

  spliced(splices: readonly Splice[]): string {
    let text = '';
    let at = 0;
    for (const splice of [...splices].sort((a, b) => a.start - b.start || a.end - b.end)) {
      text += this.text.slice(at, splice.start) + splice.text;
      at = splice.end;
    }
    return text + this.text.slice(at);
  }

  #lineStart(offset: number): number {
    return offset === 0 ? 0 : this.text.lastIndexOf('\n', offset - 1) + 1;
  }

  /** Behind its line feed, or the end of the text. */
  #lineEnd(offset: number): number {
    const feed = this.text.indexOf('\n', offset);
    return feed < 0 ? this.text.length : feed + 1;
  }
}

export function contentEnd({ header, pairs }: Section): number {
  return pairs.at(-1)?.valueEnd ?? header?.end ?? 0;
}

export function samePath(a: KeyPath, b: KeyPath): boolean {
  return a.length === b.length && startsWith(a, b);
}

/** Whether `path` leads into `above`, or further. */
export function isBelow(path: KeyPath, above: KeyPath): boolean {
  return path.length > above.length && startsWith(path, above);
}

/** A place in an array is no name, even one of digits. */
function startsWith(path: KeyPath, beginning: KeyPath): boolean {
  return beginning.every((part, depth) => path[depth] === part);
}
