import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKept, parseLedWrites } from '../../src/plugin-host/call-effects';

describe("a guest's LED changes", () => {
  it('are taken as its worker sends them', () => {
    const writes = [{ index: 0, r: 1, g: 2, b: 3 }];
    assert.deepEqual(parseLedWrites(writes), writes);
    assert.deepEqual(parseLedWrites([]), []);
    assert.deepEqual(parseLedWrites(undefined), []);
  });

  it('of another form are refused as a whole', () => {
    const good = { index: 0, r: 1, g: 2, b: 3 };
    for (const wrong of [null, {}, 'text', [good, null], [good, { index: 0, r: 1, g: 2 }], [{ ...good, b: '3' }]])
      assert.throws(() => parseLedWrites(wrong), /LED changes of an unknown form/);
  });
});

describe("a guest's changes of what it keeps", () => {
  it('are values and deletions by key', () => {
    const state = new Map([
      ['kept', Uint8Array.of(1)],
      ['deleted', undefined],
    ]);
    assert.deepEqual(parseKept(state), state);
    assert.deepEqual(parseKept(undefined), new Map());
  });

  it('of another form are refused', () => {
    for (const wrong of [null, {}, [], 'state']) assert.throws(() => parseKept(wrong), /state of an unknown form/);
  });

  it('with entries that are no bytes lose those entries only', () => {
    const state = new Map<unknown, unknown>([
      ['text', 'no bytes'],
      [5, Uint8Array.of(1)],
      ['good', Uint8Array.of(2)],
    ]);
    assert.deepEqual(parseKept(state), new Map([['good', Uint8Array.of(2)]]));
  });
});
