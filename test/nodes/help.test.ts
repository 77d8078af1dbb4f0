/** The help beside a form: complete by what the nodes promise, and the same in both languages. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ERROR_CODES } from '../../src/errors/wasi-error';
import { definitions, help, LANGUAGES, TYPES, texts } from './editor-pages';

/** What a message that enters or leaves a node has, by the node. */
const MESSAGE_PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  'wasi-runtime': [],
  'plugin-poll': ['payload', 'topic', 'plugin', 'node', 'sensorId', 'timestamp', 'parts', 'discovery', 'errors'],
  'led-sync': ['leds', 'payload.changed', 'payload.leds'],
  dashboard: ['payload', 'headers'],
  'modbus-gateway': ['payload', 'topic', 'unitId', 'address'],
  'hardware-sim': ['payload'],
  'cluster-watch': [
    ...['payload', 'topic', 'plugin', 'node', 'sensorId', 'timestamp', 'parts', 'discovery', 'token'],
    ...['payload.connected', 'payload.leader', 'payload.isLeader', 'payload.members'],
  ],
};
const DASHBOARD_PATHS = ['/api/readings', '/api/history', '/api/logs', '/api/health', '/metrics', '/events'];
const HEADINGS: readonly (readonly [english: string, german: string])[] = [
  ['Properties', 'Eigenschaften'],
  ['Inputs', 'Eingänge'],
  ['Outputs', 'Ausgänge'],
  ['Details', 'Details'],
  ['Errors', 'Fehler'],
  ['References', 'Verweise'],
];
const ENGLISH = /\b(the|and|of|is|are|with|not|its|this)\b/i;

const defined = definitions();

function all(pattern: RegExp, text: string): string[] {
  return [...text.matchAll(pattern)].flatMap(([, found]) => (found === undefined ? [] : [found]));
}

function plain(html: string): string {
  return html.replace(/<code>[^<]*<\/code>/g, '').replace(/<[^>]*>/g, ' ');
}

for (const type of TYPES) {
  const { inputs = 0, outputs = 0 } = defined.get(type) ?? {};
  const absent = [inputs === 0 ? 'Inputs' : '', outputs === 0 ? 'Outputs' : ''];
  describe(`the help of ${type}`, () => {
    for (const [index, language] of LANGUAGES.entries()) {
      it(`has every part, in order, in ${language}`, () => {
        const left = HEADINGS.filter(([english]) => !absent.includes(english));
        const found = all(/<h3>([^<]+)<\/h3>/g, help(type, language));
        const expected = left.map((heading) => heading[index]);
        assert.deepEqual(found, expected);
        assert.match(help(type, language), new RegExp(`^<script type="text/html" data-help-name="${type}">\\n {2}<p>`));
      });

      it(`names every property and all that a message has in ${language}`, () => {
        const names = all(/<dt[^>]*>([\s\S]*?)<\/dt>/g, help(type, language)).map((name) => plain(name));
        const isSaid = (word: string) => names.some((name) => new RegExp(`(^|[\\s,])${word}($|[\\s,])`).test(name));
        const properties = Object.keys(defined.get(type)?.defaults ?? {});
        assert.ok(properties.length > 0);
        const missing = [...properties, ...(MESSAGE_PROPERTIES[type] ?? [])].filter((word) => !isSaid(word));
        assert.deepEqual(missing, []);
      });

      it(`calls properties what the form calls them in ${language}`, () => {
        const known = texts(type, language);
        for (const property of Object.keys(defined.get(type)?.defaults ?? {})) {
          const label = known.get(`label.${property}`);
          if (label !== undefined) assert.ok(plain(help(type, language)).includes(label), `${property}: "${label}"`);
        }
      });

      it(`says what to do about errors, by codes that there are, in ${language}`, () => {
        const codes = all(/<dt[^>]*>([A-Z_, ]+)<\/dt>/g, help(type, language)).flatMap((names) => names.split(', '));
        assert.ok(codes.length > 0);
        for (const code of codes)
          assert.ok(
            ERROR_CODES.some((known) => known === code),
            code,
          );
      });
    }

    it('says the same in German, in German', () => {
      const [english, german] = LANGUAGES.map((language) => help(type, language)) as [string, string];
      assert.doesNotMatch(plain(german), ENGLISH);
      for (const pattern of [/<code>([^<]*)<\/code>/g, /<span class="property-type">([^<]*)</g, /href="([^"]*)"/g]) {
        assert.deepEqual(all(pattern, german).sort(), all(pattern, english).sort());
      }
    });
  });
}

describe('the help of dashboard', () => {
  it('names every address it serves', () => {
    for (const path of DASHBOARD_PATHS) assert.ok(help('dashboard', 'en-US').includes(`<code>${path}`), path);
  });
});
