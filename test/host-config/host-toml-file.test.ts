import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { HostTomlFile } from '../../src/host-config/host-toml-file';
import { NotWritten } from '../../src/host-config/not-written';
import { ConfigInvalid } from '../../src/host-config/problems';
import { ToldReport } from '../platform/told-report';
import { scratchFolder } from '../wasm/components';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const ROOT_ONLY = isRoot ? {} : { skip: 'only root can make what this needs: another owner, or a small file system' };

function fileIn(userDir: string, configFile = ''): HostTomlFile {
  return new HostTomlFile({ configSource: 'file', configFile, configText: '', userDir });
}

function hostToml(
  t: TestContext,
  text?: string,
): { readonly file: HostTomlFile; readonly path: string; readonly dir: string } {
  const userDir = scratchFolder(t);
  const dir = join(userDir, 'wasi');
  const path = join(dir, 'host.toml');
  if (text !== undefined) {
    mkdirSync(dir);
    writeFileSync(path, text);
  }
  return { file: fileIn(userDir), path, dir };
}

function notWritten(pattern: RegExp, lines = '[plugins.mine]\nenabled = true'): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof NotWritten, String(error));
    assert.match(error.message, pattern);
    assert.equal(error.lines, lines);
    return true;
  };
}

const ENABLE = { plugin: 'mine', enabled: true };

describe('host.toml is written', () => {
  it('where there was none, in a folder that was not there', async (t) => {
    const { file, path } = hostToml(t);
    assert.deepEqual(await file.read(), { path, text: '', revision: 'none', exists: false });
    await file.edit(ENABLE);
    assert.equal(readFileSync(path, 'utf8'), '[plugins.mine]\nenabled = true\n');
    assert.equal(statSync(path).mode & 0o777, 0o644);
  });

  it('with the mode and the owner that it had', ROOT_ONLY, async (t) => {
    const { file, path } = hostToml(t, '# mine\n');
    chmodSync(path, 0o640);
    chownSync(path, 12, 34);
    await file.edit(ENABLE);
    const { mode, uid, gid } = statSync(path);
    assert.deepEqual({ mode: mode & 0o777, uid, gid }, { mode: 0o640, uid: 12, gid: 34 });
  });

  it('through a link, which stays one', async (t) => {
    const { file, path, dir } = hostToml(t, '');
    const real = join(scratchFolder(t), 'real.toml');
    writeFileSync(real, '# real\n');
    execFileSync('rm', [path]);
    symlinkSync(real, path);
    await file.edit(ENABLE);
    assert.ok(lstatSync(path).isSymbolicLink());
    assert.equal(readFileSync(real, 'utf8'), '# real\n\n[plugins.mine]\nenabled = true\n');
    assert.deepEqual(readdirSync(dir), ['host.toml']);
  });

  it('as a whole text, of the revision that it was made from alone', async (t) => {
    const { file, path } = hostToml(t, '# one\n');
    const { revision } = await file.read();
    const second = await file.write('\ufeff# two\r\n', revision);
    assert.equal(readFileSync(path, 'utf8'), '\ufeff# two\r\n');
    assert.equal((await file.read()).revision, second.revision);
    await assert.rejects(file.write('# three\n', revision), notWritten(/changed meanwhile/, ''));
    assert.equal(readFileSync(path, 'utf8'), '\ufeff# two\r\n');
  });

  it('by many at once, one after the other, so that none is lost', async (t) => {
    const { file, path } = hostToml(t, '');
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    await Promise.all(names.map((plugin) => file.edit({ plugin, enabled: false })));
    for (const name of names) assert.match(readFileSync(path, 'utf8'), new RegExp(`\\[plugins\\.${name}\\]`));
  });

  it('by so many at once and no more', async (t) => {
    const { file } = hostToml(t, '');
    const edits = await Promise.allSettled(Array.from({ length: 9 }, () => file.edit(ENABLE)));
    assert.equal(edits.filter(({ status }) => status === 'rejected').length, 1);
  });

  it('by one of two writers that started from the same text', async (t) => {
    const { file } = hostToml(t, '');
    const { revision } = await file.read();
    const writes = await Promise.allSettled([file.write('# a\n', revision), file.write('# b\n', revision)]);
    assert.deepEqual(
      writes.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
  });
});

describe('host.toml is left as it is', () => {
  it('where the new text is not valid, with each problem', async (t) => {
    const { file, path } = hostToml(t, '# one\n');
    const { revision } = await file.read();
    for (const [text, line] of [
      ['[leds]\ncount = -1\n', 2],
      ['[leds\n', 1],
      [`# ${'x'.repeat(65 * 1024)}`, 1],
    ] as const) {
      await assert.rejects(
        file.write(text, revision),
        (error) => error instanceof ConfigInvalid && error.problems[0]?.line === line,
      );
    }
    assert.equal(readFileSync(path, 'utf8'), '# one\n');
  });

  it('where the text is in the node', async () => {
    const file = new HostTomlFile({ configSource: 'inline', configFile: '', configText: '', userDir: '/nowhere' });
    await assert.rejects(file.edit(ENABLE), notWritten(/text of the wasi-runtime node/));
    await assert.rejects(file.read(), notWritten(/text of the wasi-runtime node/, ''));
    await assert.rejects(file.write('', 'none'), notWritten(/text of the wasi-runtime node/, ''));
  });

  it('where it is no text', async (t) => {
    const { file, path } = hostToml(t);
    mkdirSync(join(path, '..'));
    writeFileSync(path, Buffer.from([0xff, 0xfe]));
    await assert.rejects(file.edit(ENABLE), { code: 'CONFIG_INVALID', message: /not UTF-8/ });
    assert.deepEqual(readFileSync(path), Buffer.from([0xff, 0xfe]));
  });

  it('where this user may not write into its folder', async (t) => {
    const { file, path, dir } = hostToml(t, '# one\n');
    chmodSync(join(dir, '..'), 0o755);
    chmodSync(dir, 0o555);
    if (isRoot) process.seteuid?.(NOBODY);
    try {
      await assert.rejects(
        file.edit(ENABLE),
        notWritten(/\(EACCES\): the user of Node-RED may not write it.*\. Write these lines into it by hand/),
      );
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(dir, 0o755);
    }
    assert.equal(readFileSync(path, 'utf8'), '# one\n');
    assert.deepEqual(readdirSync(dir), ['host.toml']);
  });

  it('where its owner could not be kept', ROOT_ONLY, async (t) => {
    const { file, path, dir } = hostToml(t, '# one\n');
    chmodSync(join(dir, '..'), 0o755);
    chmodSync(dir, 0o777);
    chmodSync(path, 0o666);
    process.seteuid?.(NOBODY);
    try {
      await assert.rejects(file.edit(ENABLE), notWritten(/keep its owner/));
    } finally {
      process.seteuid?.(0);
    }
    assert.deepEqual(readdirSync(dir), ['host.toml']);
  });

  for (const [what, pattern, spoil] of [
    [
      'no space is left',
      /\(ENOSPC\): the disk is full/,
      (dir: string) => execFileSync('sh', ['-c', `dd if=/dev/zero of=${dir}/full bs=4096 2>/dev/null || true`]),
    ],
    [
      'the file system is read-only',
      /\(EROFS\): its disk is mounted read-only/,
      (dir: string) => execFileSync('mount', ['-o', 'remount,ro', dir]),
    ],
  ] as const) {
    it(`where ${what}`, ROOT_ONLY, async (t) => {
      const { file, path, dir } = hostToml(t);
      mkdirSync(dir);
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32k', 'tmpfs', dir], { stdio: 'pipe' });
      } catch (error) {
        t.skip(`no file system can be mounted here: ${String(error)}`);
        return;
      }
      try {
        const report = new ToldReport();
        file.reportTo(report);
        await file.edit({ plugin: 'other', enabled: true });
        writeFileSync(path, '# one\n');
        spoil(dir);
        await assert.rejects(file.edit(ENABLE), notWritten(pattern));
        assert.match(report.told.join(), /^written,failed (?:ENOSPC|EROFS)$/);
        assert.equal(readFileSync(path, 'utf8'), '# one\n');
        assert.deepEqual(
          readdirSync(dir).filter((name) => name.endsWith('.new')),
          [],
        );
      } finally {
        execFileSync('umount', [dir]);
      }
    });
  }
});
