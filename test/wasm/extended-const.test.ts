/** libpython's offsets are extended constant expressions; every Node.js that this package runs on takes them. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { allowExtendedConst } from '../../src/wasm/extended-const';
import { fromText } from './components';

it('a module with computed offsets compiles on this Node.js', async () => {
  const bytes = await fromText(`(module (import "env" "base" (global $base i32)) (memory (export "mem") 1)
    (data (offset (i32.add (global.get $base) (i32.const 4))) "moved"))`);
  allowExtendedConst();
  const base = new WebAssembly.Global({ value: 'i32' }, 12);
  const { mem } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), { env: { base } }).exports;
  assert.ok(mem instanceof WebAssembly.Memory);
  assert.equal(Buffer.from(mem.buffer, 16, 5).toString(), 'moved');
});
