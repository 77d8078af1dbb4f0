/** No name inside a component, at any level, may be anything but a name. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkComponentNames } from '../../src/wasm/component-names';
import { withSafeCoreNames } from '../../src/wasm/safe-core-names';
import { bundledPlugin, bytesOf, fixture, fromText } from './components';

const CODE = "x'];globalThis.pwned=1;//";
const PLUGINS = ['bme680', 'dashboard', 'dht22', 'pi_monitor'].map(bundledPlugin);
const GUESTS = ['counter_kept_v1', 'demo_0_1_0', 'demo_0_2_0', 'i2c_reader', 'faults'].map(fixture);

/** Replaces a name by one of the same length: the text format would not take it. */
async function withName(wat: string, placeholder: string, name: string): Promise<Uint8Array> {
  const bytes = Buffer.from(await fromText(wat));
  const from = Buffer.from(placeholder);
  const to = Buffer.from(name.padEnd(placeholder.length, '/').slice(0, placeholder.length));
  let found = 0;
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) {
    to.copy(bytes, at);
    found += 1;
  }
  assert.ok(found > 0, `${placeholder} is not in the component`);
  return new Uint8Array(bytes);
}

const NAME = 'name-that-is-replaced-here';
const PLACES: readonly (readonly [string, string])[] = [
  ['an import', `(component (import "${NAME}" (func)))`],
  ['an export', `(component (import "f" (func $f)) (export "${NAME}" (func $f)))`],
  ['a field', `(component (type (record (field "${NAME}" u32))))`],
  ['a case of a variant', `(component (type (variant (case "${NAME}" u32) (case "b"))))`],
  ['a case of an enum', `(component (type (enum "a" "${NAME}")))`],
  ['a flag', `(component (type (flags "${NAME}")))`],
  ['a parameter', `(component (type (func (param "${NAME}" u32) (result string))))`],
  ['an export of an instance type', `(component (type (instance (export "${NAME}" (func)))))`],
  ['an import of a component type', `(component (type (component (import "${NAME}" (func)))))`],
  ['a type in an instance type', `(component (type (instance (type (record (field "${NAME}" u32))))))`],
  ['an import of a nested component', `(component (component (import "${NAME}" (func))))`],
  ['a name two levels down', `(component (component (component (type (enum "${NAME}")))))`],
  [
    'an argument of an instance',
    `(component (component $c) (import "f" (func $f))
    (instance (instantiate $c (with "${NAME}" (func $f)))))`,
  ],
  ['an export put together', `(component (import "f" (func $f)) (instance (export "${NAME}" (func $f))))`],
  [
    'an alias of an export',
    `(component (import "i" (instance $i (export "${NAME}" (func))))
    (alias export $i "${NAME}" (func)))`,
  ],
];

/** Of core names, which are any text. */
const CORE_PLACES: readonly (readonly [string, string])[] = [
  ['a core import', `(component (core module (import "${NAME}" "f" (func))))`],
  ['a core export', `(component (core module (func (export "${NAME}"))))`],
  ['a core export of a nested component', `(component (component (core module (func (export "${NAME}")))))`],
  [
    'an argument of a core instance',
    `(component (core module $m) (core instance $i (instantiate $m))
    (core instance (instantiate $m (with "${NAME}" (instance $i)))))`,
  ],
  [
    'a core export put together',
    `(component (core module $m (func (export "f"))) (core instance $i (instantiate $m))
    (core instance (export "${NAME}" (func $i "f"))))`,
  ],
  [
    'an alias of a core export',
    `(component (core module $m (func (export "${NAME}"))) (core instance $i (instantiate $m))
    (alias core export $i "${NAME}" (core func)))`,
  ],
];

describe('names inside a component', () => {
  for (const [place, wat] of PLACES) {
    it(`may be no code: ${place}`, async () => {
      checkComponentNames(new Uint8Array(await fromText(wat)));
      const hostile = await withName(wat, NAME, CODE);
      assert.throws(() => checkComponentNames(hostile), {
        code: 'PLUGIN_INVALID',
        message: /"x'\];globalThis.*is no name of the component model: "'" may not be in it/,
      });
    });
  }

  for (const [place, wat] of CORE_PLACES) {
    it(`are another where it is any text: ${place}`, async () => {
      const hostile = await withName(wat, NAME, CODE);
      assert.throws(() => checkComponentNames(hostile), { code: 'PLUGIN_INVALID', message: /has the core name/ });
      const safe = withSafeCoreNames(hostile);
      checkComponentNames(safe);
      assert.ok(!Buffer.from(safe).includes(CODE));
    });
  }

  it('are accepted in components that people build', () => {
    for (const path of [...PLUGINS, ...GUESTS]) checkComponentNames(withSafeCoreNames(bytesOf(path)));
  });

  it('are accepted in every kind of type', async () => {
    const types = ['list u8', 'tuple u8 char', 'option f64', 'result', 'result u8', 'result u8 (error string)'];
    const wat = `(component ${types.map((type) => `(type (${type}))`).join(' ')}
      (type $r (resource (rep i32))) (type (own $r)) (type (borrow $r))
      (type (instance (export "s" (type (sub resource))) (export "[method]s.read" (func (param "self" (borrow 0))))))
      (type (variant (case "a") (case "b" string))) (type (func)) (type (func (result u32))))`;
    checkComponentNames(new Uint8Array(await fromText(wat)));
  });

  it('cannot hide in a form that is not known', async () => {
    const bytes = new Uint8Array(await fromText('(component (type (flags "only-flag")))'));
    const form = bytes.indexOf(0x6e);
    bytes[form] = 0x50;
    assert.throws(() => checkComponentNames(bytes), { code: 'PLUGIN_INVALID', message: /type form \(0x50\) newer/ });
  });

  it('cannot hide in endless nesting', async () => {
    const deep = (depth: number) => fromText(`${'(component '.repeat(depth)}${')'.repeat(depth)}`);
    checkComponentNames(new Uint8Array(await deep(10)));
    const bytes = new Uint8Array(await deep(40));
    assert.throws(() => checkComponentNames(bytes), { code: 'PLUGIN_INVALID', message: /more than 16 deep/ });
  });
});
