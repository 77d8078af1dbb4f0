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
    assert.deepEqual(parseTraces({ kept: state }).kept, state);
    assert.deepEqual(parseTraces(undefined), { kept: new Map(), deviceFailures: [] });
  });

  it('of another form are refused', () => {
    for (const wrong of [null, {}, [], 'state', { kept: [] }])
      assert.throws(() => parseTraces(wrong), /state of an unknown form/);
  });

  it('with entries that are no bytes lose those entries only', () => {
    const state = new Map<unknown, unknown>([
      ['text', 'no bytes'],
      [5, Uint8Array.of(1)],
      ['good', Uint8Array.of(2)],
    ]);
    assert.deepEqual(parseTraces({ kept: state }).kept, new Map([['good', Uint8Array.of(2)]]));
  });
});

describe('devices that failed during a call', () => {
  const traces = (deviceFailures: unknown) => ({ kept: new Map(), deviceFailures });

  it('are parsed with code, message and whether they bring measurements', () => {
    const failures = [
      { code: 'HARDWARE_MISSING', message: 'no fan', reads: false },
      { code: 'HARDWARE_IO', message: 'wrong sum', reads: true },
    ];
    assert.deepEqual(parseTraces(traces(failures)).deviceFailures, failures);
  });

  it('of another form are refused', () => {
    const good = { code: 'HARDWARE_IO', message: 'x', reads: true };
    for (const wrong of [null, 'fan', {}, [null], [{ code: 'NO_CODE', message: 'x' }], [{ code: 'HARDWARE_MISSING' }]])
      assert.throws(() => parseTraces(traces(wrong)), /of an unknown form/);
    assert.throws(() => parseTraces(traces(Array.from({ length: 17 }, () => good))), /of an unknown form/);
  });
});
