/** Why a plugin counts as failing, and since when: what health, metrics and the page say of it. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { DeviceFailure } from '../../src/capabilities/guest-imports-data';
import { pluginConfig } from '../../src/host-config/plugin-tables';
import type { GuestEffects } from '../../src/plugin-host/guest-effects';
import { Plugin, type PluginCall } from '../../src/plugin-host/plugin';
import { HostedCallError, type HostedReturn } from '../../src/plugin-host/running-guest';
import { configOf, POLL, probe, surroundings } from './probes';

const NO_ANSWER: DeviceFailure = { code: 'HARDWARE_IO', message: 'no answer at GPIO 4', reads: true };
const NO_FAN: DeviceFailure = { code: 'HARDWARE_MISSING', message: 'no fan', reads: false };
const LEDS = [{ index: 1, r: 40, g: 20, b: 0 }];
const EMPTY_POLL: PluginCall<unknown> = { ...POLL, isNothing: () => true };

function effectsOf(...deviceFailures: readonly DeviceFailure[]): GuestEffects {
  return { leds: LEDS, kept: new Map(), deviceFailures };
}

function brought(...failures: readonly DeviceFailure[]): HostedReturn {
  return { value: [], effects: effectsOf(...failures) };
}

function raised(message: string, ...failures: readonly DeviceFailure[]): HostedCallError {
  return new HostedCallError({ code: 'PLUGIN_ERROR', message }, effectsOf(...failures), true);
}

function crashed(): HostedCallError {
  return new HostedCallError({ code: 'PLUGIN_TRAPPED', message: 'room crashed' }, effectsOf(), false);
}

/** A plugin whose calls end as they are listed, a minute apart; nothing passes on the clock of its back-off. */
function pluginThat(t: TestContext, ...outcomes: readonly (HostedReturn | HostedCallError)[]) {
  const left = [...outcomes];
  const leds: unknown[] = [];
  let now = 0;
  const answer = async (): Promise<HostedReturn> => {
    const outcome = left.shift();
    assert.ok(outcome, 'it was called more often than expected');
    if (outcome instanceof HostedCallError) throw outcome;
    return outcome;
  };
  const plugin = new Plugin(
    pluginConfig(configOf(''), 'room'),
    surroundings(async () => probe(answer), { now: () => now, onLeds: (writes) => leds.push(writes) }),
  );
  t.after(() => plugin.close());
  const call = async (wanted = POLL): Promise<readonly (readonly [string, string])[]> => {
    now += 60_000;
    const { failures } = await plugin.call(wanted, (value) => value);
    return failures.map(({ code, message }) => [code, message] as const);
  };
  return { plugin, call, leds };
}

describe('a plugin is failing', () => {
  it('since the first of the calls that failed one after the other, for the reason of the newest', async (t) => {
    const { plugin, call } = pluginThat(t, raised('too hot'), raised('too cold'), brought(), raised('too wet'));
    await assert.rejects(call(), { code: 'PLUGIN_ERROR' });
    await assert.rejects(call(), { code: 'PLUGIN_ERROR' });
    const failing = () => plugin.counts.failing;
    assert.deepEqual(failing(), { code: 'PLUGIN_ERROR', message: 'too cold', since: 60_000 });
    await call();
    assert.equal(failing(), undefined, 'a call that succeeds ends it');
    await assert.rejects(call(), { code: 'PLUGIN_ERROR' });
    assert.equal(failing()?.since, 240_000);
  });

  it('while it rests for the reason for which it rests', async (t) => {
    const { plugin, call } = pluginThat(t, crashed(), crashed());
    await assert.rejects(call(), { code: 'PLUGIN_TRAPPED' });
    await assert.rejects(call(), { code: 'PLUGIN_TRAPPED' });
    await assert.rejects(call(), { code: 'PLUGIN_BACKOFF' });
    const { failing, lastError, failuresByCode } = plugin.counts;
    assert.deepEqual(failing, { code: 'PLUGIN_TRAPPED', message: 'room crashed', since: 60_000 });
    assert.equal(lastError?.code, 'PLUGIN_TRAPPED');
    assert.deepEqual(Object.fromEntries(failuresByCode), { PLUGIN_TRAPPED: 2, PLUGIN_BACKOFF: 1 });
  });

  it('where it could not read one of its devices, although the poll brought what the others said', async (t) => {
    const { plugin, call } = pluginThat(t, brought(NO_ANSWER), brought());
    assert.deepEqual(await call(), [['HARDWARE_IO', 'room: no answer at GPIO 4']]);
    assert.equal(plugin.counts.polls, 1);
    assert.equal(plugin.counts.failing?.code, 'HARDWARE_IO');
    assert.deepEqual(await call(), []);
    assert.equal(plugin.counts.failing, undefined);
  });

  it('where it brought nothing and a device failed, and its LED says so all the same', async (t) => {
    const { plugin, call, leds } = pluginThat(t, brought(NO_ANSWER), brought(NO_FAN), brought());
    await assert.rejects(call(EMPTY_POLL), { code: 'HARDWARE_IO', message: 'room: no answer at GPIO 4' });
    await assert.rejects(call(EMPTY_POLL), { code: 'HARDWARE_MISSING' });
    assert.equal(plugin.counts.polls, 0);
    assert.deepEqual(leds, [LEDS, LEDS]);
    await call(EMPTY_POLL);
    assert.equal(plugin.counts.polls, 1, 'a poll that has nothing to bring is none that failed');
  });

  it('with the code of the device where it raised an error of its own for it', async (t) => {
    const { call } = pluginThat(t, raised('cannot read the room', NO_ANSWER));
    await assert.rejects(call(), {
      code: 'HARDWARE_IO',
      message: 'room: no answer at GPIO 4 (the plugin reports: cannot read the room)',
    });
  });
});

describe('a plugin is not failing', () => {
  it('where all that is missing is an output: it still reads all that it reads', async (t) => {
    const { plugin, call } = pluginThat(t, brought(NO_FAN));
    assert.deepEqual(await call(), []);
    assert.equal(plugin.counts.failing, undefined);
  });
});
