/**
 * A plugin's page may not hold documents of its own. The only one that a browser loads in spite of `frame-src 'none'` is
 * the text of an attribute, `srcdoc`, wherever its element is: in a declarative shadow root no script finds it. A parser
 * takes the name of an attribute literally, without entities, so HTML that does not contain that word makes no such
 * document. XML can build the name from entities: their declarations are broken up as well.
 *
 * Node-RED runs this over each page, and the plugin's frame over all that its scripts have parsed (browser/no-frames.ts).
 * There a plugin may have replaced every method of the language: only those that were there at first are called.
 */
const { apply } = Reflect;
const { exec } = RegExp.prototype;
const { slice } = String.prototype;

const WORDS = /srcdoc|<!entity|<!attlist/gi;
/** "src_doc" is still legible, and in a script still a name. */
const BREAK_AFTER = 3;

/** Returns undefined where there are more than `limit` such words: each of them costs time. */
export function withoutNestedDocuments(text: string, limit = Number.POSITIVE_INFINITY): string | undefined {
  WORDS.lastIndex = 0;
  let clean = '';
  let from = 0;
  for (let found = 0; ; found += 1) {
    const match = apply(exec, WORDS, [text]);
    if (match === null) return clean + apply(slice, text, [from]);
    if (found === limit) return undefined;
    const to: number = match.index + BREAK_AFTER;
    clean += `${apply(slice, text, [from, to])}_`;
    from = to;
  }
}
