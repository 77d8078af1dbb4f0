import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GuestLeds } from '../../src/leds/guest-leds';

function guestLeds(granted: readonly number[], count = 11): { leds: GuestLeds; warnings: string[] } {
  const warnings: string[] = [];
  return { leds: new GuestLeds(count, granted, (text) => warnings.push(text())), warnings };
}

describe('the LEDs of a guest', () => {
  it('that it was granted take its colors, the last one of each', () => {
    const { leds, warnings } = guestLeds([1, 3]);
    leds.setLed(3, 1, 2, 3);
    leds.setLed(1, 4, 5, 6);
    leds.setLed(3, 7, 8, 9);
    assert.deepEqual(leds.takeWrites(), [
      { index: 1, r: 4, g: 5, b: 6 },
      { index: 3, r: 7, g: 8, b: 9 },
    ]);
    assert.deepEqual(warnings, []);
  });

  it('are handed on once', () => {
    const { leds } = guestLeds([1]);
    leds.setLed(1, 1, 1, 1);
    assert.equal(leds.takeWrites().length, 1);
    assert.deepEqual(leds.takeWrites(), []);
  });

  for (const [call, act, writes] of [
    ['set-led', (leds: GuestLeds) => leds.setLed(2, 5, 5, 5), []],
    ['set-two', (leds: GuestLeds) => leds.setTwo(1, 2, 3, 4, 5, 6), [{ index: 1, r: 4, g: 5, b: 6 }]],
    ['set-all', (leds: GuestLeds) => leds.setAll(7, 8, 9), [{ index: 1, r: 7, g: 8, b: 9 }]],
    ['clear', (leds: GuestLeds) => leds.clear(), [{ index: 1, r: 0, g: 0, b: 0 }]],
  ] as const) {
    it(`that it was not granted are left alone by ${call}, with one warning`, () => {
      const { leds, warnings } = guestLeds([1]);
      act(leds);
      assert.deepEqual(leds.takeWrites(), writes);
      assert.equal(warnings.length, 1);
      assert.match(
        warnings[0] ?? '',
        new RegExp(`^${call} on LED .* was dropped: it may change LED 1 of a strip of 11`),
      );
    });
  }

  it('are told of once for every call that had one', () => {
    const { leds, warnings } = guestLeds([]);
    leds.setLed(0, 1, 1, 1);
    leds.setLed(5, 1, 1, 1);
    leds.clear();
    assert.equal(warnings.length, 3);
    assert.match(warnings[0] ?? '', /^set-led on LED 0 was dropped: it was given no LED/);
    assert.deepEqual(leds.takeWrites(), []);
  });

  it('are told of with the line of host.toml that would grant them', () => {
    const { leds, warnings } = guestLeds([3]);
    leds.setTwo(1, 1, 1, 1, 1, 1);
    leds.setLed(11, 1, 1, 1);
    assert.match(
      warnings[0] ?? '',
      /To allow it, write `leds = \[0, 1, 3\]` in its table of host\.toml, in place of a `led` or `leds` that is there$/,
    );
    assert.match(warnings[1] ?? '', /raise `count` in \[leds\] of host\.toml/);
  });

  it('are told of in a few words on the longest strip', () => {
    const { leds, warnings } = guestLeds([], 256);
    leds.clear();
    assert.ok((warnings[0] ?? '').length < 300, warnings[0]);
  });

  it('end with the strip', () => {
    const { leds, warnings } = guestLeds([1, 20], 2);
    leds.setLed(20, 1, 1, 1);
    assert.deepEqual(leds.takeWrites(), []);
    assert.equal(warnings.length, 1);
  });

  it('of a short strip take a set-two as far as they go', () => {
    const { leds } = guestLeds([0], 1);
    leds.setTwo(1, 1, 1, 2, 2, 2);
    assert.deepEqual(leds.takeWrites(), [{ index: 0, r: 1, g: 1, b: 1 }]);
  });

  it('take bytes, whatever they are told', () => {
    const { leds } = guestLeds([1]);
    leds.setLed(1, 300, -5, Number.NaN);
    assert.deepEqual(leds.takeWrites(), [{ index: 1, r: 255, g: 0, b: 0 }]);
  });
});
