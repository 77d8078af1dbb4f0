/** One component after the other, in a thread of its own: what is shared, what is given back, what ends a load. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { ComponentLoader } from '../../src/wasm/component-loader';
import { MAKERS } from '../../src/wasm/makers';
import { PreparedStore } from '../../src/wasm/prepared-store';
import { until } from '../support/until';
import { answering, bundledPlugin, bytesOf, fixture, fromText, REPOSITORY, scratchFolder } from './components';
import { Engine, PATIENT } from './engine';
import { blobsOf, fingerprint, flipBit, manifestsOf, truncate } from './stored';

const LIMIT = { timeout: 90_000 };
const BUNDLED = join(REPOSITORY, 'dist', 'prepared');
const engine = new Engine({ after });

interface Folders {
  readonly loader: ComponentLoader;
  readonly own: PreparedStore;
  readonly folder: string;
}

/** A loader with stores of its own; `bundled` is copied first where a test damages it. */
function loaderOf(t: TestContext, bundledDir = BUNDLED, idleMs?: number): Folders {
  const folder = scratchFolder(t);
  const storeDir = join(folder, 'store');
  const loader = new ComponentLoader({ storeDir, bundledDir }, idleMs);
  t.after(() => loader.close());
  return { loader, own: new PreparedStore(storeDir, MAKERS), folder };
}

const load = (loader: ComponentLoader, path: string) => loader.load({ kind: 'file', path }, PATIENT);

function refused(path: string, code: string, message: RegExp): Promise<void> {
  return assert.rejects(engine.load(path), { name: 'WasiError', code, message });
}

describe('compiled modules', () => {
  it('are the same for every component that holds the same bytes, until the last gives them back', LIMIT, async () => {
    const [one, other] = [await engine.load(fixture('i2c_reader')), await engine.load(fixture('counter_kept_v1'))];
    const ofOne = new Set([...one.modules.values()].map(({ module }) => module));
    const ofOther = new Set([...other.modules.values()].map(({ module }) => module));
    const shared = [...ofOther].filter((module) => ofOne.has(module));
    assert.ok(shared.length > 5, `${shared.length} of ${ofOther.size} are shared`);
    const all = new Set([...ofOne, ...ofOther]).size;
    assert.equal(engine.loader.heldModules, all);
    one.release();
    one.release();
    assert.equal(engine.loader.heldModules, ofOther.size);
    const again = await engine.load(fixture('i2c_reader'));
    assert.equal(engine.loader.heldModules, all);
    again.release();
    other.release();
    assert.equal(engine.loader.heldModules, 0);
  });

  it('that set a memory’s limit are not shared between limits', LIMIT, async () => {
    const path = engine.file(
      await fromText(
        '(component (core module $m (memory 1) (export "m" (memory 0))) (core instance (instantiate $m)))',
      ),
    );
    const [small, large] = [await engine.load(path, { memoryMb: 1 }), await engine.load(path, { memoryMb: 2 })];
    assert.equal(engine.loader.heldModules, 2);
    small.release();
    large.release();
  });
});

describe('the thread that loads', () => {
  it('ends when nothing was asked for a while, and starts again when something is', LIMIT, async (t) => {
    const { loader, folder } = loaderOf(t, BUNDLED, 1);
    const path = join(folder, 'one.wasm');
    writeFileSync(path, await answering(1));
    for (let time = 0; time < 2; time += 1) {
      assert.equal(loader.running, false);
      const component = await load(loader, path);
      await until(() => !loader.running);
      component.release();
    }
  });

  it('is given up at the deadline, and the next load works', LIMIT, async () => {
    const late = engine.load(fixture('i2c_reader'), { deadlineMs: 1 });
    await assert.rejects(late, {
      code: 'PLUGIN_LOAD_TIMEOUT',
      message: /1 ms\. Raise load_deadline_ms in \[limits\] or \[plugins\.X\.limits\] of host\.toml/,
    });
    assert.equal(engine.loader.running, false);
    (await engine.load(engine.file(await answering(3)))).release();
  });

  it('ends with close: what loads and what waits says so, and nothing is held', LIMIT, async (t) => {
    const { loader } = loaderOf(t);
    const loading = [load(loader, fixture('counter_v1')), load(loader, fixture('counter_v2'))];
    const failures = Promise.all(loading.map((one) => assert.rejects(one, { code: 'RUNTIME_CLOSED' })));
    await Promise.resolve();
    await loader.close();
    await failures;
    await loader.close();
    await assert.rejects(load(loader, fixture('counter_v1')), { code: 'RUNTIME_CLOSED' });
    assert.equal(loader.heldModules, 0);
    assert.equal(loader.running, false);
  });

  it('serves the next one after a component that could not be used', LIMIT, async () => {
    const good = engine.file(await answering(5));
    await refused(
      engine.file(await fromText('(component (import "url=<https://a>" (func)))')),
      'PLUGIN_INVALID',
      /is no name of the component model/,
    );
    (await engine.load(good)).release();
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
    (await engine.load(path)).release();
  });

  it('that wants more memory than its limit is PLUGIN_MEMORY, and is not prepared anew for it', LIMIT, async (t) => {
    const { loader, own, folder } = loaderOf(t);
    const path = join(folder, 'large.wasm');
    const text = '(component (core module $m (memory 100)) (core instance (instantiate $m)))';
    writeFileSync(path, await fromText(text));
    const small = { ...PATIENT, memoryMb: 2 };
    const tooLarge = { code: 'PLUGIN_MEMORY', message: /needs 7 MiB of memory.*allows 2/ };
    await assert.rejects(loader.load({ kind: 'file', path }, small), tooLarge);
    const before = fingerprint(own.blobsDir);
    await assert.rejects(loader.load({ kind: 'file', path }, small), tooLarge);
    assert.equal(fingerprint(own.blobsDir), before);
    (await loader.load({ kind: 'file', path }, { ...PATIENT, memoryMb: 8 })).release();
  });
});

describe('a prepared plugin', () => {
  it('whose blobs were damaged is made again from its file', LIMIT, async (t) => {
    const { loader, own, folder } = loaderOf(t);
    const path = join(folder, 'one.wasm');
    writeFileSync(path, await answering(1));
    const glueOf = async () => {
      const component = await load(loader, path);
      component.release();
      return Buffer.from(component.glue).toString();
    };
    const glue = await glueOf();
    for (const damage of [flipBit, truncate, (blob: string) => rmSync(blob)]) {
      for (const blob of blobsOf(own)) damage(blob);
      assert.equal(await glueOf(), glue);
    }
    for (const manifest of manifestsOf(own)) truncate(manifest);
    assert.equal(await glueOf(), glue);
  });

  it('of the package is found by its file’s content, and nothing is written', LIMIT, async (t) => {
    const { loader, own } = loaderOf(t);
    const before = fingerprint(BUNDLED);
    (await load(loader, bundledPlugin('dht22'))).release();
    const digest = bundledDigest('dht22');
    (await loader.load({ kind: 'bundled', digest }, PATIENT)).release();
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
      const { loader } = loaderOf(t, damaged);
      const reinstall = { code: 'PLUGIN_INVALID', message: /reinstall @edge-wasi\/node-red-wasi/ };
      const digest = bundledDigest('dht22');
      await assert.rejects(loader.load({ kind: 'bundled', digest }, PATIENT), reinstall);
      (await load(loader, bundledPlugin('dht22'))).release();
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
