/** A prepared component that was damaged on disk is prepared again: the poll that finds it works. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { liftedSensor } from '../hostile/wat';
import { until } from '../support/until';
import { scratchFolder } from '../wasm/components';
import { NONE_BUNDLED, TestRuntime } from './test-runtime';

/** Data from this size on is kept beside the code. */
const LARGE_BYTES = 2 ** 20;
const DATA = 'x'.repeat(LARGE_BYTES + 100_000);
const DATA_AT = 1_024;
const ANSWER = { 0: 'x'.charCodeAt(0) };

/** Answers with the last byte of its data. */
function withData(): Promise<Uint8Array> {
  return liftedSensor(
    '(result (list (tuple u32)))',
    `(memory (export "memory") 32) (data (i32.const ${DATA_AT}) "${DATA}")
    (func (export "poll") (result i32) (i32.store (i32.const 0) (i32.const 8)) (i32.store (i32.const 4) (i32.const 1))
      (i32.store (i32.const 8) (i32.load8_u (i32.const ${DATA_AT + DATA.length - 1}))) (i32.const 0))`,
    '(memory (core memory $i "memory"))',
  );
}

/** A user directory with a store of its own, in which a plugin with much data was prepared; returns its largest blobs. */
async function prepared(t: TestContext): Promise<{ readonly userDir: string; readonly blobs: readonly string[] }> {
  const userDir = scratchFolder(t);
  mkdirSync(join(userDir, 'wasi', 'plugins'), { recursive: true });
  const host = await TestRuntime.open(t, NONE_BUNDLED, {}, { userDir });
  host.renameIn('large', await withData());
  assert.deepEqual(await host.poll('large'), ANSWER);
  await host.close();
  const folder = join(userDir, 'wasi', 'prepared', 'blobs');
  const blobs = readdirSync(folder).map((file) => join(folder, file));
  return { userDir, blobs: blobs.filter((path) => statSync(path).size > LARGE_BYTES) };
}

describe('the data of a prepared plugin', () => {
  it('that was altered or cut short while nobody looked is made again', { timeout: 120_000 }, async (t) => {
    const { userDir, blobs } = await prepared(t);
    const [data] = blobs;
    assert.ok(data !== undefined && blobs.length === 1, blobs.join());
    const good = readFileSync(data);
    const altered = Uint8Array.from(good);
    altered[altered.length - 1] = 255 - (altered.at(-1) ?? 0);
    for (const damage of [() => writeFileSync(data, altered), () => truncateSync(data, LARGE_BYTES)]) {
      damage();
      const host = await TestRuntime.open(t, NONE_BUNDLED, {}, { userDir });
      assert.deepEqual(await host.poll('large'), ANSWER);
      assert.equal(host.plugin('large').failures, 0);
      await host.close();
      assert.ok(readFileSync(data).equals(good));
    }
  });
});

describe('a plugin that the disk kept from being prepared', () => {
  it('is prepared at a later poll, once there is room', { timeout: 60_000 }, async (t) => {
    const userDir = scratchFolder(t);
    const elsewhere = join(scratchFolder(t), 'not mounted');
    mkdirSync(join(userDir, 'wasi', 'plugins'), { recursive: true });
    symlinkSync(elsewhere, join(userDir, 'wasi', 'prepared'));
    const host = await TestRuntime.open(t, NONE_BUNDLED, { counter: 'counter_v1' }, { userDir });
    await assert.rejects(
      host.poll('counter'),
      /what is prepared cannot be kept in .* \(EEXIST\): it is a file .* or a link that leads nowhere/,
    );
    mkdirSync(elsewhere);
    await until(async () => {
      await host.poll('counter').catch(() => undefined);
      return host.plugin('counter').state === 'ready';
    });
    assert.equal((await host.poll('counter'))['version'], 1);
  });
});
