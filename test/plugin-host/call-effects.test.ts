import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseLedWrites, parseTraces } from '../../src/plugin-host/call-effects';

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
    assert.deepEqual(parseTraces({ state, refusedCalls: 0 }).state, state);
    assert.deepEqual(parseTraces(undefined), { state: new Map(), refusedCalls: 0, absent: undefined });
  });

  it('of another form are refused', () => {
    for (const wrong of [null, {}, { state: {} }, { state: [] }])
      assert.throws(() => parseTraces(wrong), /state of an unknown form/);
  });

  it('with entries that are no bytes lose those entries only', () => {
    const state = new Map<unknown, unknown>([
      ['text', 'no bytes'],
      [5, Uint8Array.of(1)],
      ['good', Uint8Array.of(2)],
    ]);
    assert.deepEqual(parseTraces({ state, refusedCalls: 0 }).state, new Map([['good', Uint8Array.of(2)]]));
  });
});

describe("a guest's refused calls", () => {
  it('are counted as its worker counted them', () => {
    assert.equal(parseTraces({ state: new Map(), refusedCalls: 7 }).refusedCalls, 7);
  });

  it('are never taken back, and never anything but a number', () => {
    for (const refusedCalls of [undefined, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '7', 7n])
      assert.throws(() => parseTraces({ state: new Map(), refusedCalls }), /no count of refused calls/);
  });
});

describe('a device that a guest missed', () => {
  const traces = (absent: unknown) => ({ state: new Map(), refusedCalls: 0, absent });

  it('is told with its code and its words', () => {
    for (const code of ['HARDWARE_MISSING', 'HARDWARE_PERMISSION'] as const) {
      assert.deepEqual(parseTraces(traces({ code, message: 'no fan' })).absent, { code, message: 'no fan' });
    }
  });

  it('of another form is refused', () => {
    for (const wrong of [null, 'fan', {}, { code: 'HARDWARE_IO', message: 'x' }, { code: 'HARDWARE_MISSING' }])
      assert.throws(() => parseTraces(traces(wrong)), /missing device of an unknown form/);
  });
});
