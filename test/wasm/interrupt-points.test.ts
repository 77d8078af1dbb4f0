import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { interruptible } from '../../src/wasm/interrupt-points';
import { fromText } from './components';

/** In a thread: `run(size)`, after it was called so often with nothing to do that V8 has optimised it. */
const THREAD = `
  const { workerData: { bytes, size }, parentPort } = require('node:worker_threads');
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  for (let i = 0; i < 3000; i += 1) run(0);
  parentPort.postMessage('begun');
  run(size);
  parentPort.postMessage('over');`;
const MEMORY_BYTES = 900 * 65_536;
const FILL = '(memory.fill (i32.const 0) (i32.const 7) (local.get $n))';
const COPY = '(memory.copy (i32.const 0) (i32.const 8) (local.get $n))';

function running(body: string): Promise<Uint8Array> {
  return fromText(`(module (memory 901) (func (export "run") (param $n i32) ${body}))`);
}

/** Whether the thread ended when it was told to, and not because its work was done. */
async function endsWhenTold(bytes: Uint8Array): Promise<boolean> {
  const worker = new Worker(THREAD, { eval: true, workerData: { bytes, size: MEMORY_BYTES } });
  let over = false;
  await once(worker, 'message');
  worker.on('message', () => {
    over = true;
  });
  await worker.terminate();
  return !over;
}

describe('a module whose instructions take long', () => {
  // Either takes minutes without: then this run ends with the group's limit.
  const endless: readonly (readonly [string, string])[] = [
    ['fills in a loop', `(if (local.get $n) (then (loop $l ${FILL} (br $l))))`],
    ['copies in a loop', `(if (local.get $n) (then (loop $l ${COPY} (br $l))))`],
    ['fills thousands of times in a row', FILL.repeat(20_000)],
    ['fills and copies in turn', (FILL + COPY).repeat(10_000)],
  ];
  for (const [does, body] of endless) {
    it(`(it ${does}) can be ended`, { timeout: 30_000 }, async () => {
      assert.equal(await endsWhenTold(interruptible(await running(body))), true);
    });
  }

  it('does what it did', async () => {
    const bytes = await fromText(`(module
      (memory (export "memory") 1 3) (table (export "table") 2 8 funcref) (data $d "abcd") (elem $e func $f)
      (func $f) (func (export "grow") (result i32) (memory.grow (i32.const 1)))
      (func (export "run") (param i64 f32) (result i32) (local f64 i32)
        (memory.fill (i32.const 8) (i32.const 120) (i32.const 4))
        (memory.init $d (i32.const 0) (i32.const 0) (i32.const 4))
        (memory.copy (i32.const 4) (i32.const 0) (i32.const 4))
        (table.init $e (i32.const 0) (i32.const 0) (i32.const 1))
        (table.copy (i32.const 1) (i32.const 0) (i32.const 1))
        (table.fill (i32.const 0) (ref.null func) (i32.const 1))
        (drop (table.grow (ref.func $f) (i32.const 3)))
        (i32.add (memory.grow (i32.const 1)) (i32.const 40))))`);
    const made = interruptible(bytes);
    assert.ok(made.length > bytes.length);
    const results = [bytes, made].map((each) => {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(each)));
      const { memory, table, run, grow } = exports;
      assert.ok(memory instanceof WebAssembly.Memory && table instanceof WebAssembly.Table);
      assert.ok(typeof run === 'function' && typeof grow === 'function');
      const answers = [run(1n, 2), grow()];
      const text = Buffer.from(memory.buffer, 0, 12).toString('latin1');
      return [...answers, text, table.length, table.get(0) === null, table.get(1) === null];
    });
    assert.deepEqual(results[1], [41, 2, 'abcdabcdxxxx', 5, true, false]);
    assert.deepEqual(results[0], results[1]);
  });

  it('keeps its imports, its exports and its other functions where they were', async () => {
    const bytes = await fromText(`(module
      (import "a" "f" (func $f (result i32))) (import "a" "t" (table 1 funcref)) (import "a" "g" (global i32))
      (memory 1)
      (func $fill (memory.fill (i32.const 0) (i32.const 1) (i32.const 1)))
      (func (export "run") (result i32) (call $fill) (i32.add (call $f) (global.get 0))))`);
    const imports = { a: { f: () => 40, t: new WebAssembly.Table({ element: 'anyfunc', initial: 1 }), g: 2 } };
    const module = new WebAssembly.Module(new Uint8Array(interruptible(bytes)));
    const { run } = new WebAssembly.Instance(module, imports).exports;
    assert.ok(typeof run === 'function');
    assert.equal(run(), 42);
    assert.deepEqual(WebAssembly.Module.exports(module), [{ name: 'run', kind: 'function' }]);
  });

  it('loses hints about where its instructions are', async () => {
    const bytes = await running(FILL);
    const name = Buffer.from('metadata.code.branch_hint');
    const hints = Uint8Array.of(0, name.length + 2, name.length, ...name, 0);
    const [made, plain] = [interruptible(Buffer.concat([bytes, hints])), interruptible(bytes)];
    assert.deepEqual([...made], [...plain]);
  });

  it('with fifty thousand of them and one more is no plugin', async () => {
    const grow = '(drop (memory.grow (i32.const 0)))';
    const module = async (count: number) => interruptible(await running(grow.repeat(count)));
    const most = await module(50_000);
    assert.ok(WebAssembly.validate(new Uint8Array(most)));
    await assert.rejects(module(50_001), { code: 'PLUGIN_INVALID', message: /more than 50000 instructions/ });
    const halves = await fromText(
      `(module (memory 1) (func ${grow.repeat(25_000)}) (func ${grow.repeat(25_000)}) (func ${grow}))`,
    );
    assert.throws(() => interruptible(halves), { code: 'PLUGIN_INVALID', message: /more than 50000 instructions/ });
  });
});

describe('every instruction', () => {
  const same = async (text: string) => {
    const bytes = await fromText(text);
    assert.equal(interruptible(bytes), bytes, 'nothing in it takes long, so that it stays as it is');
  };
  /** Behind each stands one that takes long: had the one before another length, that would not be found, or not be valid. */
  const known: readonly (readonly [string, string])[] = [
    [
      'blocks and branches',
      '(block (result i32) (loop (br_if 1 (i32.const 1) (i32.const 0)) drop) (i32.const 1)) drop',
    ],
    [
      'a type of a block',
      '(i32.const 1) (if (type $pair) (then (i32.const 1) (i32.const 2)) (else unreachable)) drop drop',
    ],
    ['a table of branches', '(block (block (br_table 0 1 0 1 (i32.const 1))))'],
    ['long numbers', '(drop (i64.const -9223372036854775808)) (drop (i32.const -2147483648))'],
    ['numbers that look like code', '(drop (f32.const nan:0x0b0bfc)) (drop (f64.const 0x1.fc0bfc0bfc0bp5))'],
    ['loads and stores', '(i64.store32 offset=1000000 align=1 (i32.const 0) (i64.load8_s (i32.const 0)))'],
    ['calls', '(call 0) (call_indirect (type 0) (i32.const 0))'],
    [
      'tail calls',
      '(if (i32.const 0) (then (return_call 0))) (if (i32.const 0) (then (return_call_indirect (type 0) (i32.const 0))))',
    ],
    ['references', '(drop (ref.is_null (ref.null extern))) (drop (ref.func 0)) (drop (table.size 0))'],
    ['selects', '(drop (select (result funcref) (ref.null func) (ref.null func) (i32.const 1)))'],
    ['saturating truncations', '(drop (i32.trunc_sat_f64_u (f64.const 1))) (data.drop 0) (elem.drop 0)'],
    [
      'vectors',
      '(drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (v128.const i32x4 1 2 3 4) (v128.load (i32.const 0))))',
    ],
    ['lanes', '(drop (i32x4.extract_lane 3 (v128.load8_lane 1 (i32.const 0) (i8x16.splat (i32.const 11)))))'],
    [
      'vector arithmetic',
      '(drop (f64x2.promote_low_f32x4 (i32x4.trunc_sat_f32x4_u (v128.load32_zero (i32.const 0)))))',
    ],
  ];
  for (const [what, code] of known) {
    it(`is known: ${what}`, async () => {
      const module = (more: string) => `(module
        (type $none (func)) (type $pair (func (result i32 i32)))
        (memory 1) (table 1 funcref) (data "x") (elem func 0) (elem declare func 0)
        (func (type $none)) (func (type $none) ${code} ${more}))`;
      await same(module(''));
      const made = interruptible(await fromText(module('(drop (memory.grow (i32.const 0)))')));
      assert.ok(WebAssembly.validate(new Uint8Array(made)));
    });
  }

  it('that makes garbage-collected things is refused by name', async () => {
    const bytes = await fromText(
      '(module (type $a (array (mut i32))) (func (drop (array.new_default $a (i32.const 1000000)))))',
    );
    assert.throws(() => interruptible(bytes), { code: 'PLUGIN_INVALID', message: /does not know \(0xfb 0x7\)|0xfb/ });
  });

  it('of no specification is refused', () => {
    const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    const bytes = Uint8Array.of(...header, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 5, 1, 3, 0, 0xff, 0x0b);
    assert.throws(() => interruptible(bytes), { code: 'PLUGIN_INVALID', message: /\(0xff\)/ });
  });

  it('cut short is refused', () => {
    const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    const bytes = Uint8Array.of(...header, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 5, 1, 3, 0, 0x41, 0x80);
    assert.throws(() => interruptible(bytes), { code: 'PLUGIN_INVALID', message: /ends at byte/ });
  });
});
