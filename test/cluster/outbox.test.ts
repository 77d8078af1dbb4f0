/** The outbox: what it promises of a reading, whatever happens to the disk and the power. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Outbox } from '../../src/cluster/outbox/outbox';
import { segmentFolder } from '../../src/cluster/outbox/segment-files';
import { ToldReport } from '../platform/told-report';
import { opened } from './opened-outbox';
import { MemoryFiles, numbered } from './outbox-files';

/** Everything, as a publisher takes it. */
async function drain(outbox: Outbox, at = 7): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const batch = await outbox.next(at, 1_000_000);
    if (batch === undefined) return texts;
    texts.push(...batch.entries.map(({ text }) => text));
    outbox.acknowledge(batch.epoch, batch.entries.at(-1)?.seq ?? 0);
  }
}

describe('the outbox', () => {
  it('gives readings back in their order and keeps nothing that is acknowledged', async () => {
    const { outbox } = await opened(new MemoryFiles());
    outbox.add(numbered(0, 20));
    assert.deepEqual(await drain(outbox), numbered(0, 20));
    assert.equal(outbox.pending, 0);
    await outbox.close();
  });

  it('writes nothing while readings are acknowledged in time', async () => {
    const files = new MemoryFiles();
    const { outbox, clock } = await opened(files);
    for (let second = 0; second < 100; second++) {
      outbox.add(numbered(second, 10));
      await drain(outbox);
      await clock.advance(1_000);
    }
    await outbox.close();
    assert.equal(files.writes, 0);
    assert.equal(files.files.size, 0);
  });

  it('writes at most once a second while nothing is acknowledged', async () => {
    const files = new MemoryFiles();
    const { outbox, clock } = await opened(files);
    for (let tick = 0; tick < 200; tick++) {
      outbox.add(numbered(tick, 1));
      await clock.advance(50);
    }
    assert.ok(files.writes <= 10, `${files.writes} writes in ten seconds`);
    assert.ok(files.writes >= 7, `${files.writes} writes in ten seconds`);
    await outbox.close();
  });

  it('a batch has no more readings and bytes than asked for, and one reading at least', async () => {
    const { outbox } = await opened(new MemoryFiles());
    outbox.add(['x'.repeat(100), 'y'.repeat(10), 'z'.repeat(10)]);
    assert.equal((await outbox.next(10, 50))?.entries.length, 1);
    assert.equal((await outbox.next(2, 1_000))?.entries.length, 2);
    await outbox.close();
  });

  it('what was acknowledged while it was on its way to disk is not published again', async () => {
    const files = new MemoryFiles();
    const { outbox, clock } = await opened(files);
    outbox.add(numbered(0, 10));
    const batch = await outbox.next(4, 1_000);
    await clock.advance(4_000);
    outbox.acknowledge(batch?.epoch ?? '', 4);
    assert.deepEqual(await drain(outbox), numbered(4, 6));
    await outbox.close();
    assert.equal(files.files.size, 0);
  });

  it('what goes to a file is not forgotten with what was acknowledged of that file meanwhile', async () => {
    const files = new MemoryFiles();
    const { outbox, clock } = await opened(files);
    outbox.add(numbered(0, 4));
    const batch = await outbox.next(4, 1_000);
    await clock.advance(3_000);
    outbox.add(numbered(4, 6));
    files.hold();
    await clock.advance(3_000);
    outbox.acknowledge(batch?.epoch ?? '', 4);
    files.release();
    assert.equal(outbox.pending, 6);
    assert.deepEqual(await drain(outbox), numbered(4, 6));
    await outbox.close();
    assert.deepEqual([files.writes, files.files.size], [2, 0]);
  });

  it('a file goes once, however often its readings are acknowledged before it is gone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wasi-outbox-'));
    const { outbox, clock, told } = await opened(segmentFolder(folder));
    outbox.add(numbered(0, 10));
    for (let second = 0; second < 4; second++) await clock.advance(1_000);
    await outbox.next(100, 1_000_000);
    outbox.acknowledge(outbox.epoch, 10);
    outbox.acknowledge(outbox.epoch, 10);
    await outbox.close();
    assert.deepEqual([readdirSync(folder), told.warnings], [[], []]);
    rmSync(folder, { recursive: true });
  });

  it('when it is full the oldest go, counted', async () => {
    const { outbox, clock, told } = await opened(new MemoryFiles(), { maxReadings: 100 });
    for (let i = 0; i < 50; i++) {
      outbox.add(numbered(i * 10, 10));
      await clock.advance(3_000);
      // Read from, so that what is on disk is in many segments.
      await outbox.next(1, 1);
    }
    const left = await drain(outbox);
    assert.ok(left.length <= 100, `${left.length} are left`);
    assert.equal(told.dropped + left.length, 500);
    assert.deepEqual(left, numbered(500 - left.length, left.length));
    await outbox.close();
  });

  it('a full disk costs no reading while memory holds them, and then the oldest, counted', async () => {
    const files = new MemoryFiles();
    files.room = 200;
    const { outbox, clock, told } = await opened(files, { maxMemoryBytes: 1_000 });
    outbox.add(numbered(0, 50));
    await clock.advance(10_000);
    assert.equal(told.warnings.filter((text) => /ENOSPC.*kept in memory/.test(text)).length, 1);
    assert.equal(told.dropped, 0);
    outbox.add(numbered(50, 100));
    const left = await drain(outbox);
    assert.ok(told.dropped > 0);
    assert.equal(told.dropped + left.length, 150);
    assert.equal(left.at(-1), '{"n":149}');
    await outbox.close();
  });

  it('tells that the disk does not take it, until it does, or until etcd has all of it', async () => {
    const files = new MemoryFiles();
    const report = new ToldReport();
    files.room = 10;
    const { outbox, clock } = await opened(files, {}, report);
    outbox.add(numbered(0, 50));
    await clock.advance(5_000);
    assert.equal(report.told.length, 1);
    assert.match(report.told[0] ?? '', /^failed .*ENOSPC/);
    files.room = Number.POSITIVE_INFINITY;
    await clock.advance(2_000);
    assert.equal(report.told.at(-1), 'written');
    files.room = 0;
    outbox.add(numbered(50, 60));
    await clock.advance(5_000);
    assert.match(report.told.at(-1) ?? '', /^failed/);
    await drain(outbox);
    assert.equal(report.told.at(-1), 'settled');
    await outbox.close();
  });

  it('a disk with room again takes what had to wait in memory', async () => {
    const files = new MemoryFiles();
    files.room = 10;
    const { outbox, clock } = await opened(files);
    outbox.add(numbered(0, 50));
    await clock.advance(5_000);
    files.room = Number.POSITIVE_INFINITY;
    await clock.advance(2_000);
    await outbox.close();
    const next = await opened(files);
    assert.deepEqual(await drain(next.outbox), numbered(0, 50));
    await next.outbox.close();
  });
});

describe('the outbox on a real disk', () => {
  it('keeps readings over a restart, readable by nobody else, in files that go when all is acknowledged', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'outbox-')), 'wasi', 'outbox');
    const first = await opened(segmentFolder(folder));
    first.outbox.add(numbered(0, 1_000));
    await first.outbox.close();
    const [name] = readdirSync(folder);
    assert.equal(statSync(join(folder, name ?? '')).mode & 0o777, 0o600);
    const second = await opened(segmentFolder(folder));
    assert.equal(second.outbox.pending, 1_000);
    second.outbox.add(numbered(1_000, 10));
    assert.deepEqual(await drain(second.outbox, 100), numbered(0, 1_010));
    await second.outbox.close();
    assert.deepEqual(readdirSync(folder), []);
    rmSync(folder, { recursive: true });
  });

  it('leaves out what a power failure tore, says so, and passes over what is not its own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'outbox-'));
    const first = await opened(segmentFolder(folder));
    first.outbox.add(numbered(0, 10));
    await first.outbox.close();
    const name = readdirSync(folder)[0] ?? '';
    const data = readFileSync(join(folder, name));
    writeFileSync(join(folder, name), data.subarray(0, data.length - 5));
    writeFileSync(join(folder, 'notes.txt'), 'not a segment');
    const second = await opened(segmentFolder(folder));
    assert.deepEqual(await drain(second.outbox), numbered(0, 9));
    assert.match(second.told.warnings[0] ?? '', /the last \d+ bytes of .* are not whole/);
    await second.outbox.close();
    assert.deepEqual(readdirSync(folder), ['notes.txt']);
    rmSync(folder, { recursive: true });
  });
});
