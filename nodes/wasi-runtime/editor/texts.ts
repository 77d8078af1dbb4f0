/** Words of the form: keys below `editor` of wasi-runtime's catalogue, in the language of who looks at the editor. */

import type { PluginCondition } from './runtime-view';

const CATALOGUE = '@edge-wasi/node-red-wasi/wasi-runtime';
const BYTES_PER_KB = 1_000;
const BYTES_PER_MB = 1_000_000;
const SHORT_DIGEST = 12;

export type Words = Readonly<Record<string, string | number>>;

export function text(key: string, words: Words = {}): string {
  return RED._(`${CATALOGUE}:editor.${key}`, words);
}

/** An error's code as the status of a node says it; the code itself where it is none of ours. */
export function errorWords(code: string): string {
  const key = `${CATALOGUE}:errors.${code}`;
  const words = RED._(key);
  return words === key || words.endsWith(`errors.${code}`) ? code : words;
}

export function conditionWords(condition: PluginCondition): string {
  return text(`state.${condition}`);
}

export function number(value: number, digits: number): string {
  return value.toLocaleString(RED.i18n.lang(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** 18.3 MB; below that, whole kB. */
export function bytes(count: number): string {
  if (count >= BYTES_PER_MB) return `${number(count / BYTES_PER_MB, 1)} MB`;
  return `${number(Math.ceil(count / BYTES_PER_KB), 0)} kB`;
}

/** 0.4 ms; 1.2 s from a second on. */
export function duration(ms: number): string {
  return ms >= 1_000 ? `${number(ms / 1_000, 1)} s` : `${number(ms, ms < 10 ? 1 : 0)} ms`;
}

export function time(at: number): string {
  return new Date(at).toLocaleString(RED.i18n.lang(), { dateStyle: 'short', timeStyle: 'medium' });
}

export function shortDigest(sha256: string): string {
  return `${sha256.slice(0, SHORT_DIGEST)}…`;
}
