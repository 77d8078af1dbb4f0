/** Data that is taken out of a module and read back: V8, which does both at once, is the judge of it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { WasiError } from '../../src/errors/wasi-error';
import { readData, splitData } from '../../src/wasm/data-segments';
import { sha256 } from '../../src/wasm/sha256';
import { scratchFolder } from '../wasm/components';
import { Random } from './random';
import { leb } from './section-tree';

const SEED = 20_261;
const MODULES = 60;
const LIMIT = { timeout: 120_000 };
const PAGE_BYTES = 65_536;
const PAGES = 24;
const END = PAGES * PAGE_BYTES;
/** What makes taking it out worth while. */
const LARGE_BYTES = 2 ** 20;
const OFFSETS = [
  0,
  1,
  8,
  PAGE_BYTES - 2,
  LARGE_BYTES - 4,
  END - 40,
  END - 16,
  END,
  END + 1,
  -1,
  -(2 ** 31),
  2 ** 31 - 1,
];
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

type Written = { readonly memory: Uint8Array } | { readonly refused: string };

/** One memory, exported; a large segment and some small ones beside, over and outside of it. */
function moduleWithData(random: Random): Uint8Array {
  const large = segment(
    random.pick([0, 4, PAGE_BYTES]),
    new Uint8Array(LARGE_BYTES).fill(1 + random.below(255)),
    random,
  );
  const small = Array.from({ length: random.below(6) }, () => {
    const bytes = Uint8Array.from({ length: random.below(40) }, () => random.below(256));
    // One in three may lie outside, so that most modules can be instantiated.
    return segment(random.oneIn(3) ? (random.pickAny(OFFSETS) ?? 0) : random.below(END - 40), bytes, random);
  });
  small.splice(random.below(small.length + 1), 0, large);
  const data = Buffer.concat([Uint8Array.from(leb(small.length)), ...small]);
  const exported = [1, 1, 0x6d, 2, 0];
  const front = [...HEADER, 5, 3, 1, 0, PAGES, 7, exported.length, ...exported, 11, ...leb(data.length)];
  return new Uint8Array(Buffer.concat([Uint8Array.from(front), data]));
}

function segment(offset: number, bytes: Uint8Array, random: Random): Uint8Array {
  const length = leb(bytes.length, random.pick([1, 1, 4, 5]));
  return Buffer.concat([Uint8Array.from([0, 0x41, ...signedLeb(offset), 0x0b, ...length]), bytes]);
}

function signedLeb(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  const isLast = (rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40);
  return isLast ? [low] : [low | 0x80, ...signedLeb(rest)];
}

function memoryOf(bytes: Uint8Array): WebAssembly.Memory {
  const { m } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes))).exports;
  assert.ok(m instanceof WebAssembly.Memory);
  return m;
}

function written(make: () => WebAssembly.Memory): Written {
  try {
    return { memory: new Uint8Array(make().buffer) };
  } catch (error) {
    const isRefusal =
      error instanceof WebAssembly.RuntimeError || (error instanceof WasiError && error.code === 'PLUGIN_INVALID');
    assert.ok(isRefusal, String(error));
    return { refused: error.message };
  }
}

describe('a module stored without its data', () => {
  it(
    'has, after its data was read, the memory that the whole module would have, or is refused as it would be',
    LIMIT,
    (t) => {
      const path = join(scratchFolder(t), 'data');
      let refused = 0;
      for (let index = 0; index < MODULES; index += 1) {
        const whole = moduleWithData(new Random(SEED, index));
        const split = splitData(whole);
        assert.ok(split, `module ${index} was not split`);
        writeFileSync(path, split.data);
        const expected = written(() => memoryOf(whole));
        const found = written(() => {
          const memory = memoryOf(split.code);
          readData({ path, digest: sha256(split.data) }, memory);
          return memory;
        });
        if ('refused' in expected) refused += 1;
        assert.equal('refused' in found, 'refused' in expected, `module ${index}`);
        if ('memory' in found && 'memory' in expected)
          assert.equal(Buffer.compare(found.memory, expected.memory), 0, `module ${index}`);
      }
      assert.ok(refused > 5 && refused < MODULES - 5, `${refused} of ${MODULES} were refused`);
    },
  );
});
