/** Components as this machine's compilers build them from the sources in test/fixtures/guests/toolchains. */
import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { hasPromiseIntegration } from '../../src/wasm/async-exports';
import { Engine } from '../wasm/engine';
import { behavesAsASensor } from './sensor-behaviour';
import { builtGuest, notBuilt, SENSORS } from './toolchain-guests';

const LIMIT = { timeout: 300_000 };

const engine = new Engine({ after });
afterEach(() => engine.closeGuests());

describe('a component just built', () => {
  for (const name of SENSORS) behavesAsASensor(engine, { name, path: builtGuest(name), skip: notBuilt(name) });

  it('with an asynchronous export is answered, or told which Node.js it takes', {
    ...LIMIT,
    skip: notBuilt('quickjs_async'),
  }, async () => {
    const path = builtGuest('quickjs_async');
    if (hasPromiseIntegration()) {
      const guest = await engine.start(path);
      assert.equal((await guest.call('test:toolchains/async-logic', 'poll', [], LIMIT.timeout)).value, 5);
    } else {
      await assert.rejects(engine.start(path), { code: 'PLUGIN_INVALID', message: /Node\.js 25 or newer has it/ });
    }
  });
});
