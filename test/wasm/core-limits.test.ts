/** The limit on a guest's memory is written into its modules. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { definitions, limitMemory, limitTables, MAX_TABLE_ELEMENTS } from '../../src/wasm/core-limits';
import { fromText } from './components';

const PAGE_BYTES = 65_536;
const PAGES_PER_MIB = 16;

const GROWS = (memory: string) => `(module (memory (export "m") ${memory}) (data (i32.const 8) "kept")
  (func (export "grow") (param i32) (result i32) local.get 0 memory.grow))`;

async function limited(memory: string, memoryMb: number) {
  const module = new WebAssembly.Module(limitMemory(await fromText(GROWS(memory)), memoryMb));
  const { m, grow } = new WebAssembly.Instance(module, {}).exports;
  assert.ok(m instanceof WebAssembly.Memory && typeof grow === 'function');
  return { memory: m, grow: (pages: number): number => grow(pages) };
}

describe('a guest’s memory', () => {
  it('ends at the limit where the module sets none', async () => {
    const { memory, grow } = await limited('1', 2);
    assert.equal(grow(2 * PAGES_PER_MIB - 1), 1);
    assert.equal(grow(1), -1);
    assert.equal(memory.buffer.byteLength, 2 * PAGES_PER_MIB * PAGE_BYTES);
  });

  it('ends at the limit where the module sets a higher one', async () => {
    const { grow } = await limited('1 1000', 1);
    assert.equal(grow(PAGES_PER_MIB), -1);
    assert.equal(grow(PAGES_PER_MIB - 1), 1);
  });

  it('ends at the module’s own maximum where that is lower', async () => {
    const { grow } = await limited('1 3', 64);
    assert.equal(grow(3), -1);
    assert.equal(grow(2), 1);
  });

  it('keeps everything else of the module', async () => {
    const { memory } = await limited('1', 4);
    assert.equal(Buffer.from(memory.buffer, 8, 4).toString(), 'kept');
  });

  it('may not be larger than the limit from the start: the message says both', async () => {
    const bytes = await fromText('(module (memory 33))');
    assert.throws(() => limitMemory(bytes, 2), {
      code: 'PLUGIN_MEMORY',
      message:
        /needs 3 MiB.*memory_mb allows 2\. Raise memory_mb in \[limits\] or \[plugins\.X\.limits\] of host\.toml/,
    });
  });

  it('may be neither shared nor of 64 bits', async () => {
    for (const memory of ['(memory 1 2 shared)', '(memory i64 1)']) {
      const bytes = await fromText(`(module ${memory})`);
      assert.throws(() => limitMemory(bytes, 2), { code: 'PLUGIN_INVALID', message: /shared or 64-bit/ });
    }
  });

  it('is left alone where the module only borrows one', async () => {
    const bytes = await fromText('(module (import "m" "m" (memory 1)))');
    assert.equal(definitions(bytes).memories, 0);
    assert.deepEqual(limitMemory(bytes, 1), bytes);
    assert.equal(definitions(await fromText('(module (memory 1))')).memories, 1);
  });
});

describe('a guest’s tables', () => {
  it('end at the limit, or at the module’s own maximum where that is lower', async () => {
    for (const [table, most] of [
      ['1 funcref', MAX_TABLE_ELEMENTS],
      ['1 4000000 funcref', MAX_TABLE_ELEMENTS],
      ['1 7 externref', 7],
    ] as const) {
      const bytes = await fromText(`(module (table (export "t") ${table}) (table (export "other") 2 funcref))`);
      const { t, other } = new WebAssembly.Instance(new WebAssembly.Module(limitTables(bytes)), {}).exports;
      assert.ok(t instanceof WebAssembly.Table && other instanceof WebAssembly.Table);
      t.grow(most - 1);
      assert.equal(t.length, most);
      assert.throws(() => t.grow(1), RangeError);
      assert.equal(other.length, 2);
    }
  });

  it('may not be larger from the start', async () => {
    const bytes = await fromText(`(module (table ${MAX_TABLE_ELEMENTS + 1} funcref))`);
    assert.throws(() => limitTables(bytes), { code: 'PLUGIN_MEMORY', message: /table of 100001 elements; at most/ });
  });
});
