/** The outbox on real file systems at their limits: full, read-only, and its own bounds of 64 MB and 500 000 readings. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Outbox, type OutboxLimits } from '../../src/cluster/outbox/outbox';
import { segmentFolder } from '../../src/cluster/outbox/segment-files';
import { NO_REPORT } from '../../src/platform/storage-report';
import { ManualClock } from '../support/manual-clock';
import { until } from '../support/until';
import { smallDisk } from './small-disk';

const MIB = 2 ** 20;
const SECOND_MS = 1_000;

function textOf(n: number, length: number): string {
  return `{"n":${n},"x":"${'x'.repeat(length)}"}`;
}

function numberOf(text: string): number {
  return Number(/^\{"n":(\d+),/.exec(text)?.[1]);
}

/** An outbox with its usual limits, which counts what it drops. */
class Box {
  dropped = 0;
  readonly warnings: string[] = [];
  readonly clock = new ManualClock();
  added = 0;

  private constructor(
    readonly folder: string,
    readonly textBytes: number,
  ) {}

  #outbox: Outbox | undefined;

  static async open(folder: string, textBytes: number, limits?: OutboxLimits): Promise<Box> {
    const box = new Box(folder, textBytes);
    box.#outbox = await Outbox.open({
      files: segmentFolder(folder),
      clock: box.clock,
      report: NO_REPORT,
      ...(limits === undefined ? {} : { limits }),
      onWarning: (text) => box.warnings.push(text),
      onDropped: (readings) => {
        box.dropped += readings;
      },
    });
    return box;
  }

  get outbox(): Outbox {
    if (this.#outbox === undefined) throw new Error('it is not open');
    return this.#outbox;
  }

  add(count: number): void {
    this.outbox.add(Array.from({ length: count }, (_, i) => textOf(this.added + i, this.textBytes)));
    this.added += count;
  }

  /** What is due goes to disk, as far as it can. */
  async seconds(count: number): Promise<void> {
    for (let second = 0; second < count; second++) {
      await this.clock.advance(SECOND_MS);
      // Its turn comes after the write that is under way.
      await this.outbox.next(1, 1);
    }
  }

  /** Everything that is left, as a publisher takes it. */
  async drain(): Promise<number[]> {
    const numbers: number[] = [];
    for (;;) {
      const batch = await this.outbox.next(5_000, MIB);
      if (batch === undefined) return numbers;
      for (const { text } of batch.entries) numbers.push(numberOf(text));
      this.outbox.acknowledge(batch.epoch, batch.entries.at(-1)?.seq ?? 0);
    }
  }

  get bytesOnDisk(): number {
    return readdirSync(this.folder).reduce((sum, name) => sum + statSync(join(this.folder, name)).size, 0);
  }
}

/** The newest, all of them, in order, and as many as were not counted as dropped. */
function assertNewest(numbers: readonly number[], added: number, dropped: number): void {
  assert.equal(numbers.length + dropped, added);
  assert.ok(
    numbers.every((n, i) => n === dropped + i),
    'one is missing, twice or out of its order',
  );
}

function memoryFolder(test: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wasi-outbox-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('the outbox on a disk at its limits', () => {
  it('a full disk: the oldest go for the newest, counted, and all of it is used again when there is room', async (test) => {
    const disk = smallDisk(test, 8);
    if ('reason' in disk) return test.skip(disk.reason);
    const ballast = join(disk.folder, 'ballast');
    writeFileSync(ballast, Buffer.alloc(disk.freeBytes() - 2 * MIB));
    const folder = join(disk.folder, 'outbox');
    const box = await Box.open(folder, 1_000);
    for (let round = 0; round < 20; round++) {
      box.add(500);
      await box.seconds(4);
    }
    assert.equal(box.warnings.filter((text) => /ENOSPC.*kept in memory.*make room/.test(text)).length, 1);
    assert.ok(box.dropped > 0, 'nothing was dropped');
    assert.equal(box.outbox.pending + box.dropped, box.added);
    // Two MB on disk, and up to four in memory.
    assert.ok(box.outbox.pending > 2_000, `${box.outbox.pending} are left`);
    rmSync(ballast);
    await box.seconds(4);
    await box.outbox.close();
    const next = await Box.open(folder, 1_000);
    assertNewest(await next.drain(), box.added, box.dropped);
    assert.deepEqual(next.warnings, []);
    await next.outbox.close();
    assert.equal(next.bytesOnDisk, 0);
  });

  it('a read-only disk: readings stay in memory, and go to it when it may be written again', async (test) => {
    const disk = smallDisk(test, 16);
    if ('reason' in disk) return test.skip(disk.reason);
    const folder = join(disk.folder, 'outbox');
    const box = await Box.open(folder, 1_000);
    box.add(500);
    await box.seconds(4);
    disk.remount('ro');
    box.add(500);
    await box.seconds(4);
    assert.equal(box.warnings.filter((text) => /EROFS.*correct the rights/.test(text)).length, 1);
    assert.deepEqual([box.outbox.pending, box.dropped], [1_000, 0]);
    // What was acknowledged cannot be removed, and is not handed out again.
    const batch = await box.outbox.next(200, MIB);
    box.outbox.acknowledge(batch?.epoch ?? '', batch?.entries.at(-1)?.seq ?? 0);
    assert.equal(box.outbox.pending, 800);
    disk.remount('rw');
    await box.seconds(4);
    await box.outbox.close();
    const next = await Box.open(folder, 1_000);
    // Which of a file's readings were acknowledged is etcd's to say.
    next.outbox.acknowledge(batch?.epoch ?? '', 200);
    assertNewest(await next.drain(), box.added, 200);
    await next.outbox.close();
  });

  it('a read-only disk from the start on, for longer than memory has room: the oldest go, counted', async (test) => {
    const disk = smallDisk(test, 8);
    if ('reason' in disk) return test.skip(disk.reason);
    disk.remount('ro');
    const box = await Box.open(join(disk.folder, 'outbox'), 1_000);
    for (let round = 0; round < 12; round++) {
      box.add(500);
      await box.seconds(4);
    }
    assert.equal(box.warnings.length, 1);
    assert.ok(box.dropped > 0 && box.outbox.pending > 3_900, `${box.dropped} dropped, ${box.outbox.pending} left`);
    assertNewest(await box.drain(), box.added, box.dropped);
    await box.outbox.close();
    disk.remount('rw');
  });

  for (const { what, textBytes, total, check } of [
    {
      what: '500 000 readings',
      textBytes: 30,
      total: 560_000,
      check: (left: number, bytes: number) => left <= 500_000 && left > 490_000 && bytes < 64 * MIB,
    },
    {
      what: '64 MB',
      textBytes: 1_000,
      total: 76_000,
      check: (left: number, bytes: number) => left < 76_000 && bytes <= 64 * MIB && bytes > 63 * MIB,
    },
  ])
    it(`keeps ${what} and no more, over a restart as well`, { timeout: 300_000 }, async (test) => {
      const folder = memoryFolder(test);
      const box = await Box.open(folder, textBytes);
      const atOnce = Math.floor((2 * MIB) / (textBytes + 20));
      while (box.added < total) {
        box.add(Math.min(atOnce, total - box.added));
        await box.seconds(3);
        const { pending } = box.outbox;
        assert.equal(pending + box.dropped, box.added);
      }
      await until(
        async () => {
          await box.seconds(1);
          return check(box.outbox.pending, box.bytesOnDisk);
        },
        () => `${box.outbox.pending} readings, ${box.bytesOnDisk} bytes`,
        30_000,
      );
      await box.outbox.close();
      const next = await Box.open(folder, textBytes);
      assert.equal(next.outbox.pending, box.outbox.pending);
      assertNewest(await next.drain(), box.added, box.dropped);
      await next.outbox.close();
      assert.deepEqual(readdirSync(folder), []);
      assert.deepEqual([...box.warnings, ...next.warnings], []);
    });
});
