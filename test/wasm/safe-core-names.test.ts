/**
 * Core names are any text that a compiler writes. Each of them runs, and none of them is code: components with arbitrary
 * names go through the real generator, and what it makes of them is parsed and run under a watch.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { sections } from '../../src/wasm/byte-reader';
import { allowExtendedConst } from '../../src/wasm/extended-const';
import { withSafeCoreNames } from '../../src/wasm/safe-core-names';
import { bundledPlugin, bytesOf, fixture } from './components';
import { Engine, SENSOR_LOGIC } from './engine';
import { BREAKOUTS, coreNamesAreNeverCode, namesAreNeverCode, OF_COMPILERS } from './name-properties';
import { ANSWER, CORE_PLACES, namedEverywhere, Translator } from './named-components';

const LIMIT = { timeout: 300_000 };
const PATIENT_MS = 60_000;
const CORE_MODULE_SECTION = 1;
/** The first of them, with the whole loader and a guest's thread. */
const REALLY_LOADED = 8;
/** Printed by fast-check with the path of what it found; the same on every machine. */
const SEED = 20_261;

const engine = new Engine({ after });
afterEach(() => engine.closeGuests());

/** Places that can have one name at the same time. */
const TOGETHER: ReadonlySet<string> = new Set([
  'function',
  'memory',
  'import module',
  'import field',
  'imported memory',
  'inner function',
]);

describe('a core name', () => {
  for (const name of OF_COMPILERS.slice(0, REALLY_LOADED)) {
    it(`such as ${JSON.stringify(name)} runs`, LIMIT, async () => {
      const names = CORE_PLACES.map((place, i) => [place, TOGETHER.has(place) ? name : `${name}${i}`]);
      const guest = await engine.start(engine.file(await namedEverywhere(Object.fromEntries(names))));
      assert.equal((await guest.call(SENSOR_LOGIC, 'poll', [], PATIENT_MS)).value, ANSWER);
    });
  }

  it('of any compiler runs in every place', LIMIT, async () => {
    const translator = await Translator.open();
    for (const name of OF_COMPILERS) {
      for (const place of CORE_PLACES) {
        const names = CORE_PLACES.map((each, i) => [each, each === place ? name : `other${i}`]);
        const component = withSafeCoreNames(await namedEverywhere(Object.fromEntries(names)));
        assert.equal((await translator.run(component)).answer, ANSWER, `${name} as ${place}`);
      }
    }
  });

  it('is code where jco writes it as it is, and the watch over these tests notices', LIMIT, async () => {
    const translator = await Translator.open();
    const executed = new Set<string>();
    const broken = new Set<string>();
    for (const place of ['function', 'memory', 'import module', 'import field'] as const) {
      for (const name of BREAKOUTS) {
        const names = CORE_PLACES.map((each, i) => [each, each === place ? name : `other${i}`]);
        const seen = await translator.run(await namedEverywhere(Object.fromEntries(names)));
        if (seen.executed) executed.add(place);
        if (!seen.parsed) broken.add(place);
      }
    }
    assert.deepEqual([...executed], ['function', 'import module', 'import field']);
    assert.deepEqual([...broken], ['function', 'memory', 'import module', 'import field']);
  });

  it('is never code, whatever its characters', LIMIT, () => coreNamesAreNeverCode({ seed: SEED, numRuns: 100 }));

  it('may be longer than any compiler writes', LIMIT, async () => {
    const names = Object.fromEntries(CORE_PLACES.map((place, i) => [place, `${'ü'.repeat(5_000)}${i}`]));
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
  it('is refused as no name, or is no code in what jco makes of it', LIMIT, async () => {
    const translated = await namesAreNeverCode({ seed: SEED, numRuns: 300 });
    assert.ok(translated > 50, `${translated} were translated`);
  });
});

allowExtendedConst();

/** Of all core modules, in the order of the file, as V8 reads them. */
function coreNames(component: Uint8Array): string[] {
  const modules = [...sections(component)].filter(({ id }) => id === CORE_MODULE_SECTION);
  return modules.flatMap(({ body }) => {
    const module = new WebAssembly.Module(new Uint8Array(body));
    const imported = WebAssembly.Module.imports(module).flatMap((entry) => [entry.module, entry.name]);
    return [...imported, ...WebAssembly.Module.exports(module).map(({ name }) => name)];
  });
}
