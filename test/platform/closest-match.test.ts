import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nearestKey, nearestKeys } from '../../src/platform/closest-match';

const KNOWN = ['count', 'brightness', 'driver'];

describe('the key that was meant', () => {
  for (const [typed, meant] of [
    ['brigthness', 'brightness'],
    ['Count', 'count'],
    ['cuont', 'count'],
    ['cont', 'count'],
    ['drivers', 'driver'],
    ['brightness_pct', 'brightness'],
  ] as const) {
    it(`is ${meant} for ${typed}`, () => assert.equal(nearestKey(typed, KNOWN), meant));
  }

  it('is none for a word that resembles no key', () => assert.equal(nearestKey('zigbee', KNOWN), undefined));
  it('is one of several, the nearest first', () => {
    assert.deepEqual(nearestKeys('Temp_3', ['Temp_12', 'Relay_1', 'Temp_1', 'Temp_2'], 2), ['Temp_1', 'Temp_2']);
  });
  it('is none where no key is known', () => assert.equal(nearestKey('count', []), undefined));
});
