import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { PluginFiles } from '../../src/plugin-host/plugin-files';
import { scratchFolder } from '../wasm/components';

const BUNDLED = new Map([['dht22', 'd1'.repeat(32)]]);

function folder(t: TestContext, ...names: string[]): { dir: string; files: PluginFiles } {
  const dir = scratchFolder(t);
  for (const name of names) writeFileSync(join(dir, name), 'old');
  return { dir, files: new PluginFiles(dir, BUNDLED) };
}

async function keyOf(files: PluginFiles, plugin: string): Promise<string> {
  const located = await files.locate(plugin);
  assert.ok(located, `${plugin} was not found`);
  return located.key;
}

describe('where a plugin is', () => {
  it('is its file in the folder, known by time in ns, size and inode', async (t) => {
    const { dir, files } = folder(t, 'mine.wasm');
    const path = join(dir, 'mine.wasm');
    const { mtimeNs, size, ino, mtimeMs } = statSync(path, { bigint: true });
    assert.deepEqual(await files.locate('mine'), {
      origin: 'file',
      source: { kind: 'file', path },
      key: `${mtimeNs} ${size} ${ino}`,
      sizeBytes: Number(size),
      modifiedAt: Number(mtimeMs),
    });
  });

  it('is the bundled component where there is no file, and the file where there is one', async (t) => {
    const { dir, files } = folder(t);
    const digest = BUNDLED.get('dht22') ?? '';
    assert.deepEqual(await files.locate('dht22'), {
      origin: 'bundled',
      source: { kind: 'bundled', digest },
      key: digest,
      sizeBytes: undefined,
      modifiedAt: 0,
    });
    writeFileSync(join(dir, 'dht22.wasm'), 'mine');
    assert.equal((await files.locate('dht22'))?.origin, 'file');
    rmSync(join(dir, 'dht22.wasm'));
    assert.equal((await files.locate('dht22'))?.origin, 'bundled');
  });

  it('is found whether its file is written with "-" or "_"', async (t) => {
    const { files } = folder(t, 'my-own-sensor.wasm', 'other_one.wasm');
    assert.equal((await files.locate('my_own_sensor'))?.origin, 'file');
    assert.equal((await files.locate('other_one'))?.origin, 'file');
  });

  it('is nowhere for folders, other endings and unknown names', async (t) => {
    const { dir, files } = folder(t, 'text.txt', 'half.wasm.part');
    mkdirSync(join(dir, 'folder.wasm'));
    for (const name of ['folder', 'text', 'half', 'half.wasm', '../text', 'absent'])
      assert.equal(await files.locate(name), undefined, name);
  });

  it('may be the file a link leads to', async (t) => {
    const { dir, files } = folder(t, 'target');
    symlinkSync(join(dir, 'target'), join(dir, 'link.wasm'));
    assert.equal((await files.locate('link'))?.key.split(' ')[1], '3');
  });

  it('is nowhere while the folder is missing, and found when it appears', async (t) => {
    const { dir } = folder(t);
    const files = new PluginFiles(join(dir, 'later'), BUNDLED);
    assert.equal(await files.locate('mine'), undefined);
    assert.equal((await files.locate('dht22'))?.origin, 'bundled');
    mkdirSync(join(dir, 'later'));
    writeFileSync(join(dir, 'later', 'mine.wasm'), 'x');
    assert.equal((await files.locate('mine'))?.origin, 'file');
    rmSync(join(dir, 'later'), { recursive: true });
    assert.equal(await files.locate('mine'), undefined);
  });
});

describe('another file', () => {
  it('of the same size, written within the same second, is noticed', async (t) => {
    const { dir, files } = folder(t, 'mine.wasm');
    const path = join(dir, 'mine.wasm');
    utimesSync(path, 1_000.1, 1_000.1);
    const before = await keyOf(files, 'mine');
    writeFileSync(path, 'new');
    utimesSync(path, 1_000.2, 1_000.2);
    assert.notEqual(await keyOf(files, 'mine'), before);
  });

  it('of the same size and time, renamed over the old one, is noticed', async (t) => {
    const { dir, files } = folder(t, 'mine.wasm', 'beside');
    const path = join(dir, 'mine.wasm');
    for (const file of [path, join(dir, 'beside')]) utimesSync(file, 1_000, 1_000);
    const before = await keyOf(files, 'mine');
    renameSync(join(dir, 'beside'), path);
    assert.notEqual(await keyOf(files, 'mine'), before);
  });

  it('is noticed however soon after a look at the folder its name appeared', async (t) => {
    const { dir, files } = folder(t);
    for (let round = 0; round < 50; round += 1) {
      assert.equal(await files.locate(`plugin${round}`), undefined);
      writeFileSync(join(dir, `plugin${round}.wasm`), 'x');
      assert.equal((await files.locate(`plugin${round}`))?.origin, 'file');
    }
  });

  it('is noticed in a folder that was left alone for long before', async (t) => {
    const { dir, files } = folder(t, 'mine.wasm');
    utimesSync(dir, 1_000, 1_000);
    assert.equal(await files.locate('other'), undefined);
    writeFileSync(join(dir, 'other.wasm'), 'x');
    assert.equal((await files.locate('other'))?.origin, 'file');
  });
});
