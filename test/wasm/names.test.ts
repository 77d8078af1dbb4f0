/** Which names of a component may reach generated JavaScript. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkCoreModuleNames } from '../../src/wasm/core-module';
import { checkCoreName, checkExternName, checkTranslatedCoreName } from '../../src/wasm/names';
import { fromText } from './components';

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
  for (const name of [...HOSTILE, '', 'memory', 'n', 'n1 ', 'N1', 'n1\n', '__proto__']) {
    it(`such as ${JSON.stringify(name.slice(0, 24))} is not given to jco, and shown harmlessly`, () => {
      assert.throws(
        () => checkCoreName(name),
        (error: Error) => {
          return /has the core name/.test(error.message) && /^[\x20-\x7e]*$/.test(error.message);
        },
      );
    });
  }

  for (const name of [
    'callee',
    'adapter0',
    '',
    'm1',
    'utf8-to-utf8 (mem1 => mem0)',
    'mem1 I32Load8U',
    '[start-call]2',
  ]) {
    it(`such as ${JSON.stringify(name)} may come from jco`, () => assert.equal(checkTranslatedCoreName(name), name));
  }

  for (const name of HOSTILE.filter((each) => each !== 'a'.repeat(1_025))) {
    it(`such as ${JSON.stringify(name.slice(0, 24))} may not even come from jco`, () => {
      assert.throws(() => checkTranslatedCoreName(name), { code: 'PLUGIN_INVALID' });
    });
  }

  it('is checked wherever it stands: imported module, imported field, export', async () => {
    for (const wat of [
      '(module (func (export "\ufeffpoll")))',
      '(module (import "evil" "n0" (func)))',
      '(module (import "n0" "evil" (func)))',
      '(module (func (export "evil")))',
      `(module (import "n0" "n1" (table 1 funcref)) (import "n0" "n2" (memory 1 2)) (import "n0" "n3" (global (mut i32)))
         (import "n0" "evil" (func)))`,
    ]) {
      const bytes = await fromText(wat);
      checkCoreModuleNames(new Uint8Array(await fromText(wat.replaceAll(/evil|\ufeffpoll/g, 'n9'))));
      assert.throws(() => checkCoreModuleNames(bytes), { code: 'PLUGIN_INVALID', message: /has the core name/ }, wat);
    }
  });
});

describe('a name of a component', () => {
  for (const name of ['poll', 'edge:plugin/i2c@1.0.0', 'wasi:io/streams@0.2.0-rc.1', 'a:b/c']) {
    it(`such as ${name} is taken`, () => assert.equal(checkExternName(name), name));
  }
  for (const name of [...HOSTILE, '', '__proto__', 'a:b/c@1', '../x', 'a--b', 'constructor.x']) {
    it(`such as ${JSON.stringify(name.slice(0, 24))} is refused`, () => {
      assert.throws(
        () => checkExternName(name),
        (error: Error) =>
          /is no name of the component model: /.test(error.message) && /^[\x20-\x7e]*$/.test(error.message),
      );
    });
  }

  for (const [name, rule] of [
    ['', /: it is empty\./],
    ["plug'in", /: "'" may not be in it\./],
    ['a:b/c@1', /: its version is not of the form 1\.2\.3/],
    ['a--b', /: its words are not letters and digits joined by single hyphens, beginning with a letter\./],
    ['a'.repeat(1_025), /: it has 1025 characters, 1024 are allowed \(a fixed limit\)\./],
  ] as const) {
    it(`such as ${JSON.stringify(name.slice(0, 24))} is refused with the rule that it breaks`, () => {
      assert.throws(() => checkExternName(name), { code: 'PLUGIN_INVALID', message: rule });
    });
  }
});
