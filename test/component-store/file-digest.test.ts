/** Files that are never held whole are still known by their content. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileSha256 } from '../../src/component-store/file-digest';
import { PreparedStore } from '../../src/component-store/prepared-store';
import { sha256 } from '../../src/wasm/sha256';
import { scratchFolder } from '../wasm/components';

/** Below, at and above the pieces a file is read in. */
const SIZES = [0, 1, 262_143, 262_144, 262_145, 1_000_000];

describe('a file read piece by piece', () => {
  for (const size of SIZES) {
    it(`of ${size} bytes has the digest of its bytes`, async (test) => {
      const path = join(scratchFolder(test), 'file');
      const bytes = new Uint8Array(size).map((_, at) => (at * 31) % 251);
      writeFileSync(path, bytes);
      assert.equal(await fileSha256(path), sha256(bytes));
    });
  }
});

describe('a blob too large to be held', () => {
  const content = Buffer.from('what was prepared');
  const digest = sha256(content);

  async function storeWithBlob(folder: string): Promise<PreparedStore> {
    const store = new PreparedStore(folder, 'test');
    const manifest = { component: sha256('component'), imports: [], exports: [], glue: digest, modules: [] };
    await store.write(manifest, new Map([[digest, content]]));
    return store;
  }

  it('is found as it was written', async (test) => {
    const store = await storeWithBlob(scratchFolder(test));
    await store.check(digest);
    assert.equal(store.pathOf(digest), join(store.blobsDir, digest));
  });

  it('is refused once it was altered, and where it is missing', async (test) => {
    const store = await storeWithBlob(scratchFolder(test));
    writeFileSync(join(store.blobsDir, digest), 'something else');
    await assert.rejects(store.check(digest), { code: 'PLUGIN_INVALID', message: /altered/ });
    await assert.rejects(store.check(sha256('never written')), {
      code: 'PLUGIN_INVALID',
      message: /could not be read/,
    });
  });
});
