import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type ConfigOrigin, hostConfigPath, loadHostConfig } from '../../src/host-config/load-host-config';
import { MACHINE } from './host-toml';

describe('the configuration of a runtime', () => {
  let userDir = '';
  beforeEach(async () => {
    userDir = await mkdtemp(join(tmpdir(), 'host-config-'));
    await mkdir(join(userDir, 'wasi'));
  });
  afterEach(() => rm(userDir, { recursive: true, force: true }));

  function load(origin: Partial<ConfigOrigin>) {
    return loadHostConfig({ configSource: 'file', configFile: '', configText: '', userDir, ...origin }, MACHINE);
  }

  function refused(promise: Promise<unknown>, message: RegExp) {
    return assert.rejects(promise, { name: 'WasiError', code: 'CONFIG_INVALID', message });
  }

  it('is built in where no file is named and none lies in the user directory', async () => {
    assert.equal((await load({})).source, 'built-in defaults');
  });

  it('is wasi/host.toml of the user directory if it is there', async () => {
    const path = join(userDir, 'wasi', 'host.toml');
    await writeFile(path, '[leds]\ncount = 5\n');
    const config = await load({});
    assert.equal(config.source, path);
    assert.equal(config.leds.count, 5);
  });

  it('is the named file, from the user directory or absolute', async () => {
    await writeFile(join(userDir, 'mine.toml'), '[leds]\ncount = 6\n');
    assert.equal((await load({ configFile: 'mine.toml' })).leds.count, 6);
    assert.equal((await load({ configFile: join(userDir, 'mine.toml') })).leds.count, 6);
  });

  it('is the text of the node, whatever files there are', async () => {
    await writeFile(join(userDir, 'wasi', 'host.toml'), '[leds]\ncount = 5\n');
    const config = await load({ configSource: 'inline', configText: '[leds]\ncount = 7\n' });
    assert.equal(config.source, 'inline');
    assert.equal(config.leds.count, 7);
  });

  it('is refused where the named file is missing', () => {
    return refused(load({ configFile: 'gone.toml' }), /gone\.toml: expected a file, found none/);
  });

  it('is refused where its usual place is a link that leads nowhere: somebody meant a file to be read', async () => {
    await symlink('nowhere', join(userDir, 'wasi', 'host.toml'));
    await refused(load({}), /host\.toml is a link that leads nowhere/);
  });

  it('is refused where the file cannot be read, is no text or too long', async () => {
    await refused(
      load({ configFile: 'wasi' }),
      /wasi cannot be read \(EISDIR\): it is a folder where a file is needed/,
    );
    await writeFile(join(userDir, 'binary'), Buffer.from([0x61, 0xff, 0xfe]));
    await refused(load({ configFile: 'binary' }), /binary cannot be read: it is not UTF-8 text/);
    await writeFile(join(userDir, 'long'), '#'.repeat(100_000));
    await refused(load({ configFile: 'long' }), /long: expected at most 65536 bytes/);
  });

  it('names the file in a complaint about its content', async () => {
    await writeFile(join(userDir, 'wasi', 'host.toml'), '\n[leds]\ncount = "x"\n');
    await refused(load({}), /host\.toml, line 3, leds\.count: expected/);
  });

  it('is watched where it would be read from', () => {
    const origin = { configSource: 'file', configFile: '', configText: '', userDir } as const;
    assert.equal(hostConfigPath(origin), join(userDir, 'wasi', 'host.toml'));
    assert.equal(hostConfigPath({ ...origin, configFile: 'a.toml' }), join(userDir, 'a.toml'));
    assert.equal(hostConfigPath({ ...origin, configSource: 'inline' }), undefined);
  });
});
