/** Which names of a component may reach generated JavaScript. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sections } from '../../src/wasm/byte-reader';
import { checkCoreModuleNames } from '../../src/wasm/core-module';
import { checkCoreName, checkExternName } from '../../src/wasm/names';
import { bundledPlugin, bytesOf, fixture, fromText } from './components';

/** Of a component: a core module stands in it whole. */
const CORE_MODULE_SECTION = 1;

const HOSTILE = [
  "'];globalThis.x=1;//",
  "'+import.meta.url+'",
  '`$' + '{process.exit()}`',
  'a\nb',
  'a\\u0027',
  'a"b',
  'a;b',
  'a(b)',
  'a b',
  'a,b',
  'ünïcode',
  '\u2028',
  '\u202e',
  '\ufeffpoll',
  '\0',
  'a'.repeat(1_025),
];

describe('a core name', () => {
  for (const name of HOSTILE) {
    it(`such as ${JSON.stringify(name.slice(0, 24))} is refused, and shown harmlessly`, () => {
      assert.throws(
        () => checkCoreName(name),
        (error: Error) => /Do not use this file/.test(error.message) && /^[\x20-\x7e]*$/.test(error.message),
      );
    });
  }

  for (const name of [
    '',
    'memory',
    'cabi_realloc',
    'libc.so',
    'GOT.mem',
    '[method]output-stream.check-write',
    '[export]edge:plugin/sensor-logic@1.0.0',
    'edge:plugin/sensor-logic@1.0.0#poll',
    '_ZNSt3__112basic_stringIcE',
    '_RNvCs1_4core<*>',
  ]) {
    it(`such as ${JSON.stringify(name)} is taken`, () => assert.equal(checkCoreName(name), name));
  }

  it('is taken in every core module of the plugins that people build', () => {
    let modules = 0;
    for (const path of [
      bundledPlugin('bme680'),
      bundledPlugin('dashboard'),
      fixture('faults'),
      fixture('demo_0_2_0'),
    ]) {
      for (const { id, body } of sections(bytesOf(path))) {
        if (id !== CORE_MODULE_SECTION) continue;
        checkCoreModuleNames(body);
        modules += 1;
      }
    }
    assert.ok(modules > 20, `${modules} core modules looked at`);
  });

  it('is refused wherever it stands: imported module, imported field, export', async () => {
    const evil = '\\27];x//';
    for (const wat of [
      '(module (func (export "\ufeffpoll")))',
      `(module (import "${evil}" "f" (func)))`,
      `(module (import "m" "${evil}" (func)))`,
      `(module (func (export "${evil}")))`,
      `(module (import "m" "t" (table 1 funcref)) (import "m" "mem" (memory 1 2)) (import "m" "g" (global (mut i32)))
         (import "m" "${evil}" (func)))`,
    ]) {
      const bytes = await fromText(wat);
      assert.throws(
        () => checkCoreModuleNames(bytes),
        { code: 'PLUGIN_INVALID', message: /Do not use this file/ },
        wat,
      );
    }
  });
});

describe('a name of a component', () => {
  for (const name of ['poll', 'edge:plugin/i2c@1.0.0', 'wasi:io/streams@0.2.0-rc.1', 'a:b/c']) {
    it(`such as ${name} is taken`, () => assert.equal(checkExternName(name), name));
  }
  for (const name of [...HOSTILE, '', '__proto__', 'a:b/c@1', '../x', 'a--b', 'constructor.x']) {
    it(`such as ${JSON.stringify(name.slice(0, 24))} is refused`, () => {
      assert.throws(() => checkExternName(name), { code: 'PLUGIN_INVALID' });
    });
  }
});
