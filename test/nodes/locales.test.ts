/** The words of the editor: the same in both languages, all of them used, none missing, none in a page itself. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ERROR_CODES } from '../../src/errors/wasi-error';
import { REPOSITORY } from '../wasm/components';
import { PAGES, sourcePage, TYPES, texts } from './editor-pages';

const NODES = join(REPOSITORY, 'nodes');
const PACKAGE = '@edge-wasi/node-red-wasi';
/** Names, and words that German has taken over. */
const SAME_IN_BOTH =
  /^(Name|Hardware|Plugins?|host\.toml|Port|CSV|Baud|HTML|changed, leds|Modbus (TCP|RTU).*|(Raspberry|Revolution) Pi|Register|Unit|Sensor|Topic|Topics?|SHA-256|Status|Text|__\w+__)$/;
const ENGLISH = /\b(the|and|of|is|are|with|not|its|this|from|to)\b/i;
/** What a person may have to type as it stands: paths, addresses, numbers. */
const TECHNICAL = /^[\d./\w-]*[\d/][\d./\w-]*$/;

/** All that is written for this node and for those it shares its texts with, tests not counted. */
const sources = readdirSync(NODES, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(ts|html)$/.test(path) && !path.includes('locales'))
  .map((path) => ({ path, text: readFileSync(join(NODES, path), 'utf8') }));

interface Use {
  readonly key: string;
  /** Put together at run time: stands for every key that begins with it. */
  readonly isPrefix: boolean;
}

function matches(pattern: RegExp, text: string): string[] {
  return [...text.matchAll(pattern)].flatMap(([, key]) => (key === undefined ? [] : [key]));
}

function usesOf(type: string): Use[] {
  return sources.flatMap(({ path, text }) => {
    const exact = matches(new RegExp(`${PACKAGE}/${type}:([\\w.-]+)(?=['\`])`, 'g'), text);
    const prefixes: string[] = [];
    if (path.startsWith(`${type}/`)) {
      const attributes = matches(/data-i18n="([^"]+)"/g, text).flatMap((value) => value.split(';'));
      exact.push(...attributes.map((value) => value.replace(/^\[\w[\w-]*\]/, '')));
      exact.push(...matches(/this\._\('([\w.-]+)'\)/g, text));
      prefixes.push(...matches(/this\._\('([\w.-]+\.)' \+/g, text));
    }
    if (type === 'wasi-runtime') {
      if (path.includes('/editor/')) {
        exact.push(...matches(/\btext\('([\w.-]+)'/g, text).map((key) => `editor.${key}`));
        prefixes.push(...matches(/\btext\(`([\w.-]+\.)\$\{/g, text).map((key) => `editor.${key}`));
      }
      prefixes.push(...matches(/`(?:\$\{\w+\}:)?((?:status|errors)\.)\$\{/g, text));
    }
    return [...exact.map((key) => ({ key, isPrefix: false })), ...prefixes.map((key) => ({ key, isPrefix: true }))];
  });
}

/** Where the key is one of two, `text(found ? 'a.b' : 'a.c')`, or comes from a table. */
function isNamed(key: string): boolean {
  const short = key.replace(/^editor\./, '');
  return sources.some(({ text }) => text.includes(`'${short}'`));
}

for (const type of PAGES) {
  describe(`the texts of ${type}`, () => {
    const english = texts(type, 'en-US');
    const german = texts(type, 'de');
    const uses = usesOf(type);

    it('are the same keys in English and in German', () => {
      assert.deepEqual([...german.keys()], [...english.keys()]);
    });

    it('have the same words to fill in', () => {
      for (const [key, value] of english) {
        const words = (text: string) => [...new Set(text.match(/__\w+__/g))].sort();
        assert.deepEqual(words(german.get(key) ?? ''), words(value), key);
      }
    });

    it('are all there', () => {
      const missing = uses.filter(({ key, isPrefix }) => {
        return isPrefix ? ![...english.keys()].some((known) => known.startsWith(key)) : !english.has(key);
      });
      assert.deepEqual(missing, []);
    });

    it('are all used', () => {
      const unused = [...english.keys()].filter((key) => {
        const isUsed = uses.some((use) => (use.isPrefix ? key.startsWith(use.key) : key === use.key));
        return !isUsed && !isNamed(key);
      });
      assert.deepEqual(unused, []);
    });

    it('are German where they say so', () => {
      for (const [key, value] of german) {
        assert.doesNotMatch(value.replace(/__\w+__/g, ''), ENGLISH, `${key}: "${value}"`);
        if (value === english.get(key)) assert.match(value, SAME_IN_BOTH, key);
      }
    });

    if (!TYPES.includes(type)) return;
    it('are not written into the page itself', () => {
      const [, form = ''] = /data-template-name[^>]*>([\s\S]*?)<\/script>/.exec(sourcePage(type)) ?? [];
      assert.notEqual(form, '');
      assert.equal(form.replace(/<[^>]*>/g, '').replace(/[\s:]/g, ''), '');
      assert.doesNotMatch(form, /\s(title|aria-label|alt)="/);
      for (const placeholder of matches(/\splaceholder="([^"]*)"/g, form)) assert.match(placeholder, TECHNICAL);
    });
  });
}

describe('the words for an error', () => {
  it('are there for every code', () => {
    const errors = [...texts('wasi-runtime', 'en-US').keys()].filter((key) => key.startsWith('errors.'));
    assert.deepEqual(errors.sort(), ERROR_CODES.map((code) => `errors.${code}`).sort());
  });
});
