/** A runtime on a card that becomes full or read-only: health says so by itself, what is not kept, and that it is over. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, rmSync, symlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { healthAnswer } from '../../src/dashboard/api';
import { errnoOf } from '../../src/platform/errno';
import { NONE_BUNDLED, TestRuntime } from '../runtime/test-runtime';
import { until } from '../support/until';
import { makePrepared, PREPARED } from '../wasm/prepared-guests';
import { Card } from './card';

const LIMIT_MS = 120_000;
const STATE = ['dht22', 'pi_monitor', 'dashboard']
  .map((name) => `[plugins.${name}]\nenabled = false\n`)
  .concat('[plugins.bme680.settings]\nburn_in_s = 0\n')
  .join('');

/** Until no byte more can be written. */
function fill(folder: string): string {
  const path = join(folder, 'filler');
  const file = openSync(path, 'w');
  try {
    for (const size of [2 ** 20, 2 ** 12, 1]) {
      try {
        for (;;) writeSync(file, Buffer.alloc(size));
      } catch (error) {
        assert.equal(errnoOf(error), 'ENOSPC');
      }
    }
  } finally {
    closeSync(file);
  }
  return path;
}

function cardUserDir(card: Card): string {
  mkdirSync(join(card.folder, 'wasi', 'plugins'), { recursive: true });
  makePrepared();
  symlinkSync(PREPARED, join(card.folder, 'wasi', 'prepared'));
  return card.folder;
}

const healthOf = ({ runtime }: TestRuntime) => healthAnswer(runtime.plugins(), undefined, runtime.storage.view());

async function becomes(host: TestRuntime, status: number): Promise<void> {
  await until(
    () => healthOf(host).status === status,
    () => `health ${status}, not ${JSON.stringify(host.runtime.storage.view())}`,
    LIMIT_MS,
  );
}

const kept = ({ runtime }: TestRuntime) =>
  runtime.storage.view().notKept.map(({ what, reason }) => `${what} ${reason}`);

describe('the health of a node whose card', () => {
  it('is full or read-only is 503 although nothing is written, and 200 when that is over', async (t) => {
    const card = Card.open(t, 16);
    if ('reason' in card) return t.skip(card.reason);
    const host = await TestRuntime.open(t, NONE_BUNDLED, {}, { userDir: cardUserDir(card) });
    await until(
      () => host.runtime.storage.view().freeBytes !== undefined,
      () => 'the card was looked at',
      LIMIT_MS,
    );
    assert.equal(healthOf(host).status, 200);
    const filler = fill(card.folder);
    await becomes(host, 503);
    assert.deepEqual(kept(host), ['disk ENOSPC']);
    assert.match(healthOf(host).body, /Make room on it/);
    rmSync(filler);
    await becomes(host, 200);
    execFileSync('mount', ['-o', 'remount,ro', card.folder]);
    await becomes(host, 503);
    assert.deepEqual(kept(host), ['disk EROFS']);
    execFileSync('mount', ['-o', 'remount,rw', card.folder]);
    await becomes(host, 200);
    assert.equal(host.logged('info', /can be written again/).length, 2);
    await host.close();
  });

  it('is full names the plugin whose state is not kept, and all of it is kept when there is room', async (t) => {
    const card = Card.open(t, 16);
    if ('reason' in card) return t.skip(card.reason);
    const host = await TestRuntime.open(t, STATE, {}, { userDir: cardUserDir(card) });
    const filler = fill(card.folder);
    await host.poll('bme680');
    await until(
      () => kept(host).includes('state ENOSPC'),
      () => `the state as not kept, not ${kept(host)}`,
      LIMIT_MS,
    );
    assert.equal(healthOf(host).status, 503);
    const [state] = host.runtime.storage.view().notKept.filter(({ what }) => what === 'state');
    assert.equal(state?.plugin, 'bme680');
    rmSync(filler);
    await becomes(host, 200);
    assert.ok(existsSync(join(card.folder, 'wasi', 'state', 'bme680.json')));
    await host.close();
  });
});
