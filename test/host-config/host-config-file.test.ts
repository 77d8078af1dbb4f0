/** host.toml while it is in use: another file is noticed once it rests, and one that cannot be used is said once. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type ConfigLook, HostConfigFile } from '../../src/host-config/host-config-file';
import { MACHINE } from './host-toml';

/** Long after any file of these tests was written. */
const later = () => Date.now() + 60_000;
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

describe('host.toml while it is in use', () => {
  let userDir = '';
  let path = '';
  beforeEach(async () => {
    userDir = await mkdtemp(join(tmpdir(), 'host-config-'));
    path = join(userDir, 'host.toml');
  });
  afterEach(() => rm(userDir, { recursive: true, force: true }));

  function open(configText?: string): Promise<HostConfigFile> {
    const configSource = configText === undefined ? 'file' : 'inline';
    return HostConfigFile.open({ configSource, configFile: path, configText: configText ?? '', userDir }, MACHINE);
  }

  async function opened(text: string): Promise<HostConfigFile> {
    await writeFile(path, text);
    return open();
  }

  function unusable(look: ConfigLook, message: RegExp): void {
    assert.ok(look.kind === 'unusable', look.kind);
    assert.equal(look.error.code, 'CONFIG_INVALID');
    assert.match(look.error.message, message);
  }

  it('is the same as long as nobody writes it', async () => {
    const file = await opened('[leds]\ncount = 5\n');
    assert.equal(file.first.leds.count, 5);
    assert.deepEqual(await file.look(later()), { kind: 'same' });
  });

  it('is another one when it was written anew or replaced, and the same from then on', async () => {
    const file = await opened('[leds]\ncount = 5\n');
    await writeFile(path, '[leds]\ncount = 16\n');
    const written = await file.look(later());
    assert.ok(written.kind === 'changed' && written.config.leds.count === 16);
    await writeFile(`${path}.new`, '[leds]\ncount = 17\n');
    await rename(`${path}.new`, path);
    const replaced = await file.look(later());
    assert.ok(replaced.kind === 'changed' && replaced.config.leds.count === 17);
    assert.deepEqual(await file.look(later()), { kind: 'same' });
  });

  it('is another one when length and second are the same', async () => {
    const file = await opened('[leds]\ncount = 5\n');
    await writeFile(path, '[leds]\ncount = 6\n');
    const look = await file.look(later());
    assert.ok(look.kind === 'changed' && look.config.leds.count === 6);
  });

  it('is left alone while it may still be written: half of it may be valid', async () => {
    const file = await opened('[leds]\ncount = 5\n');
    await writeFile(path, '[leds]\n');
    const writtenAt = new Date();
    await utimes(path, writtenAt, writtenAt);
    assert.deepEqual(await file.look(writtenAt.getTime() + 50), { kind: 'same' });
    await writeFile(path, '[leds]\ncount = 7\n');
    const look = await file.look(later());
    assert.ok(look.kind === 'changed' && look.config.leds.count === 7);
  });

  it('is said to be broken once, with its line, until it is another file', async () => {
    const file = await opened('[leds]\ncount = 5\n');
    await writeFile(path, '[leds]\ncount = "many"\n');
    unusable(await file.look(later()), /line 2, leds.count: expected/);
    assert.deepEqual(await file.look(later()), { kind: 'same' });
    await writeFile(path, '[leds]\ncount = 8\n');
    assert.equal((await file.look(later())).kind, 'changed');
  });

  it('is said to be gone once, and noticed when it is back', async () => {
    const file = await opened('[leds]\ncount = 5\n');
    await rm(path);
    unusable(await file.look(later()), /expected a file, found none/);
    assert.deepEqual(await file.look(later()), { kind: 'same' });
    await writeFile(path, '[leds]\ncount = 5\n');
    assert.equal((await file.look(later())).kind, 'changed');
  });

  it('is taken over once it may be read, where its rights kept it from that', async () => {
    const file = await opened('[leds]\ncount = 5\n');
    await chmod(userDir, 0o755);
    await writeFile(path, '[leds]\ncount = 16\n');
    await chmod(path, isRoot ? 0o600 : 0o000);
    if (isRoot) process.seteuid?.(NOBODY);
    try {
      unusable(await file.look(later()), /cannot be read \(EACCES\)/);
      assert.deepEqual(await file.look(later()), { kind: 'same' });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
    await chmod(path, 0o644);
    const look = await file.look(later());
    assert.ok(look.kind === 'changed' && look.config.leds.count === 16, look.kind);
  });

  it('may come after the runtime was opened without one', async () => {
    const options = { configSource: 'file', configFile: '', configText: '', userDir } as const;
    const file = await HostConfigFile.open(options, MACHINE);
    assert.equal(file.first.source, 'built-in defaults');
    assert.deepEqual(await file.look(later()), { kind: 'same' });
  });

  it('never changes where it is inline', async () => {
    const file = await open('[leds]\ncount = 5\n');
    assert.equal(file.path, undefined);
    assert.deepEqual(await file.look(later()), { kind: 'same' });
  });
});
