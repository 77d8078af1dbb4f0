/** From a file to what a guest can be started with: what is shared, what is refused, what is mended. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { PreparedStore } from '../../src/component-store/prepared-store';
import { GuestProcesses } from '../../src/guest-process/guest-processes';
import { MAKERS } from '../../src/wasm/makers';
import { sha256 } from '../../src/wasm/sha256';
import { until } from '../support/until';
import { answering, bundledPlugin, bytesOf, fixture, fromText, scratchFolder } from '../wasm/components';
import { Engine, PATIENT } from '../wasm/engine';
import { BUNDLED, foldersOf } from './folders';
import { blobsOf, fingerprint, flipBit, manifestsOf, truncate } from './stored';
import { TaskProcesses } from './task-processes';

const LIMIT = { timeout: 120_000 };
const engine = new Engine({ after });
const tasks = new TaskProcesses();

function refused(path: string, code: string, message: RegExp): Promise<void> {
  return assert.rejects(engine.load(path), { name: 'WasiError', code, message });
}

describe('core modules', () => {
  it('are the same files for every component that holds the same bytes', LIMIT, async () => {
    const [one, other] = [await engine.load(fixture('i2c_reader')), await engine.load(fixture('counter_kept_v1'))];
    const ofOne = new Set(one.modules.map(({ path }) => path));
    const ofOther = new Set(other.modules.map(({ path }) => path));
    const shared = [...ofOther].filter((path) => ofOne.has(path));
    assert.ok(shared.length > 5, `${shared.length} of ${ofOther.size} are shared`);
    for (const { path, digest } of [...one.modules, ...other.modules]) assert.equal(sha256(bytesOf(path)), digest);
  });

  it('share what their component may have of memory, and only those that have one have a limit', LIMIT, async () => {
    const module = (name: string) => `(core module $${name} (memory 1)) (core instance (instantiate $${name}))`;
    const path = engine.file(
      await fromText(`(component ${module('a')} ${module('b')} (core module $c) (core instance (instantiate $c)))`),
    );
    const limits = async (memoryMb: number) =>
      (await engine.load(path, { memoryMb })).modules.map((each) => each.memoryMb ?? 'none').sort();
    assert.deepEqual(await limits(8), [4, 4, 'none']);
    assert.deepEqual(await limits(1), [1, 1, 'none']);
  });
});

describe('a load', () => {
  it('is given up at the deadline, and the next load works', LIMIT, async () => {
    const late = engine.load(engine.file(await answering(2)), { deadlineMs: 1 });
    await assert.rejects(late, {
      code: 'PLUGIN_LOAD_TIMEOUT',
      message: /1 ms\. Raise load_deadline_ms in \[limits\] or \[plugins\.X\.limits\] of host\.toml/,
    });
    assert.equal(tasks.running, 0);
    await engine.load(engine.file(await answering(3)));
  });

  it('ends with close: what loads and what waits says so', LIMIT, async (t) => {
    const { loader, load, leftFolders } = foldersOf(t);
    const loading = [load(fixture('counter_v1')), load(fixture('counter_v2'))];
    const failures = Promise.all(loading.map((one) => assert.rejects(one, { code: 'RUNTIME_CLOSED' })));
    await Promise.resolve();
    loader.close();
    await failures;
    loader.close();
    await assert.rejects(load(fixture('counter_v1')), { code: 'RUNTIME_CLOSED' });
    await tasks.ended();
    assert.deepEqual(leftFolders(), []);
  });

  it('works after one of a component that could not be used', LIMIT, async () => {
    const good = engine.file(await answering(5));
    await refused(
      engine.file(await fromText('(component (import "url=<https://a>" (func)))')),
      'PLUGIN_INVALID',
      /is no name of the component model/,
    );
    await engine.load(good);
  });
});

describe('a file', () => {
  it('that is not there is PLUGIN_NOT_FOUND', LIMIT, () => refused('/absent/x.wasm', 'PLUGIN_NOT_FOUND', /copy/));

  it('that is a folder, or a pipe that nobody writes to, is not waited for', LIMIT, async (t) => {
    const folder = scratchFolder(t);
    await refused(folder, 'PLUGIN_INVALID', /is not a file/);
    const pipe = join(folder, 'pipe.wasm');
    spawnSync('mkfifo', [pipe]);
    await refused(pipe, 'PLUGIN_INVALID', /is not a file/);
    await refused('/dev/zero', 'PLUGIN_INVALID', /is not a file/);
  });

  it('that is larger than any plugin is not read', LIMIT, async () => {
    const path = engine.file(new Uint8Array(0), 'huge.wasm');
    spawnSync('truncate', ['-s', '300M', path]);
    await refused(path, 'PLUGIN_INVALID', /more than the 201326592 a plugin may have \(a fixed limit\)/);
  });

  it('that is still being copied is refused, and loads once it is whole', LIMIT, async () => {
    const whole = bytesOf(fixture('counter_v1'));
    const path = engine.file(whole.subarray(0, whole.length / 2), 'copied.wasm');
    await refused(path, 'PLUGIN_INVALID', /copy it again/);
    writeFileSync(path, whole);
    await engine.load(path);
  });

  it('that wants more memory than its limit is PLUGIN_MEMORY, and is not prepared anew for it', LIMIT, async () => {
    const text = '(component (core module $m (memory 100)) (core instance (instantiate $m)))';
    const path = engine.file(await fromText(text), 'large.wasm');
    const tooLarge = { code: 'PLUGIN_MEMORY', message: /needs 7 MiB of memory.*allows 2/ };
    await assert.rejects(engine.start(path, { memoryMb: 2 }), tooLarge);
    const before = tasks.started;
    await assert.rejects(engine.start(path, { memoryMb: 2 }), tooLarge);
    (await engine.start(path, { memoryMb: 8 })).close();
    assert.equal(tasks.started, before);
  });
});

describe('a file that changes while it is prepared', () => {
  const [first, second] = [answering(11), answering(12)];

  it('is never taken for what it was: what was prepared is what it is now', LIMIT, async (t) => {
    const { own, put, load } = foldersOf(t);
    const path = put('changing', await first);
    const now = await second;
    const before = tasks.started;
    // The process that prepares it has not read it yet.
    onceStarted(t, () => writeFileSync(path, now));
    const { digest } = await load(path);
    assert.equal(digest, sha256(now));
    assert.equal(await own.find(sha256(await first)), undefined);
    assert.equal(tasks.started - before, 2);
  });

  it('again and again is given up', LIMIT, async (t) => {
    const { own, put, load, leftFolders } = foldersOf(t);
    const path = put('changing', await first);
    const versions = [await second, await answering(13), await answering(14)];
    let turn = 0;
    tasks.onStart = () => writeFileSync(path, versions[turn++] ?? new Uint8Array());
    t.after(() => {
      tasks.onStart = () => undefined;
    });
    await assert.rejects(load(path), { code: 'PLUGIN_STORAGE', message: /changed each time it was read/ });
    assert.equal(turn, versions.length);
    for (const bytes of [await first, ...versions]) assert.equal(await own.find(sha256(bytes)), undefined);
    assert.deepEqual(leftFolders(), []);
  });

  it('or looked at is not shown as what it was', LIMIT, async (t) => {
    const { loader, put } = foldersOf(t);
    const path = put('changing', await first);
    const now = await fromText('(component (import "test:other/thing" (instance)))');
    onceStarted(t, () => writeFileSync(path, now));
    const looked = loader.inspect({ kind: 'file', path });
    await assert.rejects(looked, { code: 'PLUGIN_STORAGE', message: /changed while it was read/ });
    const { digest, shape } = await loader.inspect({ kind: 'file', path });
    assert.deepEqual({ digest, shape }, { digest: sha256(now), shape: { imports: ['test:other/thing'], exports: [] } });
  });

  function onceStarted(t: { after(end: () => void): void }, act: () => void): void {
    const forget = () => {
      tasks.onStart = () => undefined;
    };
    t.after(forget);
    tasks.onStart = () => {
      forget();
      act();
    };
  }
});

describe('a prepared plugin', () => {
  it('starts in a process that was there before the store was', LIMIT, async (t) => {
    const { folder, own, put, load } = foldersOf(t);
    const workFolder = join(folder, 'empty');
    mkdirSync(workFolder);
    const options = { workFolder, onEnd: () => undefined };
    const processes = new GuestProcesses({ ...options, storeFolders: [own.root] });
    t.after(() => processes.close());
    processes.wake();
    await until(() => processes.pids.length > 0);
    assert.ok(!existsSync(own.blobsDir));
    const component = await load(put('plugin', await answering(1)));
    (await engine.startLoaded(component, {}, processes)).close();
  });

  it('whose blobs were damaged is made again from its file', LIMIT, async (t) => {
    const { put, load, own } = foldersOf(t);
    const path = put('one', await answering(1));
    const glueOf = async () => readFileSync((await load(path, { checkData: true })).glue.path, 'utf8');
    const glue = await glueOf();
    for (const damage of [flipBit, truncate, (blob: string) => rmSync(blob)]) {
      for (const blob of blobsOf(own)) damage(blob);
      assert.equal(await glueOf(), glue);
    }
    for (const manifest of manifestsOf(own)) truncate(manifest);
    assert.equal(await glueOf(), glue);
  });

  it('of the package is found by its file’s content, and nothing is written', LIMIT, async (t) => {
    const { loader, own, load } = foldersOf(t);
    const before = fingerprint(BUNDLED);
    await load(bundledPlugin('dht22'));
    const digest = bundledDigest('dht22');
    await loader.load({ kind: 'bundled', digest }, PATIENT);
    assert.throws(() => blobsOf(own), { code: 'ENOENT' });
    assert.equal(fingerprint(BUNDLED), before);
  });

  it(
    'of the package that was damaged says to reinstall it, is left as it is, and its file still loads',
    LIMIT,
    async (t) => {
      const damaged = join(scratchFolder(t), 'prepared');
      copyTree(BUNDLED, damaged);
      const store = new PreparedStore(damaged, MAKERS);
      for (const blob of blobsOf(store)) truncate(blob);
      const before = fingerprint(damaged);
      const { loader, load, own } = foldersOf(t, damaged);
      const reinstall = { code: 'PLUGIN_INVALID', message: /reinstall @edge-wasi\/node-red-wasi/ };
      const digest = bundledDigest('dht22');
      const checked = { ...PATIENT, checkData: true };
      await assert.rejects(loader.load({ kind: 'bundled', digest }, checked), reinstall);
      const { glue } = await load(bundledPlugin('dht22'), checked);
      assert.equal(glue.path, own.pathOf(glue.digest));
      await own.check(glue.digest);
      const started = tasks.started;
      await load(bundledPlugin('dht22'), checked);
      assert.equal(tasks.started, started, 'it was prepared once more');
      assert.equal(fingerprint(damaged), before);
      for (const manifest of manifestsOf(store)) flipBit(manifest);
      await assert.rejects(loader.load({ kind: 'bundled', digest }, PATIENT), reinstall);
    },
  );
});

function bundledDigest(plugin: string): string {
  const digests: Record<string, string> = JSON.parse(readFileSync(join(BUNDLED, 'bundled.json'), 'utf8'));
  return digests[plugin] ?? '';
}

function copyTree(from: string, to: string): void {
  for (const folder of ['blobs', 'components']) {
    mkdirSync(join(to, folder), { recursive: true });
    const store = new PreparedStore(from, MAKERS);
    const files = folder === 'blobs' ? blobsOf(store) : manifestsOf(store);
    for (const file of files) copyFileSync(file, join(to, folder, file.slice(file.lastIndexOf('/') + 1)));
  }
}
