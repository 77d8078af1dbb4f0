/** A module whose data was taken out is, once the data is written, the module it was. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { readData, type StoredData, splitData } from '../../src/wasm/data-segments';
import { sha256 } from '../../src/wasm/sha256';
import { fromText, scratchFolder } from './components';

const LONG = 1_100_000;
const MEMORY = '(memory (export "mem") 32)';
const long = (text: string) => text.repeat(Math.ceil(LONG / text.length));
const SEGMENTS = `(data (i32.const 16) "first") (data (i32.const 64) "${long('0123456789')}")
  (data (i32.const 70) "later wins")`;

function memoryOf(module: WebAssembly.Module, name = 'mem'): WebAssembly.Memory {
  const memory = new WebAssembly.Instance(module, {}).exports[name];
  assert.ok(memory instanceof WebAssembly.Memory);
  return memory;
}

function stored(test: TestContext, data: Uint8Array): StoredData {
  const path = join(scratchFolder(test), 'data');
  writeFileSync(path, data);
  return { path, digest: sha256(data) };
}

describe('a module with much data', () => {
  it('has the same memory when its data is written afterwards', async (test) => {
    const bytes = new Uint8Array(await fromText(`(module ${MEMORY} (func (export "f")) ${SEGMENTS})`));
    const split = splitData(bytes);
    assert.ok(split);
    assert.equal(split.memory, 'mem');
    assert.ok(split.code.length < 200, `${split.code.length} bytes of code`);
    const apart = memoryOf(new WebAssembly.Module(new Uint8Array(split.code)));
    readData(stored(test, split.data), apart);
    const whole = memoryOf(new WebAssembly.Module(bytes));
    assert.ok(Buffer.from(apart.buffer).equals(Buffer.from(whole.buffer)));
  });

  it('is refused when the data does not fit, as instantiating it would be', async (test) => {
    const bytes = await fromText(`(module (memory (export "mem") 17) (data (i32.const 65536) "${long('x')}"))`);
    const split = splitData(bytes);
    assert.ok(split);
    const apart = memoryOf(new WebAssembly.Module(new Uint8Array(split.code)));
    assert.throws(() => readData(stored(test, split.data), apart), { code: 'PLUGIN_INVALID', message: /does not fit/ });
    assert.throws(() => memoryOf(new WebAssembly.Module(new Uint8Array(bytes))), WebAssembly.RuntimeError);
  });

  for (const [how, alter] of [
    ['a byte of it was changed', (data: Uint8Array) => data.fill(0, 40, 41)],
    ['its end is missing', (data: Uint8Array) => data.subarray(0, data.length - 1)],
    ['a whole segment is missing', (data: Uint8Array) => data.subarray(0, data.length - 8 - 'later wins'.length)],
  ] as const) {
    it(`is refused when ${how} after it was checked`, async (test) => {
      const split = splitData(await fromText(`(module ${MEMORY} ${SEGMENTS})`));
      assert.ok(split);
      const data = stored(test, split.data);
      writeFileSync(data.path, alter(new Uint8Array(split.data)));
      const apart = memoryOf(new WebAssembly.Module(new Uint8Array(split.code)));
      assert.throws(() => readData(data, apart), { code: 'PLUGIN_INVALID', message: /altered/ });
    });
  }

  for (const [why, wat] of [
    ['it runs something at its start', `(module ${MEMORY} (func $f) (start $f) ${SEGMENTS})`],
    ['its memory is not to be reached', `(module (memory 32) ${SEGMENTS})`],
    ['its memory is somebody else’s', `(module (import "a" "m" (memory 32)) (export "mem" (memory 0)) ${SEGMENTS})`],
    [
      'an offset is computed',
      `(module (import "a" "g" (global $g i32)) ${MEMORY}
        (data (offset (global.get $g)) "${long('x')}"))`,
    ],
    ['a segment waits to be asked for', `(module ${MEMORY} (data "${long('x')}"))`],
    ['code uses its segments', `(module ${MEMORY} ${SEGMENTS} (func (data.drop 0)))`],
    ['it exports a second memory only', `(module (memory 32) (memory (export "mem") 1) ${SEGMENTS})`],
    ['it has little data', `(module ${MEMORY} (data (i32.const 0) "little"))`],
  ] as const) {
    it(`stays whole when ${why}`, async () => assert.equal(splitData(await fromText(wat)), undefined));
  }
});
