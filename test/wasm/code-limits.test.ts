/** A function that would take gigabytes to compile is refused before anything compiles it; those of real guests are far from it. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { sections } from '../../src/wasm/byte-reader';
import { CODE_LIMITS, checkCode, type FunctionCosts, functionCosts } from '../../src/wasm/code-limits';
import { bundledPlugin, bytesOf, fixture, fromText, polling, REPOSITORY } from './components';
import { Engine } from './engine';

const LIMIT = { timeout: 60_000 };
const MARGIN = 4;
const CORE_MODULE = 1;
const COMPONENT = 4;

const engine = new Engine({ after });
afterEach(() => engine.closeGuests());

const locals = (count: number) => `(local ${'i32 '.repeat(count)})`;
const ONE = '(i32.const 1)';
const nestedIfs = (count: number) => `${`(if ${ONE} (then `.repeat(count)}${'))'.repeat(count)}`;
const ifs = (count: number) => `(if ${ONE} (then))`.repeat(count);
const loops = (count: number) => '(loop)'.repeat(count);
const branches = (count: number) => `(block $b ${`(br_if $b ${ONE})`.repeat(count)})`;

/** What each function has too much of. */
const COSTLY: Readonly<Record<string, readonly [body: string, what: RegExp]>> = {
  '49 000 locals and 3 000 blocks in each other': [locals(49_000) + nestedIfs(3_000), /49000 local variables/],
  '49 000 locals and nothing else': [locals(49_000), /49000 local variables/],
  'many locals and blocks in each other': [locals(4_500) + nestedIfs(1_500), /variables and operands/],
  'many locals and blocks one after the other': [locals(4_500) + ifs(1_500), /variables and operands/],
  'many locals and loops one after the other': [locals(4_500) + loops(1_500), /variables and operands/],
  'many locals and branches': [locals(4_500) + branches(1_500), /variables and operands/],
  'many operands and blocks': [`${ONE.repeat(20_000)} ${ifs(400)} ${'drop '.repeat(20_000)}`, /variables and operands/],
  'operands that calls leave behind': [
    `${'(call $many)'.repeat(100)} ${ifs(400)} ${'drop '.repeat(10_000)}`,
    /variables and operands/,
  ],
  'blocks too deep in each other': [nestedIfs(4_001), /4001 blocks in each other/],
  'a branch table that is too large': [
    `(block (br_table ${'0 '.repeat(20_000)} ${ONE}))`,
    /20000 targets in a branch table/,
  ],
  'too much code': ['nop '.repeat(2_200_000), /bytes of code/],
};

function moduleOf(body: string): string {
  return `(func $many (result ${'i32 '.repeat(100)}) ${ONE.repeat(100)}) (func (export "costly") ${body})
    (func (export "poll") (result i32) i32.const 7)`;
}

describe('a function', () => {
  for (const [what, [body, message]] of Object.entries(COSTLY)) {
    it(`with ${what} is refused`, LIMIT, async () => {
      const bytes = await polling('(result u32)', moduleOf(body));
      await assert.rejects(engine.start(engine.file(bytes)), { code: 'PLUGIN_INVALID', message });
    });
  }

  it('just below each limit is not', LIMIT, async () => {
    for (const body of [
      locals(5_000) + nestedIfs(500),
      locals(500) + ifs(5_000),
      nestedIfs(1_000),
      `${`${ONE} drop `.repeat(100_000)} ${ifs(1_000)}`,
      `(block (br_table ${'0 '.repeat(16_000)} ${ONE}))`,
      // Operands of one block are gone in the next.
      `(block ${'(call $many) '.repeat(50)} ${'drop '.repeat(5_000)})`.repeat(100),
      `(block (br 0) ${'(call $many) '.repeat(50)} ${'drop '.repeat(5_000)})`.repeat(100),
    ]) {
      checkCode(await fromText(`(module ${moduleOf(body)})`));
    }
  });

  it('is followed as validation does it: operands at each block', async () => {
    const costsOf = async (text: string) => [...functionCosts(await fromText(text))].at(-1);
    // Two locals; at the blocks and branches: 2 + 0, 2 + 1 (the block's operand is below), 2 + 2, 2 + 1; and one for each.
    const costs = await costsOf(`(module (func (param i32) (local i64)
      (block (i32.const 1) (if (result i32) (i32.const 2) (then (i32.const 3) (br_if 0 (i32.const 4))) (else (i32.const 5)))
        drop drop)))`);
    assert.deepEqual(costs, {
      locals: 2,
      depth: 2,
      branchTargets: 0,
      liveValues: 3 + 4 + 5 + 4,
      bodyBytes: costs?.bodyBytes,
    });
    const table = await costsOf('(module (func (param i32) (block (block (br_table 0 1 0 0 (local.get 0))))))');
    assert.equal(table?.branchTargets, 4);
    const calls = await costsOf(`(module (type $t (func (param i32 i32 i32) (result i64))) 
      (import "a" "b" (func $f (param i32) (result i32 i32 i32))) (table 1 funcref)
      (func (call_indirect (type $t) (call $f (i32.const 1)) (i32.const 0)) (loop) drop))`);
    assert.equal(calls?.liveValues, 2);
  });

  it('of a real guest has at most a quarter of each limit', LIMIT, () => {
    const built = join(REPOSITORY, 'build', 'toolchains');
    const recorded = join(REPOSITORY, 'test', 'fixtures', 'guests', 'toolchains', 'recorded');
    const guests = [bundledPlugin('dht22'), fixture('faults')];
    for (const folder of [built, recorded].filter(existsSync)) {
      guests.push(...readdirSync(folder).map((name) => join(folder, name)));
    }
    for (const guest of guests) {
      for (const costs of allCosts(bytesOf(guest))) {
        for (const [key, most] of Object.entries(CODE_LIMITS) as [keyof FunctionCosts, number][]) {
          assert.ok(costs[key] * MARGIN <= most, `${guest}: ${costs[key]} ${key}`);
        }
      }
    }
  });
});

function* allCosts(component: Uint8Array): Generator<FunctionCosts> {
  for (const { id, body } of sections(component)) {
    if (id === CORE_MODULE) yield* functionCosts(body);
    if (id === COMPONENT) yield* allCosts(body);
  }
}
