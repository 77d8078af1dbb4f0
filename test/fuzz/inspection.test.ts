/** A look at a mutant in a process of its own says what the same code says here: no mutant ends that process. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ComponentLoader } from '../../src/component-store/component-loader';
import { WasiError } from '../../src/errors/wasi-error';
import { checkComponentNames } from '../../src/wasm/component-names';
import { inspectComponent } from '../../src/wasm/inspect';
import { withSafeCoreNames } from '../../src/wasm/safe-core-names';
import { scratchFolder } from '../wasm/components';
import { mutant } from './mutants';
import { writtenSeeds } from './seeds';

const SEED = 20_261;
/** Each takes a process. */
const MUTANTS = 12;
const LIMIT = { timeout: 120_000 };

type Look = { readonly imports: readonly string[]; readonly exports: readonly string[] } | { readonly code: string };

function here(bytes: Uint8Array): Look {
  try {
    const { imports, exports } = inspectComponent(bytes);
    checkComponentNames(withSafeCoreNames(bytes));
    return { imports, exports };
  } catch (error) {
    return refusal(error);
  }
}

function refusal(error: unknown): Look {
  assert.ok(error instanceof WasiError, String(error));
  return { code: error.code };
}

describe('a look at a mutated component', () => {
  it('says in a process of its own what it says here', LIMIT, async (t) => {
    const folder = scratchFolder(t);
    const loader = new ComponentLoader({ storeDir: join(folder, 'store'), bundledDir: join(folder, 'none') });
    t.after(() => loader.close());
    const seeds = await writtenSeeds();
    const path = join(folder, 'mutant.wasm');
    const looks: Look[] = [];
    for (let index = 0; index < MUTANTS; index += 1) {
      const bytes = mutant(seeds, SEED, index);
      writeFileSync(path, bytes);
      const there = await loader.inspect({ kind: 'file', path }).then(({ shape }) => {
        assert.ok(shape !== 'pinned-out');
        return shape;
      }, refusal);
      assert.deepEqual(there, here(bytes), `mutant ${index}`);
      looks.push(there);
    }
    assert.ok(
      looks.some((look) => 'code' in look) && looks.some((look) => 'imports' in look),
      'only one kind was made',
    );
  });
});
