/** What the editor shows: texts in both languages, icons, examples that import. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { ERROR_CODES } from '../../src/errors';

const LANGUAGES = ['en-US', 'de'];
const EXAMPLES = resolve('examples', 'flows');

interface ExampleNode {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly wires?: readonly (readonly string[])[];
  readonly runtime?: string;
}

function readJson(path: string) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

const types: string[] = Object.keys(readJson(resolve('package.json'))['node-red'].nodes);
const examples = readdirSync(EXAMPLES).map((file) => {
  const nodes: ExampleNode[] = readJson(join(EXAMPLES, file));
  return { file, nodes };
});

function editorPage(type: string): string {
  return readFileSync(resolve('nodes', type, `${type}.html`), 'utf8');
}

function keysOf(tree: object, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'object' ? keysOf(value, `${prefix}${key}.`) : [`${prefix}${key}`],
  );
}

/** A key that is put together in the page ("emit." + value) is left to the texts' equality in both languages. */
function usedKeys(page: string): string[] {
  const attributes = [...page.matchAll(/data-i18n="(?:\[\w+\])?([\w.-]+)"/g)];
  const calls = [...page.matchAll(/this\._\('([\w.-]+)'\)/g)];
  return [...attributes, ...calls].flatMap(([, key]) => (key === undefined ? [] : [key]));
}

for (const type of types) {
  describe(`the dialog of ${type}`, () => {
    for (const language of LANGUAGES) {
      const folder = resolve('nodes', type, 'locales', language);
      it(`has each of its texts and a help in ${language}`, () => {
        const known = keysOf(readJson(join(folder, `${type}.json`)));
        const used = usedKeys(editorPage(type));
        assert.ok(used.length > 0);
        assert.deepEqual(
          used.filter((key) => !known.includes(key)),
          [],
        );
        assert.match(readFileSync(join(folder, `${type}.html`), 'utf8'), new RegExp(`data-help-name="${type}"`));
      });
    }

    it('has the same texts in both languages', () => {
      const [english, german] = LANGUAGES.map((language) =>
        keysOf(readJson(resolve('nodes', type, 'locales', language, `${type}.json`))),
      );
      assert.deepEqual(german, english);
    });

    it('names only icons that there are', () => {
      for (const [, icon] of editorPage(type).matchAll(/icon: '([^']+\.svg)'/g)) {
        assert.ok(icon !== undefined && existsSync(resolve('icons', icon)), icon);
      }
    });
  });
}

describe('the words for an error', () => {
  it('are there for every code', () => {
    const { errors } = readJson(resolve('nodes', 'wasi-runtime', 'locales', 'en-US', 'wasi-runtime.json'));
    assert.deepEqual(Object.keys(errors).sort(), [...ERROR_CODES].sort());
  });
});

describe('the examples', () => {
  it('show each node at least once', () => {
    const shown = new Set(examples.flatMap(({ nodes }) => nodes.map(({ type }) => type)));
    assert.deepEqual(
      types.filter((type) => !shown.has(type)),
      [],
    );
  });

  it('have no id in common, so that all of them can be imported', () => {
    const ids = examples.flatMap(({ nodes }) => nodes.map(({ id }) => id));
    assert.equal(new Set(ids).size, ids.length);
  });

  for (const { file, nodes } of examples) {
    it(`${file} is complete: every wire, flow and runtime is in it, and a comment`, () => {
      const ids = new Set(nodes.map(({ id }) => id));
      for (const { wires = [], z, runtime } of nodes) {
        for (const target of [...wires.flat(), z, runtime]) assert.ok(target === undefined || ids.has(target), target);
      }
      assert.ok(nodes.some(({ type }) => type === 'comment'));
      assert.ok(nodes.some(({ type }) => type === 'wasi-runtime'));
    });
  }
});
