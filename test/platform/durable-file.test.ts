/** Files that are written as a whole, what may prevent that, and what a process that was killed leaves behind. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Beside, makeFolder, removeLeftovers, renameDurably, writeDurably } from '../../src/platform/durable-file';
import { errnoOf } from '../../src/platform/errno';
import { scratchFolder } from '../wasm/components';

const ELEVEN_MINUTES_MS = 11 * 60_000;
const MODE = { mode: 0o600 };
const mode = (path: string) => statSync(path).mode & 0o777;

/** Of a process that has ended. */
function endedPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

describe('a file that is written durably', () => {
  it('is there as a whole with its mode, in a folder that is made, and with nothing beside it', async (t) => {
    const dir = join(scratchFolder(t), 'a', 'b');
    const path = join(dir, 'file');
    assert.equal(await writeDurably(path, 'one', { mode: 0o640 }), true);
    await writeDurably(path, new Uint8Array([50]), { mode: 0o600 });
    assert.equal(readFileSync(path, 'utf8'), '2');
    assert.equal(mode(path), 0o600);
    assert.equal(mode(dir), 0o700);
    assert.deepEqual(readdirSync(dir), ['file']);
  });

  it('may come piece by piece', async (t) => {
    const path = join(scratchFolder(t), 'file');
    async function* pieces() {
      yield 'a°';
      yield 'b';
    }
    await writeDurably(path, pieces(), MODE);
    assert.equal(readFileSync(path, 'utf8'), 'a°b');
  });

  it('is synced before it is renamed, and its folder after', async (t) => {
    const dir = scratchFolder(t);
    const calls: string[] = [];
    const { open, rename } = promises;
    t.mock.method(promises, 'open', async (...args: Parameters<typeof open>) => {
      const file = await open(...args);
      const sync = file.sync.bind(file);
      file.sync = async () => {
        calls.push(String(args[0]) === dir ? 'sync folder' : 'sync file');
        await sync();
      };
      return file;
    });
    t.mock.method(promises, 'rename', async (...args: Parameters<typeof rename>) => {
      calls.push('rename');
      await rename(...args);
    });
    await writeDurably(join(dir, 'file'), 'one', MODE);
    assert.deepEqual(calls.splice(0), ['sync file', 'rename', 'sync folder']);
    writeFileSync(join(dir, 'other'), 'two');
    await renameDurably(join(dir, 'other'), join(dir, 'file'));
    assert.deepEqual(calls, ['sync file', 'rename', 'sync folder']);
    assert.equal(readFileSync(join(dir, 'file'), 'utf8'), 'two');
  });

  it('stays as it was where it may not be replaced, or a piece fails', async (t) => {
    const dir = scratchFolder(t);
    const path = join(dir, 'file');
    writeFileSync(path, 'old');
    assert.equal(await writeDurably(path, 'new', { ...MODE, mayReplace: async () => false }), false);
    // biome-ignore lint/correctness/useYield: it fails before.
    async function* failing(): AsyncGenerator<string> {
      throw new Error('no more');
    }
    await assert.rejects(writeDurably(path, failing(), MODE), /no more/);
    assert.equal(readFileSync(path, 'utf8'), 'old');
    assert.deepEqual(readdirSync(dir), ['file']);
  });

  it('is one at a time, whoever writes', async (t) => {
    const dir = scratchFolder(t);
    let underWay = 0;
    let most = 0;
    async function* slowly() {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      yield 'text';
      underWay -= 1;
    }
    await Promise.all(Array.from({ length: 8 }, (_, at) => writeDurably(join(dir, `${at}`), slowly(), MODE)));
    assert.equal(most, 1);
    assert.equal(readdirSync(dir).length, 8);
  });

  it('throws why not: a file where a folder is needed', async (t) => {
    const dir = scratchFolder(t);
    writeFileSync(join(dir, 'taken'), '');
    const errno = (path: string) =>
      writeDurably(path, 'x', MODE).then(
        () => 'written',
        (error: unknown) => errnoOf(error),
      );
    assert.equal(await errno(join(dir, 'taken', 'file')), 'EEXIST');
    assert.equal(await errno(join(dir, 'taken', 'deep', 'file')), 'ENOTDIR');
  });

  it('throws why not: the user may not write there', { skip: process.getuid?.() === 0 && 'root may' }, async (t) => {
    const dir = join(scratchFolder(t), 'closed');
    mkdirSync(dir, { mode: 0o500 });
    await assert.rejects(makeFolder(join(dir, 'a', 'b')), { code: 'EACCES' });
    chmodSync(dir, 0o700);
  });
});

describe('what a process that was killed left beside files', () => {
  it('is removed, and nothing else is', async (t) => {
    const dir = scratchFolder(t);
    const left = [
      `.mine.wasm.${endedPid()}.0123456789ab.new`,
      // In a container it had the number of this process, as a rule.
      `.host.toml.${process.pid}.0123456789ab.new`,
      `.task.${endedPid()}.0123456789ab.new`,
    ];
    const others = ['mine.wasm', '.mine.wasm', 'mine.wasm.new', '.mine.wasm.0123.new', '.gitkeep'];
    for (const name of [...left.slice(0, 2), ...others]) writeFileSync(join(dir, name), name);
    mkdirSync(join(dir, left[2] ?? '', 'in it'), { recursive: true });
    assert.equal(await removeLeftovers(dir, Date.now()), 3);
    assert.deepEqual(readdirSync(dir).sort(), [...others].sort());
    assert.equal(await removeLeftovers(join(dir, 'nowhere'), Date.now()), 0);
  });

  it('is left alone while another process, or this one, may be writing it; after ten minutes none is', async (t) => {
    const dir = scratchFolder(t);
    const mine = new Beside(join(dir, 'file'));
    writeFileSync(mine.path, 'half');
    const others = join(dir, `.file.${process.ppid}.0123456789ab.new`);
    writeFileSync(others, 'half');
    assert.equal(await removeLeftovers(dir, Date.now()), 0);
    assert.equal(await removeLeftovers(dir, Date.now() + ELEVEN_MINUTES_MS), 1);
    assert.ok(existsSync(mine.path));
    await mine.discard();
    assert.deepEqual(readdirSync(dir), []);
  });
});
