import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LedBuffer } from '../../src/leds/led-buffer';

describe('the LED buffer', () => {
  it('starts dark and takes what is merged, in the order R, G, B', () => {
    const leds = new LedBuffer(3);
    assert.deepEqual(leds.hexColors(), ['#000000', '#000000', '#000000']);
    leds.merge([
      { index: 1, r: 255, g: 1, b: 16 },
      { index: 2, r: 0, g: 0, b: 9 },
    ]);
    assert.deepEqual(leds.hexColors(), ['#000000', '#ff0110', '#000009']);
    assert.deepEqual([...leds.frame()], [0, 0, 0, 255, 1, 16, 0, 0, 9]);
  });

  for (const [what, write] of [
    ['an LED off the strip', { index: 3, r: 0, g: 0, b: 0 }],
    ['no LED', { index: -1, r: 0, g: 0, b: 0 }],
    ['half an LED', { index: 0.5, r: 0, g: 0, b: 0 }],
    ['a color above 255', { index: 0, r: 256, g: 0, b: 0 }],
    ['no color', { index: 0, r: 0, g: Number.NaN, b: 0 }],
  ] as const) {
    it(`takes a plugin's changes whole or not at all: ${what} among them`, () => {
      const leds = new LedBuffer(3);
      assert.throws(() => leds.merge([{ index: 1, r: 9, g: 9, b: 9 }, write]), RangeError);
      assert.deepEqual(leds.hexColors(), ['#000000', '#000000', '#000000']);
    });
  }

  it('counts its first frame as not shown, as nobody knows what the strip shows', () => {
    assert.equal(new LedBuffer(2).isShown(), false);
  });

  it('is shown once it was written, until it differs, and again when it is back', () => {
    const leds = new LedBuffer(2);
    leds.markShown(leds.frame());
    assert.equal(leds.isShown(), true);
    leds.merge([{ index: 0, r: 1, g: 0, b: 0 }]);
    assert.equal(leds.isShown(), false);
    leds.merge([{ index: 0, r: 0, g: 0, b: 0 }]);
    assert.equal(leds.isShown(), true);
  });

  it('tells what the strip shows apart from what it is to show, dark before the first frame', () => {
    const leds = new LedBuffer(2);
    leds.merge([{ index: 1, r: 255, g: 0, b: 0 }]);
    assert.deepEqual(leds.shownColors(), ['#000000', '#000000']);
    leds.markShown(leds.frame());
    leds.merge([{ index: 1, r: 0, g: 255, b: 0 }]);
    assert.deepEqual(leds.shownColors(), ['#000000', '#ff0000']);
    leds.forgetShown();
    assert.deepEqual(leds.shownColors(), ['#000000', '#000000']);
  });

  it('is not shown if it changed while it was being written', () => {
    const leds = new LedBuffer(1);
    const written = leds.frame();
    leds.merge([{ index: 0, r: 1, g: 0, b: 0 }]);
    leds.markShown(written);
    assert.equal(leds.isShown(), false);
  });

  it('hands out copies only', () => {
    const leds = new LedBuffer(1);
    leds.frame().fill(7);
    assert.deepEqual(leds.hexColors(), ['#000000']);
    const shown = leds.frame();
    leds.markShown(shown);
    shown.fill(7);
    assert.equal(leds.isShown(), true);
  });

  it('refuses a frame of another strip', () =>
    assert.throws(() => new LedBuffer(2).markShown(new Uint8Array(3)), RangeError));

  it('may be of no LED at all', () => {
    const leds = new LedBuffer(0);
    leds.merge([]);
    assert.deepEqual(leds.hexColors(), []);
  });
});

describe('an override', () => {
  it('is shown instead of what plugins set, before it and after it', () => {
    const leds = new LedBuffer(3);
    leds.merge([{ index: 0, r: 1, g: 1, b: 1 }]);
    leds.override([{ index: 0, r: 255, g: 0, b: 0 }]);
    leds.merge([
      { index: 0, r: 2, g: 2, b: 2 },
      { index: 1, r: 3, g: 3, b: 3 },
    ]);
    assert.deepEqual(leds.hexColors(), ['#ff0000', '#030303', '#000000']);
    assert.deepEqual([...leds.frame()], [255, 0, 0, 3, 3, 3, 0, 0, 0]);
  });

  it('is replaced as a whole, and gone with one of no LED: what plugins set meanwhile shows', () => {
    const leds = new LedBuffer(2);
    leds.override([{ index: 0, r: 9, g: 9, b: 9 }]);
    leds.merge([{ index: 0, r: 4, g: 4, b: 4 }]);
    leds.override([{ index: 1, r: 8, g: 8, b: 8 }]);
    assert.deepEqual(leds.hexColors(), ['#040404', '#080808']);
    leds.override([]);
    assert.deepEqual(leds.hexColors(), ['#040404', '#000000']);
  });

  it('counts as not shown until it was written, and so does its end', () => {
    const leds = new LedBuffer(1);
    leds.markShown(leds.frame());
    leds.override([{ index: 0, r: 1, g: 0, b: 0 }]);
    assert.equal(leds.isShown(), false);
    leds.markShown(leds.frame());
    assert.equal(leds.isShown(), true);
    leds.override([]);
    assert.equal(leds.isShown(), false);
  });

  it('of an LED off the strip changes nothing', () => {
    const leds = new LedBuffer(1);
    leds.override([{ index: 0, r: 1, g: 0, b: 0 }]);
    assert.throws(() => leds.override([{ index: 1, r: 1, g: 0, b: 0 }]), RangeError);
    assert.deepEqual(leds.hexColors(), ['#010000']);
  });
});
