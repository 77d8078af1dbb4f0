/** What goes when the prepared store grows over its cap, and what never goes. */
import assert from 'node:assert/strict';
import { existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Manifest } from '../../src/wasm/manifest';
import { PreparedStore } from '../../src/wasm/prepared-store';
import { sha256 } from '../../src/wasm/sha256';
import { sweep } from '../../src/wasm/store-sweep';
import { scratchFolder } from './components';
import { blobsOf, flipBit, manifestsOf } from './stored';

const MINUTE_MS = 60_000;
const BLOB_BYTES = 1_000;
/** Long after anything these tests write. */
const LATER = Date.now() + 1_000 * MINUTE_MS;

const emptyStore = (t: TestContext) => new PreparedStore(scratchFolder(t), 'test');

/** An entry with a blob of its own, of so many bytes, and one that all entries share; last used so long before LATER. */
function add(store: PreparedStore, name: string, unusedMinutes: number, bytes = BLOB_BYTES): Manifest {
  const own = Buffer.alloc(bytes, name);
  const shared = Buffer.alloc(BLOB_BYTES, 'shared');
  const manifest: Manifest = {
    component: sha256(name),
    imports: [],
    exports: [],
    glue: sha256(own),
    modules: [{ file: 'plugin.core.wasm', digest: sha256(shared), definesMemory: false }],
  };
  const before = new Set(manifestsIn(store));
  store.write(
    manifest,
    new Map([
      [sha256(own), own],
      [sha256(shared), shared],
    ]),
  );
  for (const path of manifestsIn(store)) if (!before.has(path)) age(path, unusedMinutes);
  for (const path of blobsOf(store)) age(path, 100);
  return manifest;
}

function manifestsIn(store: PreparedStore): string[] {
  return existsSync(store.componentsDir) ? manifestsOf(store) : [];
}

function age(path: string, minutes: number): void {
  const at = new Date(LATER - minutes * MINUTE_MS);
  utimesSync(path, at, at);
}

const kept = (store: PreparedStore, entries: readonly Manifest[]) =>
  entries.map(({ component }) => store.find(component) !== undefined);

describe('a sweep', () => {
  it('leaves a store below its cap as it is', (t) => {
    const store = emptyStore(t);
    const entries = [add(store, 'a', 20), add(store, 'b', 3_000_000)];
    sweep(store, 10_000, LATER);
    assert.deepEqual(kept(store, entries), [true, true]);
    assert.equal(blobsOf(store).length, 3);
  });

  it('takes what was unused longest first, with what only that needed', (t) => {
    const store = emptyStore(t);
    const entries = [add(store, 'a', 40), add(store, 'b', 20), add(store, 'c', 30)];
    sweep(store, 3 * BLOB_BYTES, LATER);
    assert.deepEqual(kept(store, entries), [false, true, true]);
    assert.equal(blobsOf(store).length, 3);
    for (const { glue, modules } of entries.slice(1))
      for (const digest of [glue, ...modules.map((m) => m.digest)]) store.read(digest);
  });

  it('never keeps one that was unused longer than one it takes, however small', (t) => {
    const store = emptyStore(t);
    const entries = [add(store, 'new', 20), add(store, 'big', 30, 5 * BLOB_BYTES), add(store, 'old', 40)];
    sweep(store, 4 * BLOB_BYTES, LATER);
    assert.deepEqual(kept(store, entries), [true, false, false]);
  });

  it('goes by use, not by when something was made', (t) => {
    const store = emptyStore(t);
    // LATER is a thousand minutes from now, and `touch` marks an entry as used now.
    const [used, unused] = [add(store, 'used', 3_000), add(store, 'unused', 2_000)];
    store.touch(used.component);
    sweep(store, 2 * BLOB_BYTES, LATER);
    assert.deepEqual(kept(store, [used, unused]), [true, false]);
  });

  it('leaves alone what is young: another process may still be writing it', (t) => {
    const store = emptyStore(t);
    const entries = [add(store, 'a', 1), add(store, 'b', 2)];
    const orphan = join(store.blobsDir, sha256('orphan'));
    writeFileSync(orphan, 'orphan');
    age(orphan, 5);
    sweep(store, 0, LATER);
    assert.deepEqual(kept(store, entries), [true, true]);
    assert.ok(existsSync(orphan));
  });

  it('takes what a crash left: blobs that nothing names, files half-written', (t) => {
    const store = emptyStore(t);
    const entry = add(store, 'a', 20);
    const left = [join(store.blobsDir, sha256('orphan')), `${join(store.blobsDir, entry.glue)}.0a1b.new`];
    left.push(`${manifestsOf(store)[0]}.0a1b.new`);
    for (const path of left) {
      writeFileSync(path, 'half');
      age(path, 11);
    }
    sweep(store, 10_000, LATER);
    assert.deepEqual(left.filter(existsSync), []);
    assert.deepEqual(kept(store, [entry]), [true]);
    store.read(entry.glue);
  });

  it('takes entries that are damaged', (t) => {
    const store = emptyStore(t);
    add(store, 'a', 1);
    for (const path of manifestsOf(store)) flipBit(path);
    sweep(store, 10_000, LATER);
    assert.deepEqual(manifestsOf(store), []);
  });

  it('does not mind an entry whose blobs are gone', (t) => {
    const store = emptyStore(t);
    const entries = [add(store, 'a', 20), add(store, 'b', 30)];
    for (const path of blobsOf(store)) rmSync(path);
    sweep(store, 10_000, LATER);
    assert.deepEqual(kept(store, entries), [true, true]);
  });
});
