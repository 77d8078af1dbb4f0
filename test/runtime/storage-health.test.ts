/** What is known of the disk: told by who writes, and by looking; on a disk and a clock in the test's hand. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Disk, type Space, StorageHealth } from '../../src/runtime/storage-health';

const MIB = 2 ** 20;
const errno = (code: string) => Object.assign(new Error(code), { code });

class HandDisk implements Disk {
  space: Space | Error = { bytes: { free: 900 * MIB, size: 1_000 * MIB }, freeFiles: 1_000 };
  writes: 'fine' | Error = 'fine';
  looks = 0;
  tries = 0;

  async look(): Promise<Space> {
    this.looks += 1;
    if (this.space instanceof Error) throw this.space;
    return this.space;
  }

  async tryToWrite(): Promise<void> {
    this.tries += 1;
    if (this.writes instanceof Error) throw this.writes;
  }
}

function opened(t: { after(end: () => Promise<void>): void }) {
  const disk = new HandDisk();
  const time = { now: 0, date: 1_000 };
  const health = new StorageHealth('/data/wasi', disk, { monotonic: () => time.now, now: () => time.date });
  const told = { changed: 0, writable: 0, lines: [] as string[] };
  health.open({
    changed: () => {
      told.changed += 1;
    },
    writable: () => {
      told.writable += 1;
    },
    say: (level, text) => told.lines.push(`${level}: ${text}`),
  });
  t.after(() => health.close());
  return { disk, time, health, told };
}

describe('the health of the storage', () => {
  it('is fine while there is room and nothing failed, and looking writes nothing', async (t) => {
    const { health, disk, told } = opened(t);
    await health.look();
    assert.deepEqual(health.view(), {
      status: 'ok',
      folder: '/data/wasi',
      freeBytes: 900 * MIB,
      sizeBytes: 1_000 * MIB,
      failedWrites: 0,
      notKept: [],
    });
    assert.equal(disk.tries, 0);
    assert.deepEqual(told, { changed: 0, writable: 0, lines: [] });
  });

  it('lists what could not be written, since the first time, why and what to do, until it is written', (t) => {
    const { health, time, told } = opened(t);
    health.report('history').failed(errno('ENOSPC'));
    time.date = 9_000;
    health.report('history').failed(errno('ENOSPC'));
    health.report('state', 'bme680').failed(errno('EROFS'));
    const { status, failedWrites, notKept, secondsSinceLastWrite } = health.view();
    assert.deepEqual([status, failedWrites, secondsSinceLastWrite], ['failing', 3, undefined]);
    assert.deepEqual(
      notKept.map(({ what, plugin, since, reason }) => [what, plugin, since, reason]),
      [
        ['history', undefined, 1_000, 'ENOSPC'],
        ['state', 'bme680', 9_000, 'EROFS'],
      ],
    );
    assert.match(notKept[0]?.message ?? '', /^the history is not being kept \(ENOSPC\): the disk is full.*Make room/);
    assert.match(notKept[1]?.message ?? '', /^what bme680 wants kept is not being kept \(EROFS\): .*read-only/);
    health.report('history').written();
    health.report('state', 'other').written();
    time.now = 2_500;
    assert.deepEqual(
      health.view().notKept.map(({ what }) => what),
      ['state'],
    );
    assert.equal(health.view().secondsSinceLastWrite, 2.5);
    health.report('state', 'bme680').settled();
    assert.equal(health.view().status, 'ok');
    // Each time that the list is another one: the same failure once more is no news.
    assert.equal(told.changed, 4);
  });

  for (const code of ['EROFS', 'EIO', 'EACCES']) {
    it(`fails with ${code} although nothing is written just now, which is logged once`, async (t) => {
      const { health, disk, told } = opened(t);
      await health.look();
      disk.space = errno(code);
      await health.look();
      await health.look();
      assert.deepEqual(
        health.view().notKept.map(({ what, reason }) => [what, reason]),
        [['disk', code]],
      );
      assert.equal(told.lines.length, 1);
      assert.match(told.lines[0] ?? '', new RegExp(`^warn: nothing can be written to the disk .*\\(${code}\\)`));
    });
  }

  it('fails where no file can be made any more, once a write has shown it', async (t) => {
    const { health, disk } = opened(t);
    await health.look();
    disk.space = { bytes: { free: 900 * MIB, size: 1_000 * MIB }, freeFiles: 0 };
    disk.writes = errno('ENOSPC');
    await health.look();
    assert.deepEqual(
      health.view().notKept.map(({ what, reason }) => [what, reason]),
      [['disk', 'ENOSPC']],
    );
    assert.equal(health.view().failedWrites, 1);
  });

  it('is fine on a file system that tells no size, or tells none free and takes writes', async (t) => {
    const { health, disk } = opened(t);
    for (const space of [
      { bytes: undefined, freeFiles: undefined },
      { bytes: { free: 0, size: 0 }, freeFiles: undefined },
    ]) {
      disk.space = space;
      await health.look();
      assert.deepEqual(health.view().notKept, []);
    }
  });

  it('tries to write at most every half minute while something fails, and tells who waits that it can', async (t) => {
    const { health, disk, time, told } = opened(t);
    await health.look();
    disk.writes = errno('EIO');
    for (const what of ['history', 'prepared', 'host-toml'] as const) health.report(what).failed(errno('EIO'));
    for (time.now = 0; time.now < 60_000; time.now += 5_000) await health.look();
    assert.equal(disk.tries, 2);
    assert.equal(health.view().notKept.length, 4);
    disk.writes = 'fine';
    time.now = 60_000;
    await health.look();
    // Who writes it again says that it is kept; nobody writes the others again by himself.
    assert.deepEqual(
      health.view().notKept.map(({ what }) => what),
      ['history'],
    );
    assert.equal(told.writable, 1);
    assert.match(told.lines.at(-1) ?? '', /^info: the disk of \/data\/wasi can be written again/);
    health.report('history').written();
    assert.equal(health.view().status, 'ok');
    const tries = disk.tries;
    time.now = 120_000;
    await health.look();
    assert.equal(disk.tries, tries);
  });

  it('warns once while little is free, more on a large disk, and says when there is room again', async (t) => {
    const { health, disk, told } = opened(t);
    await health.look();
    const at = async (free: number, size: number) => {
      disk.space = { bytes: { free: free * MIB, size: size * MIB }, freeFiles: 100 };
      await health.look();
      return health.view().status;
    };
    assert.equal(await at(49, 1_000), 'low');
    assert.equal(await at(48, 1_000), 'low');
    // No line in the log each time that it goes to and fro.
    assert.equal(await at(52, 1_000), 'low');
    assert.equal(await at(56, 1_000), 'ok');
    assert.equal(await at(31, 64), 'low');
    assert.equal(await at(36, 64), 'ok');
    assert.equal(await at(511, 100_000), 'low');
    assert.equal(await at(570, 100_000), 'ok');
    assert.equal(told.lines.length, 6);
    assert.match(told.lines[0] ?? '', /^warn: the disk of \/data\/wasi has 49 MiB left: make room/);
  });

  it('asks a disk that does not answer once, and closes nevertheless', async (t) => {
    const { health, disk } = opened(t);
    await health.look();
    const before = disk.looks;
    disk.look = () => {
      disk.looks += 1;
      return new Promise<Space>(() => undefined);
    };
    void health.look();
    void health.look();
    assert.equal(disk.looks, before + 1);
    await health.close();
  });
});
