import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WasiError } from '../../src/errors/wasi-error';
import { parseLedOverride } from '../../src/leds/led-override';

const CIRCLE: Record<string, unknown> = {};
CIRCLE['self'] = CIRCLE;

describe('msg.leds', () => {
  it('asks for nothing where it is missing, and for no override where it is null', () => {
    assert.equal(parseLedOverride(undefined, 3), undefined);
    assert.deepEqual(parseLedOverride(null, 3), []);
  });

  it('names a colour for each LED from LED 0 on; null leaves one to the plugins, and a short list the rest', () => {
    assert.deepEqual(parseLedOverride(['#ff0110', null, '#00FF00'], 5), [
      { index: 0, r: 255, g: 1, b: 16 },
      { index: 2, r: 0, g: 255, b: 0 },
    ]);
    assert.deepEqual(parseLedOverride([], 5), []);
  });

  for (const [what, value, told] of [
    ['a colour alone', '#ff0000', /^msg\.leds must be an array of "#rrggbb" or null, or null to end it, not #ff0000;/],
    ['an object', { 0: '#ff0000' }, /^msg\.leds must be an array .* not \{ '0': '#ff0000' \};/],
    ['a short colour', ['#00ff00', '#f00'], /^msg\.leds\[1\] must be "#rrggbb" or null, not #f00;/],
    ['the name of a colour', ['red'], /^msg\.leds\[0\] must be .* not red;/],
    ['more than a colour', ['#ff0000ff'], /^msg\.leds\[0\]/],
    ['what runs in circles', [CIRCLE], /not <ref \*1> \{ self: \[Circular \*1\] \};/],
    ['a number', [16711680], /^msg\.leds\[0\] must be .* not 16711680;/],
    ['a hole', [undefined], /^msg\.leds\[0\] must be .* not undefined;/],
    ['a long text', ['#'.repeat(1_000)], /not #{40}…;/],
    [
      'more LEDs than the strip has',
      [null, null, null, null],
      /^msg\.leds must be at most 3 entries long.* not 4 entries;/,
    ],
  ] as const) {
    it(`is refused with what was found and what belongs there: ${what}`, () => {
      assert.throws(
        () => parseLedOverride(value, 3),
        (error) => error instanceof WasiError && error.code === 'CONFIG_INVALID' && told.test(error.message),
      );
    });
  }
});
