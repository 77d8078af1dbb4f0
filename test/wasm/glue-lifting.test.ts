/** The budget's calls stand in the glue wherever it reads a guest's memory, and another glue than jco's is not run. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { evaluateGlue, scriptFromGlue } from '../../src/wasm/glue';
import { BUDGET } from '../../src/wasm/glue-lifting';
import { LiftBudget } from '../../src/wasm/lift-budget';
import { polling } from './components';
import { openRawGenerator, type RawGenerator } from './raw-generator';

let generator: RawGenerator;
before(async () => {
  generator = await openRawGenerator();
});

async function glueOf(type: string): Promise<string> {
  const component = await polling(
    `(result ${type})`,
    '(memory (export "memory") 1) (func (export "poll") (result i32) i32.const 0)',
    ' (memory (core memory $i "memory"))',
  );
  const files = generator.generate(component);
  return Buffer.from(files.find(([name]) => name.endsWith('.js'))?.[1] ?? []).toString('utf8');
}

/** Each of these reads what a guest says how much it is. */
const COUNTED: Readonly<Record<string, RegExp>> = {
  string: /decode\(lift\$budget\.text\(new Uint8Array\(memory0\.buffer, ptr\d+, len\d+\)\)\)/,
  '(list u8)': /new Uint8Array\(lift\$budget\.copy\(memory0\.buffer, ptr\d+, ptr\d+ \+ len\d+ \* 1\)\)/,
  '(list s64)': /new BigInt64Array\(lift\$budget\.copy\(memory0\.buffer, ptr\d+, ptr\d+ \+ len\d+ \* 8\)\)/,
  '(list bool)': /lift\$budget\.list\(len\d+, 1, \d+\);\s*for \(let i = 0; i < len\d+; i\+\+\) \{/,
  '(list (tuple u8 u64))': /lift\$budget\.list\(len\d+, 16, \d+\);\s*for \(let i = 0; i < len\d+; i\+\+\) \{/,
  '(map string u8)': /lift\$budget\.list\(len\d+, 12, \d+\);\s*for \(let i = 0; i < len\d+; i\+\+\) \{/,
  '(list (list bool))': /lift\$budget\.list\(len\d+, 8, \d+\)[\s\S]*lift\$budget\.list\(len\d+, 1, \d+\)/,
};

describe('glue', () => {
  for (const [type, counted] of Object.entries(COUNTED)) {
    it(`asks before it lifts ${type}`, async () => assert.match(scriptFromGlue(await glueOf(type)), counted));
  }

  it('counts more for an element of which more is built', async () => {
    const partsOf = async (type: string) => {
      const script = scriptFromGlue(await glueOf(`(list ${type})`));
      return Number(/lift\$budget\.list\(len\d+, \d+, (\d+)\)/.exec(script)?.[1]);
    };
    const one = await partsOf('(tuple u8)');
    assert.ok((await partsOf('(tuple (tuple (tuple (tuple u8))))')) >= one + 3);
    assert.ok((await partsOf('(tuple u8 u8 u8 u8)')) >= one + 3);
  });

  it('of another shape than jco’s is not run', async () => {
    const glue = await glueOf('(list (tuple string u8))');
    scriptFromGlue(glue);
    const changes: readonly (readonly [string | RegExp, string])[] = [
      [/\.decode\(new Uint8Array\(memory0\.buffer, /, '.decode(new Uint8Array(memory0.buffer.slice(), '],
      [/new Uint8Array\(memory0\.buffer, /, 'new Int8Array(memory0.buffer, '],
      [/memory0\.buffer/, "memory0['buffer']"],
      [/const dataView = mem => /, 'const dataView = mem => new Uint8Array(mem.buffer)[0] || '],
      [/for \(let i = 0; i < len\d+; i\+\+\) \{/, 'for (let i = len0; i > 0; i--) {'],
      [/for \(let i = 0; i < len\d+; i\+\+\) \{/, 'while (true) {'],
      [/const base = base\d+ \+ i \* \d+;/, 'const base = base0;'],
      ['let gen= (function* _initGenerator () {', 'let gen= (function* start () {'],
      ['const base = ', `const ${BUDGET} = { list() {} }; const base = `],
    ];
    for (const [from, to] of changes) {
      const changed = glue.replace(from, () => to);
      assert.notEqual(changed, glue, String(from));
      assert.throws(() => scriptFromGlue(changed), { code: 'PLUGIN_INVALID', message: /expected shape/ }, String(from));
    }
  });

  it('tells its budget what it lifted', async () => {
    const files = generator.generate(
      await polling(
        '(result (list bool))',
        `(memory (export "memory") 1) (func (export "poll") (result i32)
          (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 3)) (i32.const 0))`,
        ' (memory (core memory $i "memory"))',
      ),
    );
    const script = scriptFromGlue(
      Buffer.from(files.find(([name]) => name.endsWith('.js'))?.[1] ?? []).toString('utf8'),
    );
    const code = new Map(files);
    const budget = new LiftBudget();
    const exports = await evaluateGlue(script, 'glue.js')(
      budget,
      (name) => new WebAssembly.Module(new Uint8Array(code.get(name) ?? [])),
      {},
      (module, imports) => new WebAssembly.Instance(module, imports),
    );
    const logic = exports['test:test/logic'];
    assert.ok(typeof logic === 'object' && logic !== null);
    assert.deepEqual(Reflect.get(logic, 'poll')(), [false, false, false]);
    assert.equal(budget.spent.bytes, 3);
    assert.ok(budget.spent.parts >= 3);
  });
});
