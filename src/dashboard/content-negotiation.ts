/**
 * Which of several forms of an answer a request prefers by its Accept header (RFC 9110, 12.4.2 and 12.5.1). A form's quality
 * is that of the most specific range that matches it. Among forms of one quality, the one that the request names most
 * specifically wins, then the first. Where the header is missing or excludes every form, the first one is sent: RFC 9110
 * lets a server disregard the header, and a client that cannot be pleased is better served than refused. Pure.
 */

export interface MediaForm {
  readonly type: string;
  readonly subtype: string;
  /**
   * In lower case. A range matches only if each of its parameters has this value; `undefined` is for parameters of a range
   * that any value fulfils.
   */
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

/** One element of the header. */
interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** 0 to 1; 0 excludes what the range matches. */
  readonly quality: number;
}

interface Preference {
  readonly quality: number;
  readonly specificity: number;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const RANGE = new RegExp(`^(${TOKEN})/(${TOKEN})$`);
const PARAMETER = new RegExp(`^(${TOKEN})=(?:(${TOKEN})|"((?:[^"\\\\]|\\\\.)*)")$`);
const QUALITY = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;
/** More are not looked at: browsers and scrapers send fewer than ten. */
const MAX_RANGES = 64;
const UNWANTED: Preference = { quality: 0, specificity: -1 };

export function preferredForm<T extends MediaForm>(accept: string | undefined, forms: readonly [T, ...T[]]): T {
  const ranges = splitUnquoted(accept ?? '', ',')
    .slice(0, MAX_RANGES)
    .flatMap(parseRange);
  let best: { readonly form: T } & Preference = { form: forms[0], ...UNWANTED };
  for (const form of forms) {
    const { quality, specificity } = preference(form, ranges);
    if (quality > best.quality || (quality === best.quality && quality > 0 && specificity > best.specificity))
      best = { form, quality, specificity };
  }
  return best.form;
}

/** By the most specific of the ranges that match; of several that are equally specific, the one of highest quality. */
function preference(form: MediaForm, ranges: readonly MediaRange[]): Preference {
  let found = UNWANTED;
  for (const range of ranges) {
    const specificity = specificityFor(form, range);
    if (specificity === undefined || specificity < found.specificity) continue;
    if (specificity > found.specificity || range.quality > found.quality)
      found = { quality: range.quality, specificity };
  }
  return found;
}

/** undefined where the range does not match. */
function specificityFor(form: MediaForm, { type, subtype, parameters }: MediaRange): number | undefined {
  const typeMatches = type === form.type || (type === '*' && subtype === '*');
  if (!typeMatches || (subtype !== form.subtype && subtype !== '*')) return undefined;
  for (const [name, value] of parameters) {
    if (!Object.hasOwn(form.parameters, name)) return undefined;
    const own = form.parameters[name];
    if (own !== undefined && own !== value) return undefined;
  }
  return Number(type !== '*') + Number(subtype !== '*') + parameters.size;
}

/** None of an element that does not have the grammar's form: what it asks for is not known. */
function parseRange(element: string): MediaRange[] {
  const [range = '', ...rest] = splitUnquoted(element, ';').map((part) => part.trim());
  const [, type = '', subtype = ''] = RANGE.exec(range) ?? [];
  if (type === '') return [];
  const parameters = new Map<string, string>();
  let quality = 1;
  for (const part of rest.filter((each) => each !== '')) {
    const [, name = '', token, quoted = ''] = PARAMETER.exec(part) ?? [];
    const value = token ?? quoted.replace(/\\(.)/g, '$1');
    if (name === '' || (name.toLowerCase() === 'q' && !QUALITY.test(value))) return [];
    if (name.toLowerCase() === 'q') quality = Number(value);
    else parameters.set(name.toLowerCase(), value.toLowerCase());
  }
  return [{ type: type.toLowerCase(), subtype: subtype.toLowerCase(), parameters, quality }];
}

/** At each separator that does not stand in a quoted string. */
function splitUnquoted(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const mark = text[at];
    if (mark === '"') isQuoted = !isQuoted;
    else if (mark === '\\' && isQuoted) at += 1;
    else if (mark === separator && !isQuoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}
