/** Interfaces that end in the guest's own thread: settings, LEDs, kept state, and how long a buzzer may sound. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { buzzerController } from '../../src/capabilities/buzzer-controller';
import { RefusedCalls } from '../../src/capabilities/refused-calls';
import { NO_GRANTS } from '../../src/host-config/grants-table';
import { settingsWith } from '../hardware/settings';
import { DeviceSide } from './device-side';
import { HostSide, LED_COUNT } from './host-side';

let devices: DeviceSide;
before(async () => {
  devices = await DeviceSide.open(settingsWith());
});
after(() => devices.close());

describe('settings', () => {
  it('are those of host.toml and nothing that every JavaScript object has', () => {
    const host = new HostSide(devices, { settings: { limit: '30' } });
    assert.equal(host.call('edge:plugin/settings get', 'limit'), '30');
    for (const key of ['', 'Limit', '__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      assert.equal(host.call('edge:plugin/settings get', key), undefined, key);
    }
  });
});

describe('LEDs', () => {
  it('change where they are granted, whatever is called, and a write elsewhere is warned of once', () => {
    const host = new HostSide(devices, { leds: [1, 3] });
    host.call('edge:plugin/led-controller setAll', 1, 2, 3);
    host.call('edge:plugin/led-controller setTwo', 9, 9, 9, 4, 5, 6);
    host.call('edge:plugin/led-controller setLed', 255, 9, 9, 9);
    host.call('demo:plugin/led-controller syncLeds');
    assert.deepEqual(host.effects().onSuccess, [
      { index: 1, r: 4, g: 5, b: 6 },
      { index: 3, r: 1, g: 2, b: 3 },
    ]);
    assert.equal(host.warnings.length, 1);
    host.call('edge:plugin/led-controller clear');
    assert.deepEqual(
      host.effects().onSuccess,
      [1, 3].map((index) => ({ index, r: 0, g: 0, b: 0 })),
    );
    assert.equal(host.effects().onSuccess, undefined);
    assert.ok(LED_COUNT > 3);
  });
});

describe('kept state', () => {
  const bytes = (length: number) => new Uint8Array(length);
  const set = (host: HostSide, key: string, value: Uint8Array) => host.call('edge:plugin/state-store set', key, value);
  const refusal = (host: HostSide, key: string, value: Uint8Array) =>
    String(host.failure('edge:plugin/state-store set', key, value));

  it('is what the guest started with and what it changed, which is handed over once', () => {
    const host = new HostSide(devices, {
      state: new Map([
        ['old', Uint8Array.of(1)],
        ['gone', Uint8Array.of(2)],
      ]),
    });
    const mine = Uint8Array.of(3);
    set(host, 'new', mine);
    mine[0] = 99;
    host.call('edge:plugin/state-store delete', 'gone');
    host.call('edge:plugin/state-store delete', 'never there');
    assert.deepEqual(host.call('edge:plugin/state-store get', 'old'), Uint8Array.of(1));
    assert.deepEqual(host.call('edge:plugin/state-store get', 'new'), Uint8Array.of(3));
    assert.equal(host.call('edge:plugin/state-store get', 'gone'), undefined);
    const state = new Map<string, Uint8Array | undefined>([
      ['new', Uint8Array.of(3)],
      ['gone', undefined],
    ]);
    assert.deepEqual(host.effects().always, { kept: [...state], refusedCalls: 0 });
    assert.equal(host.effects().always, undefined);
  });

  it('has bounds on keys, their number and all values together; what is refused changes nothing', () => {
    const host = new HostSide(devices);
    assert.match(refusal(host, '', bytes(1)), /1 to 64 characters \(a fixed limit\)/);
    assert.match(refusal(host, 'k'.repeat(65), bytes(1)), /1 to 64 characters \(a fixed limit\)/);
    set(host, 'k'.repeat(64), bytes(65_536));
    assert.match(refusal(host, 'more', bytes(1)), /at most 65536 bytes are kept for a plugin \(a fixed limit\)/);
    set(host, 'k'.repeat(64), bytes(65_000));
    for (let i = 1; i < 64; i += 1) set(host, `key ${i}`, bytes(1));
    assert.match(refusal(host, 'one too many', bytes(1)), /at most 64 keys are kept \(a fixed limit\)/);
    set(host, 'key 1', bytes(2));
    assert.equal(host.call('edge:plugin/state-store get', 'one too many'), undefined);
    set(host, 'key 2', bytes(0));
  });

  it('keeps keys that JavaScript has a meaning for', () => {
    const host = new HostSide(devices);
    assert.equal(host.call('edge:plugin/state-store get', '__proto__'), undefined);
    set(host, '__proto__', Uint8Array.of(1));
    assert.deepEqual(host.call('edge:plugin/state-store get', '__proto__'), Uint8Array.of(1));
  });
});

describe('a beep', () => {
  /** What reaches the devices: a relay that sounds for a minute cannot be listened to here. */
  function beeped(count: number, durationMs: number, intervalMs: number) {
    const asked: unknown[] = [];
    const warnings: string[] = [];
    const { beep } = buzzerController({
      data: {
        plugin: 'p',
        grants: NO_GRANTS,
        leds: { count: 0, granted: [] },
        settings: [],
        state: [],
      },
      devices: {
        call(_method, ...args) {
          asked.push(...args);
          return assert.fail('the buzzer was not asked');
        },
      },
      refused: new RefusedCalls(
        () => undefined,
        () => undefined,
      ),
      warnOnce: (text) => warnings.push(text),
    });
    assert.throws(() => beep(count, durationMs, intervalMs), /was not asked/);
    for (const text of warnings)
      assert.match(text, /at most 20 tones of 10000 ms, 60000 ms in all, may be asked for \(a fixed limit\)/);
    return { asked, warned: warnings.length };
  }

  const CASES: readonly (readonly [string, readonly [number, number, number], readonly number[]])[] = [
    ['within bounds is passed on', [3, 100, 50], [3, 100, 50]],
    ['at all bounds is passed on', [6, 10_000, 0], [6, 10_000, 0]],
    ['of none is none', [0, 100, 50], [0, 100, 50]],
    ['of no length is passed on', [20, 0, 0], [20, 0, 0]],
    ['of too many tones has fewer', [255, 10, 10], [20, 10, 10]],
    ['of too long a tone has a shorter one', [1, 2 ** 32 - 1, 0], [1, 10_000, 0]],
    ['of too long a pattern ends within a minute', [20, 5_000, 5_000], [6, 5_000, 5_000]],
    ['with endless pauses is one tone', [9, 100, 2 ** 32 - 1], [1, 100, 2 ** 32 - 1]],
  ];
  for (const [what, asked, passed] of CASES) {
    it(what, () => {
      const { asked: reached, warned } = beeped(...asked);
      assert.deepEqual(reached, passed);
      assert.equal(warned, asked.join() === passed.join() ? 0 : 1);
    });
  }

  it('starts on the real relay and returns at once', () => {
    const host = new HostSide(devices, { grants: { buzzer: true } });
    host.call('edge:plugin/buzzer-controller buzz', 1);
    host.call('demo:plugin/buzzer-controller beep', 2, 1, 1);
    assert.deepEqual(host.warnings, []);
  });
});
