import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { WasiError } from '../../src/errors/wasi-error';
import { StateFiles } from '../../src/plugin-host/state-files';
import { until } from '../support/until';
import { scratchFolder } from '../wasm/components';

function opened(dir: string): { files: StateFiles; losses: WasiError[] } {
  const losses: WasiError[] = [];
  return { files: new StateFiles(dir, (error) => losses.push(error)), losses };
}

/** Of a process that was killed, say. */
function endedPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

function openedFile(path: string): string {
  writeFileSync(path, '');
  return path;
}

function folder(t: TestContext): string {
  return join(scratchFolder(t), 'state');
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

describe('what a plugin keeps', () => {
  it('is nothing at first', async (t) => {
    const { files, losses } = opened(folder(t));
    assert.deepEqual(await files.read('mine'), new Map());
    assert.deepEqual(losses, []);
  });

  it('is there for the next run, of each plugin its own, whatever the bytes are', async (t) => {
    const dir = folder(t);
    const before = opened(dir).files;
    const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    before.apply(
      'mine',
      new Map([
        ['a', every],
        ['__proto__', bytes('p')],
        ['', new Uint8Array()],
      ]),
    );
    before.apply('other', new Map([['a', bytes('other')]]));
    await before.flush();
    const after = opened(dir).files;
    assert.deepEqual(
      await after.read('mine'),
      new Map([
        ['a', every],
        ['__proto__', bytes('p')],
        ['', new Uint8Array()],
      ]),
    );
    assert.deepEqual(await after.read('other'), new Map([['a', bytes('other')]]));
  });

  it('is never more than it may be: changes that lead beyond are refused whole, and told once', async (t) => {
    const { files, losses } = opened(folder(t));
    const keys = (count: number, prefix: string) =>
      new Map(Array.from({ length: count }, (_, at) => [`${prefix} ${at}`, bytes('1')]));
    files.apply('mine', keys(64, 'kept'));
    for (const changes of [
      keys(1, 'one too many'),
      keys(129, 'kept'),
      new Map([['kept 0', new Uint8Array(65_536)]]),
      new Map([
        ['kept 0', undefined],
        ['k'.repeat(65), bytes('1')],
      ]),
    ])
      files.apply('mine', changes);
    assert.deepEqual(await files.read('mine'), keys(64, 'kept'));
    assert.deepEqual(
      losses.map(({ message }) => message),
      [
        'mine wants more kept than 64 keys of 64 characters, 65536 bytes in all (a fixed limit): its changes are not kept',
      ],
    );
    files.apply('mine', new Map([['kept 0', undefined]]));
    files.apply('mine', keys(1, 'in its place'));
    await files.flush();
    assert.equal((await files.read('mine')).size, 64);
    assert.equal(losses.length, 1);
  });

  it('is changed key by key, and a deleted key stays deleted', async (t) => {
    const dir = folder(t);
    const { files } = opened(dir);
    files.apply(
      'mine',
      new Map([
        ['a', bytes('1')],
        ['b', bytes('2')],
      ]),
    );
    files.apply(
      'mine',
      new Map([
        ['a', undefined],
        ['c', bytes('3')],
      ]),
    );
    await files.flush();
    assert.deepEqual(
      await opened(dir).files.read('mine'),
      new Map([
        ['b', bytes('2')],
        ['c', bytes('3')],
      ]),
    );
    assert.deepEqual(
      await files.read('mine'),
      new Map([
        ['b', bytes('2')],
        ['c', bytes('3')],
      ]),
    );
  });

  it('touches no disk where nothing changed', async (t) => {
    const dir = folder(t);
    const { files } = opened(dir);
    files.apply('mine', new Map());
    await files.flush();
    assert.throws(() => statSync(dir), { code: 'ENOENT' });
  });

  it('is written whole, by nobody else to be read, and leaves nothing beside', async (t) => {
    const dir = folder(t);
    const { files } = opened(dir);
    for (let round = 0; round < 20; round += 1) files.apply('mine', new Map([['a', bytes(String(round))]]));
    await files.flush();
    assert.deepEqual(readdirSync(dir), ['mine.json']);
    assert.equal(statSync(join(dir, 'mine.json')).mode & 0o777, 0o600);
    assert.deepEqual(JSON.parse(readFileSync(join(dir, 'mine.json'), 'utf8')), {
      a: Buffer.from('19').toString('base64'),
    });
  });

  it('is not written more often than the disk can, however often it changes', async (t) => {
    const dir = folder(t);
    const { files } = opened(dir);
    const renames = t.mock.method(promises, 'rename');
    for (let round = 0; round < 100; round += 1) files.apply('mine', new Map([['a', bytes(String(round))]]));
    await files.flush();
    assert.equal(renames.mock.callCount(), 1, 'all that came before the disk was ready');
    assert.deepEqual(await opened(dir).files.read('mine'), new Map([['a', bytes('99')]]));
  });

  it('is written at once, then every 5 s at most, and a large one more seldom still: 4 MiB an hour', async (t) => {
    let now = 0;
    let due: { readonly at: number; work(): void } | undefined;
    const timing = {
      now: () => now,
      later: (ms: number, work: () => void) => {
        due = { at: now + ms, work };
        return () => {
          due = undefined;
        };
      },
    };
    const dir = folder(t);
    const files = new StateFiles(dir, (error) => assert.fail(error.message), timing);
    const renames = t.mock.method(promises, 'rename');
    const change = (value: Uint8Array) => files.apply('mine', new Map([['a', value]]));
    change(bytes('0'));
    await files.flush();
    const dueAt = () => due?.at;
    for (let round = 1; round <= 48; round += 1) change(bytes(String(round)));
    assert.equal(dueAt(), 5_000);
    now = 5_000;
    due?.work();
    await files.flush();
    assert.equal(renames.mock.callCount(), 2);
    // 80 000 characters in base64, a part of 4 MiB that is 68.7 s of an hour.
    change(new Uint8Array(60_000));
    assert.equal(dueAt(), 10_000);
    now = 10_000;
    due?.work();
    await files.flush();
    change(bytes('last'));
    assert.equal(Math.round((dueAt() ?? 0) / 100), 787);
    assert.equal(renames.mock.callCount(), 3);
    await files.close();
    assert.equal(dueAt(), undefined);
    assert.deepEqual(await opened(dir).files.read('mine'), new Map([['a', bytes('last')]]));
  });

  it('stays in its folder, however the plugin is called', async (t) => {
    const dir = folder(t);
    const { files } = opened(dir);
    files.apply('../../outside', new Map([['a', bytes('1')]]));
    await files.flush();
    assert.deepEqual(readdirSync(dir), ['..%2F..%2Foutside.json']);
  });
});

describe('a file of kept state', () => {
  for (const text of ['', '{"a": "MT', '[]', '"text"', 'null']) {
    it(`that is damaged (${JSON.stringify(text)}) is said, and the plugin starts without it`, async (t) => {
      const dir = folder(t);
      mkdirSync(dir);
      writeFileSync(join(dir, 'mine.json'), text);
      const { files, losses } = opened(dir);
      assert.deepEqual(await files.read('mine'), new Map());
      assert.match(
        losses.map(({ message }) => message).join(),
        /mine\.json is damaged: mine starts without kept state; the file is kept as .*mine\.json\.broken$/,
      );
      assert.equal(readFileSync(join(dir, 'mine.json.broken'), 'utf8'), text);
      files.apply('mine', new Map([['a', bytes('1')]]));
      await files.flush();
      assert.deepEqual(await opened(dir).files.read('mine'), new Map([['a', bytes('1')]]));
    });
  }

  it('that is larger than any that was written here is not read', async (t) => {
    const dir = folder(t);
    mkdirSync(dir);
    // Sparse: it takes no room, and would take as much memory.
    truncateSync(openedFile(join(dir, 'mine.json')), 400 * 2 ** 20);
    const { files, losses } = opened(dir);
    const reads = t.mock.method(promises, 'readFile');
    assert.deepEqual(await files.read('mine'), new Map());
    assert.equal(reads.mock.callCount(), 0);
    assert.match(losses[0]?.message ?? '', /is damaged/);
  });

  it('left half-written by a crash is not what is read', async (t) => {
    const dir = folder(t);
    const { files } = opened(dir);
    files.apply('mine', new Map([['a', bytes('1')]]));
    await files.flush();
    writeFileSync(join(dir, `.mine.json.${endedPid()}.0123456789ab.new`), '{"a": "');
    const next = opened(dir).files;
    assert.deepEqual(await next.read('mine'), new Map([['a', bytes('1')]]));
    next.apply('mine', new Map([['a', bytes('2')]]));
    await next.flush();
    assert.deepEqual(readdirSync(dir), ['mine.json']);
  });

  it('that cannot be written is said, and what it would hold is kept for this run', async (t) => {
    const dir = folder(t);
    writeFileSync(dir, 'a file where the folder should be');
    const { files, losses } = opened(dir);
    assert.deepEqual(await files.read('mine'), new Map());
    files.apply('mine', new Map([['a', bytes('1')]]));
    await files.flush();
    assert.match(losses.map(({ message }) => message).join(), /^what mine wants kept could not be written to /);
    assert.deepEqual(await files.read('mine'), new Map([['a', bytes('1')]]));
  });

  it('that cannot be written is said once, until it could be again', async (t) => {
    const dir = folder(t);
    const { files, losses } = opened(dir);
    for (const said of [1, 2]) {
      writeFileSync(dir, 'a file where the folder should be');
      for (const value of ['1', '2', '3']) {
        files.apply('mine', new Map([['a', bytes(value)]]));
        await files.flush();
      }
      assert.equal(losses.length, said);
      rmSync(dir);
      await files.flush();
      rmSync(dir, { recursive: true });
    }
  });

  it('that could not be written is written at the end, where it can be by then', async (t) => {
    const dir = folder(t);
    writeFileSync(dir, 'a file where the folder should be');
    const { files, losses } = opened(dir);
    files.apply('mine', new Map([['a', bytes('1')]]));
    await until(() => losses.length > 0);
    rmSync(dir);
    await files.flush();
    assert.deepEqual(await opened(dir).files.read('mine'), new Map([['a', bytes('1')]]));
  });
});
