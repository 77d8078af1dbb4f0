/**
 * What must hold of names, checked with arbitrary ones through jco's real generator. What it makes is parsed and run in this
 * realm, where a watch notices planted code.
 */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { WasiError } from '../../src/errors/wasi-error';
import { checkComponentNames } from '../../src/wasm/component-names';
import { withSafeCoreNames } from '../../src/wasm/safe-core-names';
import { NAMED } from '../hostile/wat-names';
import { ANSWER, CORE_PLACES, type CoreNames, namedEverywhere, PAYLOAD, Translator } from './named-components';

/** What compilers and linkers write, and what means something in JavaScript or jco. */
export const OF_COMPILERS = [
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

/** Each is code in one of the ways that jco writes names. */
export const BREAKOUTS = [
  `'];${PAYLOAD};['`,
  `':0,x:(${PAYLOAD}),'`,
  `"];${PAYLOAD};["`,
  `\`+(${PAYLOAD})+\``,
  `\${${PAYLOAD}}`,
  `*/${PAYLOAD}/*`,
  `\n${PAYLOAD}//`,
  `\\';${PAYLOAD}//`,
];

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
export const anyName = fc.oneof(
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
  fc.constantFrom(...BREAKOUTS, ...OF_COMPILERS),
  fc.string({ unit: fc.constantFrom(...'abz_$.~:/*-<!>[]@#=+09'), maxLength: 12 }),
);
const anyNames: fc.Arbitrary<CoreNames> = fc
  .uniqueArray(anyName, { minLength: CORE_PLACES.length, maxLength: CORE_PLACES.length })
  .map((names) => Object.fromEntries(CORE_PLACES.map((place, i) => [place, names[i] ?? ''])));

/** What a name of the component model consists of. */
const WORD = /^[A-Za-z0-9-]+$/;

/** No core name is code: the output parses, runs and answers, and nothing planted is executed. */
export async function coreNamesAreNeverCode(runs: fc.Parameters<[CoreNames]>): Promise<void> {
  const translator = await Translator.open();
  await fc.assert(
    fc.asyncProperty(anyNames, async (names) => {
      const component = withSafeCoreNames(await namedEverywhere(names));
      checkComponentNames(component);
      for (const name of Object.values(names)) assertAbsent(component, name);
      assert.deepEqual(await translator.run(component), { parsed: true, executed: false, answer: ANSWER });
    }),
    runs,
  );
}

/** Any name in any place is refused as no name, or is harmless. Returns how many components were translated. */
export async function namesAreNeverCode(runs: fc.Parameters<[string, string]>): Promise<number> {
  let translated = 0;
  const translator = await Translator.open();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(NAMED)), anyName, async (place, name) => {
      const component = await NAMED[place]?.(name).catch(() => undefined);
      const safe = component && safeOrRefused(component);
      if (!safe) return;
      const seen = await translator.run(safe);
      assert.equal(seen.executed, false);
      // A word that means something in JavaScript may be a name of the component model; it is then refused as one.
      assert.ok(seen.parsed || WORD.test(name));
      translated += 1;
    }),
    runs,
  );
  return translated;
}

/** Short ones stand anywhere by chance. */
function assertAbsent(component: Uint8Array, name: string): void {
  if (name.length >= 8) assert.ok(!Buffer.from(component).includes(name), name);
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
