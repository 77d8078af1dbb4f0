/** What goes when the prepared store grows over its cap, and what never goes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { PreparedStore } from '../../src/component-store/prepared-store';
import { sweep } from '../../src/component-store/store-sweep';
import type { Manifest } from '../../src/wasm/manifest';
import { sha256 } from '../../src/wasm/sha256';
import { scratchFolder } from '../wasm/components';
import { blobsOf, flipBit, manifestsOf } from './stored';

const MINUTE_MS = 60_000;
const BLOB_BYTES = 1_000;
/** Long after anything these tests write. */
const LATER = Date.now() + 1_000 * MINUTE_MS;

const emptyStore = (t: TestContext) => new PreparedStore(scratchFolder(t), 'test');

/** An entry with a blob of its own, of so many bytes, and one that all entries share; last used so long before LATER. */
async function add(store: PreparedStore, name: string, unusedMinutes: number, bytes = BLOB_BYTES): Promise<Manifest> {
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
  await store.write(
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
  Promise.all(entries.map(async ({ component }) => (await store.find(component)) !== undefined));

describe('a sweep', () => {
  it('leaves a store below its cap as it is', async (t) => {
    const store = emptyStore(t);
    const entries = [await add(store, 'a', 20), await add(store, 'b', 3_000_000)];
    await sweep(store, 10_000, LATER);
    assert.deepEqual(await kept(store, entries), [true, true]);
    assert.equal(blobsOf(store).length, 3);
  });

  it('takes what was unused longest first, with what only that needed', async (t) => {
    const store = emptyStore(t);
    const entries = [await add(store, 'a', 40), await add(store, 'b', 20), await add(store, 'c', 30)];
    await sweep(store, 3 * BLOB_BYTES, LATER);
    assert.deepEqual(await kept(store, entries), [false, true, true]);
    assert.equal(blobsOf(store).length, 3);
    for (const { glue, modules } of entries.slice(1))
      for (const digest of [glue, ...modules.map((m) => m.digest)]) await store.check(digest);
  });

  it('never keeps one that was unused longer than one it takes, however small', async (t) => {
    const store = emptyStore(t);
    const entries = [
      await add(store, 'new', 20),
      await add(store, 'big', 30, 5 * BLOB_BYTES),
      await add(store, 'old', 40),
    ];
    await sweep(store, 4 * BLOB_BYTES, LATER);
    assert.deepEqual(await kept(store, entries), [true, false, false]);
  });

  it('goes by use, not by when something was made', async (t) => {
    const store = emptyStore(t);
    // LATER is a thousand minutes from now, and `touch` marks an entry as used now.
    const [used, unused] = [await add(store, 'used', 3_000), await add(store, 'unused', 2_000)];
    await store.touch(used.component);
    await sweep(store, 2 * BLOB_BYTES, LATER);
    assert.deepEqual(await kept(store, [used, unused]), [true, false]);
  });

  it('leaves alone what is young: another process may still be writing it', async (t) => {
    const store = emptyStore(t);
    const entries = [await add(store, 'a', 1), await add(store, 'b', 2)];
    const orphan = join(store.blobsDir, sha256('orphan'));
    writeFileSync(orphan, 'orphan');
    age(orphan, 5);
    await sweep(store, 0, LATER);
    assert.deepEqual(await kept(store, entries), [true, true]);
    assert.ok(existsSync(orphan));
  });

  it('takes what a crash left: blobs that nothing names, files half-written', async (t) => {
    const store = emptyStore(t);
    const entry = await add(store, 'a', 20);
    const left = [join(store.blobsDir, sha256('orphan')), `${join(store.blobsDir, entry.glue)}.0a1b.new`];
    left.push(`${manifestsOf(store)[0]}.0a1b.new`);
    for (const path of left) {
      writeFileSync(path, 'half');
      age(path, 11);
    }
    await sweep(store, 10_000, LATER);
    assert.deepEqual(left.filter(existsSync), []);
    assert.deepEqual(await kept(store, [entry]), [true]);
    await store.check(entry.glue);
  });

  it('takes folders of preparations that a crash left, and none that may be under way', async (t) => {
    const store = emptyStore(t);
    const entry = await add(store, 'a', 20);
    const ended = spawnSync(process.execPath, ['-e', '']).pid;
    const left = join(store.incomingDir, `.task.${ended}.0123456789ab.new`);
    const young = join(store.incomingDir, `.task.${process.ppid}.0123456789ab.new`);
    for (const folder of [left, young]) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, sha256('blob')), 'blob');
    }
    await sweep(store, 10_000, Date.now());
    assert.deepEqual([left, young].filter(existsSync), [young]);
    assert.ok(existsSync(join(young, sha256('blob'))));
    assert.deepEqual(await kept(store, [entry]), [true]);
  });

  it('follows no link out of the store', async (t) => {
    const store = emptyStore(t);
    await add(store, 'a', 20);
    const outside = join(scratchFolder(t), 'task-outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'kept'), '');
    age(outside, 100);
    mkdirSync(store.incomingDir);
    symlinkSync(outside, join(store.incomingDir, `.task.${process.pid}.0123456789ab.new`));
    await sweep(store, 10_000, LATER);
    assert.deepEqual(readdirSync(store.incomingDir), []);
    assert.ok(existsSync(join(outside, 'kept')));
  });

  it('takes what is young, too, where there is no space left', async (t) => {
    const store = emptyStore(t);
    const entry = await add(store, 'a', 20);
    const orphan = join(store.blobsDir, sha256('orphan'));
    writeFileSync(orphan, 'orphan');
    await sweep(store, 10_000, Date.now(), 'short');
    assert.ok(!existsSync(orphan));
    assert.deepEqual(await kept(store, [entry]), [true]);
  });

  it('takes entries that are damaged', async (t) => {
    const store = emptyStore(t);
    await add(store, 'a', 1);
    for (const path of manifestsOf(store)) flipBit(path);
    await sweep(store, 10_000, LATER);
    assert.deepEqual(manifestsOf(store), []);
  });

  it('does not mind an entry whose blobs are gone', async (t) => {
    const store = emptyStore(t);
    const entries = [await add(store, 'a', 20), await add(store, 'b', 30)];
    for (const path of blobsOf(store)) rmSync(path);
    await sweep(store, 10_000, LATER);
    assert.deepEqual(await kept(store, entries), [true, true]);
  });
});
