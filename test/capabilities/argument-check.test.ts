/** A crafted component declares other types for its imports than their WIT; nothing of that reaches a capability. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { settingsWith } from '../hardware/settings';
import { DeviceSide } from './device-side';
import { HostSide } from './host-side';

let devices: DeviceSide;
let host: HostSide;
before(async () => {
  devices = await DeviceSide.open(settingsWith());
  host = new HostSide(devices, {
    grants: {
      gpio: [4],
      i2c: [{ bus: 1, address: 0x77 }],
      spi: [{ bus: 0, chipSelect: 0 }],
      uart: ['p'],
      processImage: { read: [], write: ['v'] },
    },
    leds: [1],
  });
});
after(() => devices.close());

const BYTES = Uint8Array.of(1);
/** Good calls; each of their arguments is replaced by each value of another type. */
const CALLS: readonly (readonly [string, ...unknown[]])[] = [
  ['edge:plugin/gpio-provider readDht22', 4],
  ['edge:plugin/gpio-provider readBme680', 0x77],
  ['edge:plugin/led-controller setLed', 1, 2, 3, 4],
  ['edge:plugin/buzzer-controller beep', 1, 1, 1],
  ['edge:plugin/fan-controller setFan', true],
  ['edge:plugin/i2c transfer', 1, 0x77, BYTES, 1],
  ['edge:plugin/spi transfer', 0, 0, BYTES],
  ['edge:plugin/uart read', 'p', 1, 1],
  ['edge:plugin/uart write', 'p', BYTES],
  ['edge:plugin/process-image write', 'v', { tag: 'unsigned', val: 1 }],
  ['edge:plugin/settings get', 'k'],
  ['edge:plugin/state-store get', 'k'],
  ['edge:plugin/state-store set', 'k', BYTES],
  ['edge:plugin/state-store delete', 'k'],
  ['demo:plugin/i2c transfer', 0x77, 'd0', 1],
  ['demo:plugin/spi transfer', BYTES],
  ['demo:plugin/uart setBaud', 9_600],
];
const STRANGERS: readonly unknown[] = [
  undefined,
  null,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  0.5,
  2 ** 32,
  1n,
  ['1'],
  { length: 1 },
  new Uint16Array(1),
  { tag: 'unsigned', val: -1 },
  { tag: 'signed', val: 2 ** 31 },
  { tag: 'bit', val: 1 },
  { tag: 'other', val: 1 },
];

describe('an argument of another type than its WIT', () => {
  for (const [name, ...args] of CALLS) {
    it(`ends a guest that calls ${name}`, () => {
      for (const at of args.keys()) {
        for (const stranger of STRANGERS) {
          assert.throws(
            () => host.call(name, ...args.map((arg, i) => (i === at ? stranger : arg))),
            (error: unknown) => error instanceof TypeError && !('payload' in error),
            `argument ${at}: ${String(stranger)}`,
          );
        }
      }
      assert.throws(() => host.call(name), TypeError);
    });
  }

  it('is refused before it changes anything', () => {
    assert.deepEqual(host.effects(), { onSuccess: undefined, always: undefined });
    assert.deepEqual(host.warnings, []);
  });

  it('is not seen in a call with more arguments than there are', () => {
    host.call('edge:plugin/led-controller setLed', 1, 2, 3, 4, 'more');
    assert.deepEqual(host.effects().onSuccess, [{ index: 1, r: 2, g: 3, b: 4 }]);
  });
});
