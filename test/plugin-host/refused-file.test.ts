/** A new file that cannot take over, while the old one goes on: whether it is tried again depends on why. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { WasiError } from '../../src/errors/wasi-error';
import { pluginConfig } from '../../src/host-config/plugin-tables';
import { Plugin } from '../../src/plugin-host/plugin';
import { DiskFailure } from '../../src/wasm/temporary-failure';
import { configOf, POLL, PROBE, probe, returned, surroundings } from './probes';

const UNREADABLE = new DiskFailure('probe.wasm could not be read: EACCES');
const INVALID = new WasiError('PLUGIN_INVALID', 'probe is no component');
const HOUR_MS = 3_600_000;

/** A plugin that runs, and whose file is another one that starts as `start` says. */
async function running(t: TestContext) {
  const said: string[] = [];
  const world: { now: number; key: string; why: WasiError | undefined } = { now: 0, key: '1', why: undefined };
  let starts = 0;
  let tries = 0;
  const plugin = new Plugin(
    pluginConfig(configOf(''), 'probe'),
    surroundings(
      async () => {
        tries += 1;
        if (world.why) throw world.why;
        starts += 1;
        const version = starts;
        return probe(async () => returned(version));
      },
      {
        locate: async () => ({ ...PROBE, key: world.key }),
        log: (_plugin, level, text) => level === 'warn' && said.push(text),
        // Long after the file was written.
        now: () => HOUR_MS,
        monotonic: () => world.now,
      },
    ),
  );
  t.after(() => plugin.close());
  const poll = async () => (await plugin.call(POLL, (value) => value)).value;
  assert.equal(await poll(), 1);
  /** A poll at this time, and what it made the plugin do beside it. */
  const pollAt = async (now: number) => {
    world.now = now;
    const version = await poll();
    await plugin.refresh();
    return version;
  };
  return { said, world, pollAt, tries: () => tries };
}

describe('a new file that cannot take over', () => {
  it('because of the disk is tried again after half a minute, said once, and taken when it can be read', async (t) => {
    const { said, world, pollAt, tries } = await running(t);
    Object.assign(world, { key: '2', why: UNREADABLE });
    for (const now of [0, 10_000, 30_000, 40_000]) assert.equal(await pollAt(now), 1);
    assert.equal(tries(), 3, 'its first start, and two of the new file');
    assert.deepEqual(said, [
      'its new file cannot be used and the old one goes on. PLUGIN_STORAGE: probe.wasm could not be read: EACCES',
    ]);
    world.why = undefined;
    await pollAt(50_000);
    assert.equal(await pollAt(55_000), 1, 'not yet');
    await pollAt(60_000);
    assert.equal(await pollAt(60_000), 2);
  });

  it('because of what it is stays as it is until it is another one', async (t) => {
    const { said, world, pollAt } = await running(t);
    Object.assign(world, { key: '2', why: INVALID });
    assert.equal(await pollAt(0), 1);
    world.why = undefined;
    await pollAt(HOUR_MS);
    assert.equal(await pollAt(HOUR_MS), 1);
    assert.equal(said.length, 1);
    world.key = '3';
    await pollAt(HOUR_MS);
    assert.equal(await pollAt(HOUR_MS), 2);
  });
});
