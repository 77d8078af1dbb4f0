import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { Uploads } from '../../src/runtime/uploads';
import type { UploadBody } from '../../src/runtime-api/admin-api';
import { sha256 } from '../../src/wasm/sha256';
import { promise } from '../support/promise';
import { until } from '../support/until';
import { fixture, fromText, scratchFolder } from '../wasm/components';
import { NONE_BUNDLED, TestRuntime } from './test-runtime';
import { bodyOf, UploadHost } from './uploading';

const isRoot = process.getuid?.() === 0;

/** Sends one piece and then nothing, until somebody ends it. */
class EndlessBody implements UploadBody {
  #end: (error: Error) => void = () => undefined;
  readonly #ended = new Promise<never>((_resolve, reject) => {
    this.#end = reject;
  });
  begun = 0;

  constructor() {
    // Whoever reads it hears of it; nobody does once it was refused.
    this.#ended.catch(() => undefined);
  }

  destroy(): void {
    this.#end(new Error('aborted'));
  }

  async *[Symbol.asyncIterator]() {
    this.begun += 1;
    yield new Uint8Array(1_000);
    await this.#ended;
  }
}

describe('an uploaded component', () => {
  promise('is looked at, and nothing of it is prepared, loaded or run', async (t) => {
    const desk = await UploadHost.open(t, NONE_BUNDLED);
    const id = await desk.send('my-own.wasm', 'i2c_reader');
    const view = await desk.looked(id);
    const bytes = readFileSync(fixture('i2c_reader'));
    assert.ok(view.state === 'inspected');
    const { exports, imports, ...rest } = view;
    assert.deepEqual(rest, {
      state: 'inspected',
      plugin: 'my_own',
      sizeBytes: bytes.length,
      sha256: sha256(bytes),
      role: 'sensor',
      lines: '[plugins.my_own.grants]\ni2c = ["0x76"]',
      replaces: 'nothing',
    });
    assert.ok(exports.includes('edge:plugin/sensor-logic@1.0.0'));
    assert.ok(imports.some(({ name, access }) => name === 'edge:plugin/i2c@1.0.0' && access === 'missing'));
    assert.deepEqual([desk.plugins, desk.kept, desk.toml], [[], [id], NONE_BUNDLED]);
    assert.equal(statSync(join(desk.host.userDir, 'wasi', 'uploads', id)).mode & 0o777, 0o600);
    assert.equal(desk.host.runtime.plugin('my_own'), undefined);
    assert.equal(await desk.uploads.remove(id), true);
    assert.equal(await desk.uploads.remove(id), false);
    assert.deepEqual(desk.kept, []);
  });

  for (const [what, bytes, pattern] of [
    ['text', async () => Buffer.from('hello'), /it is not a WebAssembly component/],
    ['nothing', async () => new Uint8Array(0), /it is not a WebAssembly component/],
    ['a core module', () => fromText('(module)'), /core WebAssembly module/],
    ['of no use here', () => fromText('(component)'), /exports nothing that can be polled/],
    ['with names that could be code', () => fromText('(component (import "a\\"b" (func)))'), /./],
  ] as const) {
    promise(`(${what}) is refused with a reason, and its file is gone`, async (t) => {
      const desk = await UploadHost.open(t, NONE_BUNDLED);
      const id = await desk.uploads.receive('mine.wasm', bodyOf(await bytes()));
      const view = await desk.looked(id);
      assert.ok(view.state === 'refused' && view.code === 'PLUGIN_INVALID');
      assert.match(view.message, pattern);
      assert.ok(!view.message.includes(desk.host.userDir), 'no path of this machine');
      assert.deepEqual(desk.kept, []);
      await assert.rejects(desk.install(id, true), { code: 'PLUGIN_NOT_FOUND' });
    });
  }

  for (const name of [
    '../x.wasm',
    'x',
    'x.wat',
    '.wasm',
    '.x.wasm',
    'a b.wasm',
    'x\0.wasm',
    `${'x'.repeat(65)}.wasm`,
    'a/b.wasm',
    'C:\\x.wasm',
    'ü.wasm',
    '',
  ]) {
    promise(`is not taken in under the name ${JSON.stringify(name.slice(0, 20))}`, async (t) => {
      const desk = await UploadHost.open(t, NONE_BUNDLED);
      const body = new EndlessBody();
      await assert.rejects(desk.uploads.receive(name, body), {
        code: 'PLUGIN_INVALID',
        message: /expected the name of a plugin/,
      });
      assert.deepEqual([body.begun, desk.kept], [0, []]);
    });
  }

  promise('of more than 64 MiB is counted while it comes in, and refused', async (t) => {
    const desk = await UploadHost.open(t, NONE_BUNDLED);
    let sent = 0;
    let ended = false;
    const body: UploadBody = {
      destroy: () => {
        ended = true;
      },
      async *[Symbol.asyncIterator]() {
        const piece = new Uint8Array(2 ** 22);
        for (; sent < 40; sent += 1) yield piece;
      },
    };
    await assert.rejects(desk.uploads.receive('mine.wasm', body), {
      code: 'PLUGIN_INVALID',
      message: /more than the 67108864 bytes/,
    });
    assert.equal(sent, 16, 'what is behind the limit was not asked for');
    assert.ok(!ended, 'who sends it is to read why');
    assert.deepEqual(desk.kept, []);
  });

  promise('that breaks off is removed', async (t) => {
    const desk = await UploadHost.open(t, NONE_BUNDLED);
    const body: UploadBody = {
      destroy: () => undefined,
      async *[Symbol.asyncIterator]() {
        yield new Uint8Array(10);
        throw new Error('aborted');
      },
    };
    await assert.rejects(desk.uploads.receive('mine.wasm', body), {
      code: 'PLUGIN_INVALID',
      message: /the upload broke off .*aborted/,
    });
    assert.deepEqual(desk.kept, []);
  });

  promise('is one of four at most', async (t) => {
    const desk = await UploadHost.open(t, NONE_BUNDLED);
    const ids = await Promise.all([1, 2, 3, 4].map((number) => desk.send(`p${number}.wasm`, 'counter_v1')));
    await assert.rejects(desk.send('p5.wasm', 'counter_v1'), { code: 'POLL_BUSY' });
    await desk.uploads.remove(ids[0] ?? '');
    await desk.send('p5.wasm', 'counter_v1');
    assert.equal(desk.kept.length, 4);
  });

  promise('has room however many were refused before it: nobody can remove those', async (t) => {
    const desk = await UploadHost.open(t, NONE_BUNDLED);
    const first = await desk.ready('mine.wasm', 'counter_v1');
    const refused: string[] = [];
    for (let attempt = 0; attempt < 5; attempt++) {
      const id = await desk.uploads.receive('mine.wasm', bodyOf(Buffer.from('hello')));
      assert.equal((await desk.looked(id)).state, 'refused');
      refused.push(id);
    }
    assert.equal((await desk.uploads.view(refused.at(-1) ?? ''))?.state, 'refused', 'the newest says why');
    assert.equal((await desk.looked(first)).state, 'inspected');
    await desk.send('mine.wasm', 'counter_v1');
  });

  promise('is given up with its runtime, also while it comes in', async (t) => {
    const desk = await UploadHost.open(t, NONE_BUNDLED);
    await desk.ready('a.wasm', 'counter_v1');
    const receiving = desk.uploads.receive('b.wasm', new EndlessBody());
    const refused = assert.rejects(receiving, { code: 'PLUGIN_INVALID' });
    await desk.host.close();
    await refused;
    assert.deepEqual(desk.kept, []);
    await assert.rejects(desk.send('c.wasm', 'counter_v1'), { code: 'RUNTIME_CLOSED' });
  });

  promise('that cannot be removed is left, and all else of its runtime is closed', async (t) => {
    const workers = new Set<Worker>();
    const count = (worker: Worker) => {
      workers.add(worker);
      worker.once('exit', () => workers.delete(worker));
    };
    process.on('worker', count);
    t.after(() => process.off('worker', count));
    const desk = await UploadHost.open(t, NONE_BUNDLED);
    const id = await desk.ready('a.wasm', 'counter_v1');
    const path = join(desk.host.userDir, 'wasi', 'uploads', id);
    // No file that could be unlinked, as on a card that can only be read any more.
    rmSync(path);
    mkdirSync(path);
    await desk.host.close();
    assert.equal(workers.size, 0);
  });

  promise('that an earlier process left behind is removed, and one of another runtime is not', async (t) => {
    const desk = await UploadHost.open(t, NONE_BUNDLED);
    const id = await desk.ready('a.wasm', 'counter_v1');
    const { userDir } = desk.host;
    writeFileSync(join(userDir, 'wasi', 'uploads', 'old'), '');
    await TestRuntime.open(t, NONE_BUNDLED, {}, { userDir });
    await until(() => !existsSync(join(userDir, 'wasi', 'uploads', 'old')));
    assert.deepEqual(desk.kept, [id]);
  });

  promise('is kept for a while and no longer', async (t) => {
    const dir = scratchFolder(t);
    const never = () => Promise.reject(new Error('not asked for'));
    const inspect = async () => ({
      digest: '',
      sizeBytes: 1,
      shape: { imports: [], exports: ['edge:plugin/sensor-logic@1.0.0'] },
    });
    const preview = async () => ({ state: 'inspecting' }) as const;
    const uploads = new Uploads(
      { dir, pluginDir: dir, loader: { inspect }, preview, install: never, warn: () => undefined },
      300,
    );
    // On a busy machine it may be too old before it is there.
    const id = await uploads.receive('mine.wasm', bodyOf(new Uint8Array(1))).catch(() => 'too late');
    await until(async () => (await uploads.view(id)) === undefined);
    await uploads.close();
    assert.deepEqual(readdirSync(dir), []);
  });

  it('for which there is no space is refused, and what came of it removed', {
    timeout: 60_000,
    ...(isRoot ? {} : { skip: 'only root can make a small file system' }),
  }, async (t) => {
    const desk = await UploadHost.open(t, NONE_BUNDLED);
    const dir = join(desk.host.userDir, 'wasi', 'uploads');
    mkdirSync(dir, { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir], { stdio: 'pipe' });
    } catch (error) {
      t.skip(`no file system can be mounted here: ${String(error)}`);
      return;
    }
    try {
      await assert.rejects(desk.send('mine.wasm', 'counter_kept_v1'), {
        code: 'PLUGIN_STORAGE',
        message: /could not be kept in .* \(ENOSPC\): the disk is full/,
      });
      assert.deepEqual(desk.kept, []);
    } finally {
      execFileSync('umount', [dir]);
    }
  });
});
