/**
 * What Node-RED's editor is given of each node, found by looking into nodes/: its page as built, its texts and its help in
 * both languages, and the definition that the page registers, by running the page's scripts as the editor does.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { REPOSITORY } from '../wasm/components';

export const LANGUAGES = ['en-US', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

export interface PropertyDefinition {
  readonly value: unknown;
  readonly required?: boolean;
  readonly label?: string;
  readonly validate?: (value: unknown, options: { readonly label?: string }) => unknown;
}

export interface Definition {
  readonly category: string;
  readonly color: string;
  readonly icon?: string;
  readonly inputs?: number;
  readonly outputs?: number;
  readonly defaults: Readonly<Record<string, PropertyDefinition>>;
  readonly paletteLabel?: unknown;
  readonly label?: unknown;
  readonly labelStyle?: unknown;
  readonly inputLabels?: unknown;
  readonly outputLabels?: unknown;
}

const NODES = join(REPOSITORY, 'nodes');
const PACKAGE = '@edge-wasi/node-red-wasi';
const SCRIPT = /<script(?: type="text\/javascript")?>([\s\S]*?)<\/script>/g;

/** Folders with a page: nodes, and what else the package adds to the editor. wasi-runtime first, as in package.json: others use it. */
export const PAGES: readonly string[] = readdirSync(NODES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(NODES, entry.name, `${entry.name}.html`)))
  .map(({ name }) => name)
  .sort((one, other) => Number(other === 'wasi-runtime') - Number(one === 'wasi-runtime'));

/** Those of nodes: the others have no form. */
export const TYPES: readonly string[] = PAGES.filter((name) => existsSync(join(NODES, name, `${name}.ts`)));

/** As it is written, without what is bundled into it. */
export function sourcePage(type: string): string {
  return readFileSync(join(NODES, type, `${type}.html`), 'utf8');
}

export function help(type: string, language: Language): string {
  return readFileSync(join(NODES, type, 'locales', language, `${type}.html`), 'utf8');
}

/** Text by key, `label.name`. */
export function texts(type: string, language: Language): ReadonlyMap<string, string> {
  const file = join(NODES, type, 'locales', language, `${type}.json`);
  return new Map(flat(JSON.parse(readFileSync(file, 'utf8')), ''));
}

function flat(tree: object, prefix: string): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] => {
    return typeof value === 'object' ? flat(value, `${prefix}${key}.`) : [[`${prefix}${key}`, value]];
  });
}

/** Every page, run one after the other in one window, in this language. */
export function definitions(language: Language = 'en-US'): ReadonlyMap<string, Definition> {
  const found = new Map<string, Definition>();
  const translate = (key: string, words: Readonly<Record<string, unknown>> = {}) => {
    const [catalogue = '', name = ''] = key.replace(`${PACKAGE}/`, '').split(':');
    const known = PAGES.includes(catalogue) ? texts(catalogue, language).get(name) : undefined;
    return (known ?? key).replace(/__(\w+)__/g, (_all, word: string) => String(words[word]));
  };
  const nodes = { registerType: (type: string, definition: Definition) => found.set(type, definition) };
  const window = { RED: { _: translate, nodes }, window: {} };
  const context: object = Object.assign(window.window, window);
  for (const type of TYPES) {
    const page = readFileSync(join(REPOSITORY, 'dist', 'nodes', type, `${type}.html`), 'utf8');
    for (const [, script = ''] of page.matchAll(SCRIPT)) runInNewContext(script, context);
  }
  return found;
}
