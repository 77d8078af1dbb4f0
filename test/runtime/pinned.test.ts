/** `[plugins.X] sha256`: the one component that a plugin may be. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe } from 'node:test';
import { bundledComponents } from '../../src/runtime/bundled-components';
import { promise } from '../support/promise';
import { bytesOf, fixture, withCoreName } from '../wasm/components';
import { NONE_BUNDLED, TestRuntime } from './test-runtime';

const digestOf = (path: string) => createHash('sha256').update(bytesOf(path)).digest('hex');
const V1 = digestOf(fixture('counter_v1'));
const V2 = digestOf(fixture('counter_v2'));
const pin = (digest: string) => `${NONE_BUNDLED}[plugins.counter]\nsha256 = "${digest}"`;
/** Not just copied: what cannot be used is then said at once. */
const LONG_AGO = new Date(Date.now() - 60_000);

describe('a plugin that host.toml pins', () => {
  promise('does not run another component, and the refusal has both digests', async (t) => {
    const host = await TestRuntime.open(t, pin(V1), { counter: 'counter_v2' });
    await assert.rejects(host.runtime.poll('counter'), (error: unknown) => {
      assert.ok(error instanceof Error && 'code' in error && error.code === 'PLUGIN_INVALID');
      assert.ok(error.message.includes(`its sha256 is ${V2}`), error.message);
      assert.ok(error.message.includes(`its table there has sha256 = "${V1}"`), error.message);
      assert.ok(error.message.startsWith('counter: '), error.message);
      return true;
    });
    host.renameIn('counter', bytesOf(fixture('counter_v1')));
    assert.deepEqual(await host.poll('counter'), { count: 1, version: 1 });
  });

  promise(
    'goes on with its state when another file is copied over it, which is said once with both digests',
    async (t) => {
      const host = await TestRuntime.open(t, pin(V1), { counter: 'counter_v1' });
      assert.deepEqual(await host.poll('counter'), { count: 1, version: 1 });
      host.renameIn('counter', bytesOf(fixture('counter_v2')), LONG_AGO);
      await host.until(() => host.logged('warn', /./).length > 0);
      for (const count of [2, 3, 4]) assert.deepEqual(await host.poll('counter'), { count, version: 1 });
      const [said = '', ...more] = host.logged('warn', /cannot be used and the old one goes on/);
      assert.ok(said.includes('PLUGIN_INVALID') && said.includes(V1) && said.includes(V2), said);
      assert.deepEqual(more, []);
      host.renameIn('counter', bytesOf(fixture('counter_v1')));
      assert.deepEqual(await host.poll('counter'), { count: 5, version: 1 });
    },
  );

  promise('is all that is looked into: another file is neither parsed nor translated', async (t) => {
    const host = await TestRuntime.open(t, pin(V1));
    for (const bytes of [Buffer.from('no component at all'), await withCoreName('";process.exit();"')]) {
      host.renameIn('counter', bytes, LONG_AGO);
      const digest = createHash('sha256').update(bytes).digest('hex');
      await assert.rejects(host.runtime.poll('counter'), {
        code: 'PLUGIN_INVALID',
        message: new RegExp(`its sha256 is ${digest}`),
      });
    }
  });

  promise('may have its digest in capitals', async (t) => {
    const host = await TestRuntime.open(t, pin(V1.toUpperCase()), { counter: 'counter_v1' });
    assert.deepEqual(await host.poll('counter'), { count: 1, version: 1 });
  });

  promise('may be one that comes with the package', async (t) => {
    const digest = (await bundledComponents()).get('pi_monitor') ?? assert.fail('pi_monitor is not bundled');
    const pinned = (sha256: string) =>
      NONE_BUNDLED.replace('[plugins.pi_monitor]\nenabled = false', `[plugins.pi_monitor]\nsha256 = "${sha256}"`);
    const host = await TestRuntime.open(t, pinned(digest));
    assert.ok('cpuTemp' in (await host.poll('pi_monitor')));
    assert.equal(host.plugin('pi_monitor').origin, 'bundled');
    host.renameIn('pi_monitor', bytesOf(fixture('counter_v1')), LONG_AGO);
    assert.ok('cpuTemp' in (await host.poll('pi_monitor')), 'a file of its name does not take its place');
    const other = await TestRuntime.open(t, pinned(V1));
    await assert.rejects(other.runtime.poll('pi_monitor'), { code: 'PLUGIN_INVALID', message: new RegExp(digest) });
  });
});
