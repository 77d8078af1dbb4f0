/** A file of megabytes that is nothing but names, types or instances is refused before they are looked at. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { u32Leb } from '../../src/wasm/byte-reader';
import { componentSizes, SIZE_LIMITS } from '../../src/wasm/component-size';
import { inspectComponent, MAX_NAME_BYTES, MAX_NAMES } from '../../src/wasm/inspect';
import { manifestText } from '../../src/wasm/manifest';
import { bundledPlugin, bytesOf, fixture, fromText, REPOSITORY } from './components';
import { Engine } from './engine';

const LIMIT = { timeout: 60_000 };
const MARGIN = 4;
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
const CORE_HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const MANIFEST_BYTES = 256 * 1_024;

const engine = new Engine({ after });

/** A section of the same entry again and again. */
function section(id: number, entry: readonly number[], count: number): Uint8Array {
  const entries = Buffer.alloc(entry.length * count);
  for (let i = 0; i < count; i += 1) entries.set(entry, i * entry.length);
  return whole(id, Buffer.concat([Uint8Array.from(u32Leb(count)), entries]));
}

function whole(id: number, body: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([id, ...u32Leb(body.length)]), body]);
}

function component(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Uint8Array.from(HEADER), ...parts]);
}

const coreModule = (...parts: readonly Uint8Array[]) =>
  whole(1, Buffer.concat([Uint8Array.from(CORE_HEADER), ...parts]));

/** `a`, a function of type 0. */
const IMPORT = [0x00, 1, 0x61, 0x01, 0];
const EXPORT = [0x00, 1, 0x61, 0x01, 0, 0];
const CORE_IMPORT = [1, 0x61, 1, 0x61, 0, 0];
const CORE_EXPORT = [1, 0x61, 0, 0];
const MANY = 1_000_000;

const LARGE: Readonly<Record<string, readonly [bytes: () => Uint8Array, message: RegExp]>> = {
  'three million imports': [() => component(section(10, IMPORT, 2_800_000)), /more than \d+ /],
  'a million exports': [() => component(section(11, EXPORT, MANY)), /more than \d+ /],
  'a million types': [() => component(section(7, [0x7f], MANY)), /more than \d+ /],
  'a million aliases': [() => component(section(6, [0x03, 0x02, 0, 0], MANY)), /more than \d+ /],
  'a million instances': [() => component(section(5, [0x01, 0], MANY)), /more than \d+ /],
  'a million core instances': [() => component(section(2, [0x01, 0], MANY)), /more than \d+ /],
  'a million imports of a core module': [
    () => component(coreModule(section(2, CORE_IMPORT, MANY))),
    /names of core modules/,
  ],
  'a million exports in ten core modules': [
    () => component(...Array.from({ length: 10 }, () => coreModule(section(7, CORE_EXPORT, MANY / 10)))),
    /names of core modules/,
  ],
  'types in a nested component': [() => component(whole(4, component(section(7, [0x7f], MANY)))), /more than \d+ /],
  'a million types in many sections': [
    () => component(...Array.from({ length: 1_000 }, () => section(7, [0x7f], 1_000))),
    /more than \d+ /,
  ],
  'a million fields of one record': [
    () => {
      const fields = section(7, [1, 0x61, 0x7f], MANY).subarray(5);
      return component(whole(7, Buffer.concat([Uint8Array.from([1, 0x72]), fields])));
    },
    /bytes of types and names/,
  ],
  'sections in many nested components': [
    () =>
      component(...Array.from({ length: 200 }, () => whole(4, component(...Array(60).fill(section(7, [0x7f], 1)))))),
    /more than 10000 /,
  ],
  'one name of ten megabytes': [
    () => {
      const name = Buffer.alloc(10_000_000, 'a');
      return component(
        whole(10, Buffer.concat([Uint8Array.from([1, 0x00, ...u32Leb(name.length)]), name, Uint8Array.from([1, 0])])),
      );
    },
    /bytes of types and names/,
  ],
};

describe('a component', () => {
  for (const [what, [bytes, message]] of Object.entries(LARGE)) {
    it(`with ${what} is refused`, LIMIT, async () => {
      const file = engine.file(bytes());
      await assert.rejects(engine.load(file), { code: 'PLUGIN_INVALID', message });
      await assert.rejects(engine.loader.inspect({ kind: 'file', path: file }), { code: 'PLUGIN_INVALID', message });
    });
  }

  const named = (count: number, length: number) =>
    fromText(
      `(component (type $f (func)) ${Array.from({ length: count }, (_, i) => {
        const name = `n${i}x`;
        return `(import "${name}${'a'.repeat(Math.max(0, length - name.length))}" (func (type $f)))`;
      }).join(' ')})`,
    );

  it('may have as many imports as no plugin needs, and no more', async () => {
    assert.equal(inspectComponent(await named(MAX_NAMES, 8)).imports.length, MAX_NAMES);
    const more = await named(MAX_NAMES + 1, 8);
    assert.throws(() => inspectComponent(more), { code: 'PLUGIN_INVALID', message: /more than 256 imports/ });
  });

  it('with names that are long together is refused, and what is kept of one that is not stays small', async () => {
    const most = inspectComponent(await named(64, 1_024));
    const names = [...most.imports].join('').length;
    assert.equal(names, MAX_NAME_BYTES);
    const digest = 'a'.repeat(64);
    const modules = Array.from({ length: 256 }, (_, i) => ({
      file: `plugin.core${i}.wasm`,
      digest,
      definesMemory: true,
      data: { digest, memory: 'n1000' },
    }));
    const text = manifestText({ component: digest, ...most, glue: digest, modules });
    assert.ok(text.length < MANIFEST_BYTES, `${text.length}`);
    const more = await named(65, 1_024);
    assert.throws(() => inspectComponent(more), { code: 'PLUGIN_INVALID', message: /have 66560 characters together/ });
  });

  it('of a real plugin has at most a quarter of each limit', () => {
    const built = join(REPOSITORY, 'build', 'toolchains');
    const guests = ['dht22', 'pi_monitor', 'dashboard'].map(bundledPlugin);
    guests.push(...['faults', 'counter_kept_v1', 'i2c_reader'].map(fixture));
    if (existsSync(built)) guests.push(...readdirSync(built).map((name) => join(built, name)));
    for (const guest of guests) {
      const bytes = bytesOf(guest);
      for (const [key, size] of Object.entries(componentSizes(bytes)) as [keyof typeof SIZE_LIMITS, number][]) {
        assert.ok(size * MARGIN <= SIZE_LIMITS[key], `${guest}: ${size} ${key}`);
      }
      const { imports, exports } = inspectComponent(bytes);
      assert.ok(imports.length * MARGIN <= MAX_NAMES && exports.length * MARGIN <= MAX_NAMES);
      assert.ok([...imports, ...exports].join('').length * MARGIN <= MAX_NAME_BYTES);
    }
  });
});
