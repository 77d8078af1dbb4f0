import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asPage } from '../../src/plugin-host/guest-page';

const MAX_CHARACTERS = 2 * 1024 * 1024;

describe('what a dashboard plugin renders', () => {
  it('is a page when it is text', () => assert.equal(asPage('dashboard')('<p>21 °C</p>'), '<p>21 °C</p>'));

  it("is the plugin's error when it is none", () => {
    for (const value of [undefined, 5, {}, ['<p>']])
      assert.throws(() => asPage('mine')(value), { code: 'PLUGIN_ERROR', message: /^mine returned .* where a page/ });
  });

  it('is refused when no browser would take it well', () => {
    const longest = 'x'.repeat(MAX_CHARACTERS);
    assert.equal(asPage('mine')(longest), longest);
    assert.throws(() => asPage('mine')(`${longest}x`), {
      code: 'PLUGIN_ERROR',
      message: /2097153 characters; at most 2097152 \(a fixed limit\)/,
    });
  });
});
