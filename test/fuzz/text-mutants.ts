/** One mutated host.toml for each seed number and index: lines and tokens moved, and such put in as parsers stumble over. */
import { mutateBytes } from './byte-mutations';
import { Random } from './random';

const TOKENS = [
  '=',
  '.',
  ',',
  '#',
  '[',
  ']',
  '[[',
  ']]',
  '{',
  '}',
  '{}',
  '[]',
  '"',
  "'",
  '"""',
  "'''",
  '\\',
  '\\u0000',
  '\\UFFFFFFFF',
  '\n',
  '\r',
  '\r\n',
  '\ufeff',
  '\u0000',
  '\u2028',
  '__proto__',
  'constructor',
  'plugins',
  'grants',
  'true',
  'inf',
  '-nan',
  '0x',
  '1e999',
  '9223372036854775808',
  '-1',
  '1979-05-27',
  '07:32:00',
  '"\\ud800"',
  'a.b.c',
  '"".""',
  "''",
  '[a]\n',
  '[[a]]\n',
  'x = 1\n',
  '= 1\n',
  '{ a = { b = { c = 1 } } }',
  '[[[[[[[[[[[[[[[[[[',
  'é',
  '😀',
] as const;
const MAX_STEPS = 6;
const MAX_REPEATS = 40;

export function textMutant(seeds: readonly Uint8Array[], seed: number, index: number): Uint8Array {
  const random = new Random(seed, index);
  let text = Buffer.from(random.pickAny(seeds) ?? []).toString('utf8');
  const other = Buffer.from(random.pickAny(seeds) ?? []).toString('utf8');
  for (let step = random.below(MAX_STEPS); step >= 0; step -= 1)
    text = random.pick(TEXT_MUTATIONS)(text, other, random);
  return Buffer.from(text);
}

type TextMutation = (text: string, other: string, random: Random) => string;

const putToken: TextMutation = (text, _other, random) => {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + random.pick(TOKENS) + text.slice(at + (random.oneIn(2) ? random.below(12) : 0));
};

/** After an equals sign, up to the line's end. */
const putValue: TextMutation = (text, _other, random) => {
  const at = text.indexOf('=', random.below(text.length)) + 1;
  const end = text.indexOf('\n', at);
  return `${text.slice(0, at)} ${random.pick(TOKENS)}${text.slice(end < 0 ? text.length : end)}`;
};

const moveLine: TextMutation = (text, _other, random) => {
  const lines = text.split('\n');
  const [line = ''] = lines.splice(random.below(lines.length), random.below(2));
  lines.splice(random.below(lines.length + 1), 0, line);
  return lines.join('\n');
};

const takeLines: TextMutation = (text, other, random) => {
  const lines = other.split('\n');
  const from = random.below(lines.length);
  const at = text.indexOf('\n', random.below(text.length + 1)) + 1;
  return `${text.slice(0, at)}${lines.slice(from, from + 1 + random.below(4)).join('\n')}\n${text.slice(at)}`;
};

const repeatToken: TextMutation = (text, _other, random) => {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + random.pick(TOKENS).repeat(1 + random.below(MAX_REPEATS)) + text.slice(at);
};

const bytes: TextMutation = (text, _other, random) =>
  Buffer.from(mutateBytes(Buffer.from(text), random)).toString('utf8');

const TEXT_MUTATIONS = [putToken, putToken, putValue, moveLine, takeLines, repeatToken, bytes] as const;
