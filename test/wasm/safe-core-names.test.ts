/**
 * Core names are any text that a compiler writes. Each of them runs, and none of them is code: components with arbitrary
 * names go through the real generator, and what it makes of them is parsed and run under a watch.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import * as fc from 'fast-check';
import { WasiError } from '../../src/errors';
import { sections } from '../../src/wasm/byte-reader';
import { checkComponentNames } from '../../src/wasm/component-names';
import { withSafeCoreNames } from '../../src/wasm/safe-core-names';
import { NAMED } from '../hostile/wat-names';
import { bundledPlugin, bytesOf, fixture } from './components';
import { Engine, SENSOR_LOGIC } from './engine';
import { ANSWER, CORE_PLACES, type CoreNames, namedEverywhere, PAYLOAD, Translator } from './named-components';

const LIMIT = { timeout: 300_000 };
const PATIENT_MS = 60_000;
const CORE_MODULE_SECTION = 1;
/** Printed by fast-check with the path of what it found; the same on every machine. */
const SEED = 20_261;

const engine = new Engine({ after });
afterEach(() => engine.closeGuests());

const OF_COMPILERS = [
  'cm32p2|edge:plugin/settings@1',
  'cm32p2|edge:plugin/sensor-logic@1|poll_post',
  'fd_write [v2]',
  'utf8-to-utf8 (mem1 => mem0)',
  'main.(*T).Read-fm',
  'std::vector<int>::push_back(int&&)',
  "core::ops::function::FnOnce<&'a str>",
  'go:runtime "x" `y` \\ $'.concat('{z}'),
  'größe ключ 温度 🌡',
  '*',
  '__proto__',
  'constructor',
  '~',
  '~a',
  '',
];

/** Places that can have one name at the same time. */
const TOGETHER: ReadonlySet<string> = new Set([
  'function',
  'memory',
  'import module',
  'import field',
  'imported memory',
  'inner function',
]);

/** Names that end, begin or continue something in JavaScript; pieces of them in any order, between any characters. */
const PIECES = [
  "'",
  '"',
  '`',
  '\\',
  '$',
  '{',
  '}',
  '${',
  '[',
  ']',
  '(',
  ')',
  ';',
  ',',
  ':',
  '*/',
  '/*',
  '//',
  '<!--',
  '-->',
];
const SPACES = ['\n', '\r', '\u2028', '\u2029', '\0', ' ', '\t', '\ufeff', '\u202e', '\\u0027', '\\x27', '\\n'];
const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(...PIECES),
        fc.constantFrom(...SPACES),
        fc.constant(PAYLOAD),
        fc.string({ unit: 'grapheme', maxLength: 3 }),
      ),
      {
        maxLength: 12,
      },
    )
    .map((pieces) => pieces.join('')),
  fc.constantFrom(...BREAKOUTS(), ...OF_COMPILERS),
  fc.string({ unit: fc.constantFrom(...'abz_$.~:/*-<!>[]@#=+09'), maxLength: 12 }),
);
const anyNames: fc.Arbitrary<CoreNames> = fc
  .uniqueArray(anyName, { minLength: CORE_PLACES.length, maxLength: CORE_PLACES.length })
  .map((names) => Object.fromEntries(CORE_PLACES.map((place, i) => [place, names[i] ?? ''])));

/** Each is code in one of the ways that jco writes names. */
function BREAKOUTS(): string[] {
  return [
    `'];${PAYLOAD};['`,
    `':0,x:(${PAYLOAD}),'`,
    `"];${PAYLOAD};["`,
    `\`+(${PAYLOAD})+\``,
    `\${${PAYLOAD}}`,
    `*/${PAYLOAD}/*`,
    `\n${PAYLOAD}//`,
    `\\';${PAYLOAD}//`,
  ];
}

describe('a core name', () => {
  for (const name of OF_COMPILERS) {
    it(`such as ${JSON.stringify(name)} runs`, LIMIT, async () => {
      const names = CORE_PLACES.map((place, i) => [place, TOGETHER.has(place) ? name : `${name}${i}`]);
      const guest = await engine.start(engine.file(await namedEverywhere(Object.fromEntries(names))));
      assert.equal((await guest.call(SENSOR_LOGIC, 'poll', [], PATIENT_MS)).value, ANSWER);
    });
  }

  it('is code where jco writes it as it is, so that this watch would notice', LIMIT, async () => {
    const translator = await Translator.open();
    const noticed = new Set<string>();
    for (const place of CORE_PLACES) {
      for (const name of BREAKOUTS()) {
        const names = Object.fromEntries(CORE_PLACES.map((each, i) => [each, each === place ? name : `n${i}`]));
        const seen = await translator.run(await namedEverywhere(names));
        if (seen.executed || !seen.parsed) noticed.add(place);
      }
    }
    assert.ok(noticed.size >= 4, `noticed in ${[...noticed].join(', ')}`);
  });

  it(
    'is never code, whatever its characters: the output parses, runs, and nothing planted is executed',
    LIMIT,
    async () => {
      const translator = await Translator.open();
      await fc.assert(
        fc.asyncProperty(anyNames, async (names) => {
          const component = withSafeCoreNames(await namedEverywhere(names));
          checkComponentNames(component);
          for (const name of Object.values(names)) assertAbsent(component, name);
          assert.deepEqual(await translator.run(component), { parsed: true, executed: false, answer: ANSWER });
        }),
        { seed: SEED, numRuns: 300 },
      );
    },
  );

  it('may be a megabyte long', LIMIT, async () => {
    const names = Object.fromEntries(CORE_PLACES.map((place, i) => [place, `${'ü'.repeat(500_000)}${i}`]));
    const guest = await engine.start(engine.file(await namedEverywhere(names)));
    assert.equal((await guest.call(SENSOR_LOGIC, 'poll', [], PATIENT_MS)).value, ANSWER);
  });

  it('is one that V8 can link by: no plugin that people build loses an import', () => {
    for (const path of [
      bundledPlugin('bme680'),
      bundledPlugin('dashboard'),
      fixture('faults'),
      fixture('demo_0_2_0'),
    ]) {
      const names = coreNames(bytesOf(path));
      const safe = coreNames(withSafeCoreNames(bytesOf(path)));
      assert.equal(safe.length, names.length);
      assert.ok(names.length > 100, `${path} has ${names.length} names`);
      assert.equal(new Set(safe).size, new Set(names).size);
      const numbers = new Map(names.map((name, i) => [name, safe[i]]));
      assert.deepEqual(
        safe,
        names.map((name) => numbers.get(name)),
      );
    }
  });
});

describe('any name in any place of a component', () => {
  it('is refused as no name, or what jco makes of it parses and executes nothing planted', LIMIT, async () => {
    const places = Object.keys(NAMED);
    let translated = 0;
    const translator = await Translator.open();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), anyName, async (place, name) => {
        const component = await NAMED[place]?.(name).catch(() => undefined);
        if (!component) return;
        const safe = safeOrRefused(component);
        if (!safe) return;
        const seen = await translator.run(safe);
        assert.equal(seen.executed, false, `${place}: ${JSON.stringify(name)}`);
        // A word that means something in JavaScript may be a name of the component model; it is then refused as one.
        assert.ok(seen.parsed || WORD.test(name), `${place}: ${JSON.stringify(name)}`);
        translated += 1;
      }),
      { seed: SEED, numRuns: 600 },
    );
    assert.ok(translated > 100, `${translated} were translated`);
  });
});

/** What a name of the component model consists of. */
const WORD = /^[A-Za-z0-9-]+$/;

/** Short ones stand anywhere by chance. */
function assertAbsent(component: Uint8Array, name: string): void {
  if (name.length >= 8) assert.ok(!Buffer.from(component).includes(name), name);
}

/** Of all core modules, in the order of the file, as V8 reads them. */
function coreNames(component: Uint8Array): string[] {
  const modules = [...sections(component)].filter(({ id }) => id === CORE_MODULE_SECTION);
  return modules.flatMap(({ body }) => {
    const module = new WebAssembly.Module(new Uint8Array(body));
    const imported = WebAssembly.Module.imports(module).flatMap((entry) => [entry.module, entry.name]);
    return [...imported, ...WebAssembly.Module.exports(module).map(({ name }) => name)];
  });
}

function safeOrRefused(component: Uint8Array): Uint8Array | undefined {
  try {
    const safe = withSafeCoreNames(component);
    checkComponentNames(safe);
    return safe;
  } catch (error) {
    assert.ok(error instanceof WasiError && error.code === 'PLUGIN_INVALID', String(error));
    return undefined;
  }
}
