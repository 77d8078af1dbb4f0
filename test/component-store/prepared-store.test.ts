/** Prepared components on disk: whole or not at all, checked whenever read, for whoever shares the folder. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { PreparedStore } from '../../src/component-store/prepared-store';
import type { WasiError } from '../../src/errors/wasi-error';
import { MAKERS } from '../../src/wasm/makers';
import { blobsOf as blobsNamedIn, type Manifest } from '../../src/wasm/manifest';
import { prepare } from '../../src/wasm/prepare';
import { sha256 } from '../../src/wasm/sha256';
import { ToldReport } from '../platform/told-report';
import { answering, bytesOf, fixture, scratchFolder } from '../wasm/components';
import { blobsOf, fingerprint, flipBit, manifestsOf, truncate } from './stored';

const LIMIT = { timeout: 90_000 };
const DEADLINE_MS = 60_000;
const DAMAGED = { name: 'WasiError', code: 'PLUGIN_INVALID' };
const DAMAGES = [
  ['cut short', truncate],
  ['changed by a bit', flipBit],
  ['emptied', (path: string) => writeFileSync(path, '')],
  ['somebody’s JSON', (path: string) => writeFileSync(path, '{"component": 1}')],
  ['gone', (path: string) => rmSync(path)],
] as const;
const OWNER_ONLY = { file: 0o600, folder: 0o700 };

function storeOf(t: TestContext, makers = MAKERS): PreparedStore {
  return new PreparedStore(join(scratchFolder(t), 'not', 'there', 'yet'), makers);
}

async function withOne(t: TestContext): Promise<{ store: PreparedStore; manifest: Manifest; bytes: Uint8Array }> {
  const store = storeOf(t);
  const bytes = await answering(1);
  return { store, bytes, manifest: await prepareInto(store, bytes) };
}

async function prepareInto(store: PreparedStore, bytes: Uint8Array): Promise<Manifest> {
  const { manifest, blobs } = await prepare(bytes, DEADLINE_MS);
  await store.write(manifest, blobs);
  return manifest;
}

async function everyBlob(store: PreparedStore, manifest: Manifest): Promise<void> {
  for (const digest of blobsNamedIn(manifest)) await store.check(digest);
}

/** Through a shell, so that limits can be set on it; what it printed when it has ended. */
function preparing(t: TestContext, store: PreparedStore, components: readonly string[], limits = ''): Preparing {
  const script = join(__dirname, 'fixtures', 'prepares.js');
  const child = spawn('sh', ['-c', `${limits} exec "$0" "$@"`, process.execPath, script, store.root, ...components], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const ended = once(child, 'close').then(() => said);
  return { child, ended };
}

interface Preparing {
  readonly child: ChildProcess;
  readonly ended: Promise<string>;
}

describe('a prepared component', () => {
  it('is found again by its content, with all that it needs', LIMIT, async (t) => {
    const { store, manifest, bytes } = await withOne(t);
    assert.equal(manifest.component, sha256(bytes));
    assert.deepEqual(manifest.exports, ['poll']);
    assert.deepEqual(await new PreparedStore(store.root, MAKERS).find(sha256(bytes)), manifest);
    await everyBlob(store, manifest);
    assert.equal(await store.find(sha256('another')), undefined);
  });

  it('can be read and written by its owner only', LIMIT, async (t) => {
    const { store } = await withOne(t);
    const mode = (path: string) => statSync(path).mode & 0o777;
    for (const path of [...manifestsOf(store), ...blobsOf(store)]) assert.equal(mode(path), OWNER_ONLY.file, path);
    for (const path of [store.root, store.blobsDir, store.componentsDir]) {
      assert.equal(mode(path), OWNER_ONLY.folder, path);
    }
  });

  it('is another entry for another jco or another format', LIMIT, async (t) => {
    const { store, manifest } = await withOne(t);
    const newer = new PreparedStore(store.root, `${MAKERS} and something`);
    assert.equal(await newer.find(manifest.component), undefined);
    await newer.write(manifest, new Map());
    assert.equal(manifestsOf(store).length, 2);
  });
});

describe('what a process left in its folder', () => {
  const written = (folder: string, blobs: ReadonlyMap<string, Uint8Array>) => {
    for (const [digest, bytes] of blobs) writeFileSync(join(folder, digest), bytes);
  };

  it('becomes an entry, and is gone from there', LIMIT, async (t) => {
    const store = storeOf(t);
    const { manifest, blobs } = await prepare(await answering(1), DEADLINE_MS);
    const folder = incoming(store);
    written(folder, blobs);
    await store.adopt(manifest, folder);
    assert.deepEqual(await store.find(manifest.component), manifest);
    await everyBlob(store, manifest);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('is refused where a blob has another content or is not there: nothing of it is kept', LIMIT, async (t) => {
    const { manifest, blobs } = await prepare(await answering(1), DEADLINE_MS);
    for (const [, damage] of DAMAGES) {
      for (const digest of blobs.keys()) {
        const store = storeOf(t);
        const folder = incoming(store);
        written(folder, blobs);
        damage(join(folder, digest));
        await assert.rejects(
          store.adopt(manifest, folder),
          (error: WasiError) => error.code === 'PLUGIN_INVALID' || error.code === 'PLUGIN_STORAGE',
        );
        assert.equal(await store.find(manifest.component), undefined);
        assert.ok(!existsSync(store.blobsDir), 'a blob was kept');
      }
    }
  });

  it('replaces what was damaged', LIMIT, async (t) => {
    const store = storeOf(t);
    const { manifest, blobs } = await prepare(await answering(1), DEADLINE_MS);
    await store.write(manifest, blobs);
    for (const path of blobsOf(store)) flipBit(path);
    const folder = incoming(store);
    written(folder, blobs);
    await store.adopt(manifest, folder);
    await everyBlob(store, manifest);
  });
});

function incoming(store: PreparedStore): string {
  const folder = join(store.incomingDir, 'task-test');
  mkdirSync(folder, { recursive: true });
  return folder;
}

describe('a damaged entry', () => {
  for (const [what, damage] of DAMAGES) {
    it(`whose manifest is ${what} is not used, and preparing again mends it`, LIMIT, async (t) => {
      const { store, manifest, bytes } = await withOne(t);
      for (const path of manifestsOf(store)) damage(path);
      assert.equal(await store.find(manifest.component), undefined);
      await prepareInto(store, bytes);
      assert.deepEqual(await store.find(manifest.component), manifest);
    });

    it(`with a blob that is ${what} is noticed when that is read, and preparing again mends it`, LIMIT, async (t) => {
      const { store, manifest, bytes } = await withOne(t);
      for (const path of blobsOf(store)) {
        damage(path);
        await assert.rejects(store.check(basename(path)), DAMAGED);
      }
      await prepareInto(store, bytes);
      await everyBlob(store, manifest);
    });
  }

  it('whose manifest is another component’s is not used', LIMIT, async (t) => {
    const { store, manifest } = await withOne(t);
    const [mine = ''] = manifestsOf(store);
    const other = await prepareInto(store, await answering(2));
    const foreign = manifestsOf(store).find((path) => path !== mine) ?? '';
    writeFileSync(mine, readFileSync(foreign));
    assert.equal(await store.find(manifest.component), undefined);
    assert.deepEqual(await store.find(other.component), other);
  });

  it('is left as it is by those who only read', LIMIT, async (t) => {
    const { store, manifest } = await withOne(t);
    for (const path of [...manifestsOf(store), ...blobsOf(store)]) flipBit(path);
    const before = fingerprint(store.root);
    assert.equal(await store.find(manifest.component), undefined);
    await assert.rejects(store.check(manifest.glue), DAMAGED);
    assert.equal(fingerprint(store.root), before);
  });
});

describe('a store', () => {
  it('may be written by two processes at once, that prepare the same component', LIMIT, async (t) => {
    const store = storeOf(t);
    const paths = [fixture('i2c_reader')];
    const digests = paths.map((path) => sha256(bytesOf(path)));
    const [one, other] = await Promise.all([preparing(t, store, paths).ended, preparing(t, store, paths).ended]);
    const expected = `begins\n${digests.map((digest) => `prepared ${digest}\n`).join('')}`;
    assert.deepEqual([one, other], [expected, expected]);
    for (const digest of digests) {
      const manifest = await store.find(digest);
      assert.ok(manifest);
      await everyBlob(store, manifest);
    }
    assert.deepEqual(
      [...blobsOf(store), ...manifestsOf(store)].filter((path) => path.endsWith('.new')),
      [],
    );
  });

  it('survives a process that is killed at any moment of writing', LIMIT, async (t) => {
    const store = new PreparedStore(scratchFolder(t), 'test');
    const script = join(__dirname, 'fixtures', 'writes-entries.js');
    const component = sha256('component');
    let caught = 0;
    for (let events = 1; events <= 40; events += 3) {
      mkdirSync(store.blobsDir, { recursive: true });
      const child = spawn(process.execPath, [script, store.root], { stdio: ['ignore', 'ignore', 'inherit'] });
      const ended = once(child, 'exit');
      let seen = 0;
      const watcher = watch(store.blobsDir, () => {
        seen += 1;
        if (seen === events) child.kill('SIGKILL');
      });
      await ended;
      watcher.close();
      const manifest = await store.find(component);
      if (manifest) await everyBlob(store, manifest);
      for (const path of blobsOf(store)) {
        if (path.endsWith('.new')) caught += 1;
        else assert.equal(sha256(readFileSync(path)), basename(path));
      }
      rmSync(store.root, { recursive: true });
    }
    assert.ok(caught > 0, 'no process was ever killed in the middle of a file');
  });

  it('that is full in the middle of a file says so with a code, and keeps nothing half', LIMIT, async (t) => {
    const store = storeOf(t);
    // In blocks of 512 bytes: the first core modules fit, libpython does not.
    const said = await preparing(t, store, [fixture('i2c_reader')], 'ulimit -f 2000;').ended;
    assert.match(
      said,
      /^begins\nPLUGIN_STORAGE what was prepared could not be kept.* \(EFBIG\): the file is larger than it may become/,
    );
    assert.deepEqual(manifestsOf(store), []);
    for (const path of blobsOf(store)) assert.equal(sha256(readFileSync(path)), basename(path));
  });

  it('whose folder cannot be made says so with a code', LIMIT, async (t) => {
    const folder = scratchFolder(t);
    writeFileSync(join(folder, 'file'), '');
    for (const root of [join(folder, 'file'), join(folder, 'file', 'below')]) {
      const report = new ToldReport();
      const store = new PreparedStore(root, MAKERS, report);
      await assert.rejects(prepareInto(store, await answering(1)), {
        code: 'PLUGIN_STORAGE',
        message: /could not be kept in .*it is a file/,
      });
      assert.match(report.told.join(), /^failed (?:EEXIST|ENOTDIR)$/);
    }
  });
});
