/** What a guest's process says that a call left behind. Whoever controls that process may say anything. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_KEYS, MAX_TOTAL_BYTES } from '../../src/capabilities/state-limits';
import { ProtocolViolation } from '../../src/guest-process/frames';
import { parseEffects } from '../../src/plugin-host/guest-effects';
import type { CallEffects } from '../../src/wasm/guest-imports';

const GRANTED = new Set([0, 3]);
const NO_TRACES = { kept: [], refusedCalls: 0 };

function parse(sent: Partial<CallEffects>) {
  return parseEffects({ onSuccess: undefined, always: undefined, ...sent }, GRANTED);
}

function refused(sent: Partial<CallEffects>, what: string): void {
  assert.throws(() => parse(sent), ProtocolViolation, what);
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'number' ? String(part) : part))?.slice(0, 200);
}

describe("a guest's LED changes", () => {
  const GOOD = { index: 0, r: 1, g: 2, b: 3 };

  it('are taken as its thread sends them', () => {
    const writes = [GOOD, { index: 3, r: 0, g: 255, b: 0 }];
    assert.deepEqual(parse({ onSuccess: writes }).leds, writes);
    assert.deepEqual(parse({ onSuccess: [] }).leds, []);
    assert.deepEqual(parse({}).leds, []);
  });

  it('of another form are refused as a whole', () => {
    const lists: readonly unknown[] = [null, {}, 'text', 1, Uint8Array.of(1), { length: 1, 0: GOOD }];
    const entries: readonly unknown[] = [null, 1, 'text', [], {}, { index: 0, r: 1, g: 2 }];
    for (const wrong of [...lists, ...entries.map((entry) => [GOOD, entry])])
      refused({ onSuccess: wrong }, shown(wrong));
  });

  it('are refused where a colour is no byte', () => {
    const wrong: readonly unknown[] = [
      -1,
      256,
      0.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      '3',
      3n,
      null,
      undefined,
      [3],
    ];
    for (const color of ['r', 'g', 'b'])
      for (const value of wrong) refused({ onSuccess: [{ ...GOOD, [color]: value }] }, `${color} ${String(value)}`);
  });

  it('are refused where the LED was not granted', () => {
    for (const index of [1, 2, 4, -1, 0.5, 2 ** 32, Number.NaN, '0', 0n, null, undefined])
      refused({ onSuccess: [{ ...GOOD, index }] }, String(index));
  });

  it('are no more than there are LEDs', () => {
    refused({ onSuccess: [GOOD, GOOD, GOOD] }, 'three changes of two LEDs');
  });
});

describe("a guest's changes of what it keeps", () => {
  const kept = (entries: unknown) => ({ always: { ...NO_TRACES, kept: entries } });

  it('are values and deletions by key', () => {
    const sent = [
      ['kept', Uint8Array.of(1)],
      ['deleted', undefined],
      ['__proto__', Uint8Array.of()],
    ];
    assert.deepEqual([...parse(kept(sent)).kept], sent);
    assert.deepEqual(parse({}), { leds: [], kept: new Map(), refusedCalls: 0 });
  });

  it('hold as many deletions beside the values as there may be keys', () => {
    const sent = Array.from({ length: 2 * MAX_KEYS }, (_, i) => [
      `key ${i}`,
      i < MAX_KEYS ? new Uint8Array(1) : undefined,
    ]);
    assert.equal(parse(kept(sent)).kept.size, 2 * MAX_KEYS);
    refused(kept([...sent, ['one more', undefined]]), 'one more');
  });

  it('of another form are refused as a whole', () => {
    const good = ['good', Uint8Array.of(2)];
    for (const wrong of [null, undefined, {}, 'state', 1, new Map([['good', Uint8Array.of(2)]]), Uint8Array.of(1)])
      refused(kept(wrong), shown(wrong));
    for (const entry of [
      null,
      undefined,
      'text',
      1,
      {},
      [],
      [5, Uint8Array.of(1)],
      [null, undefined],
      [['k'], undefined],
    ])
      refused(kept([good, entry]), shown(entry));
    for (const value of [null, 'no bytes', 1, [1], {}, new Uint16Array(1)])
      refused(kept([good, ['k', value]]), shown(value));
  });

  it('have keys of 1 to 64 characters', () => {
    refused(kept([['', Uint8Array.of(1)]]), 'none');
    refused(kept([['', undefined]]), 'none, deleted');
    refused(kept([['k'.repeat(65), Uint8Array.of(1)]]), '65');
    assert.equal(parse(kept([['k'.repeat(64), Uint8Array.of(1)]])).kept.size, 1);
  });

  it('hold no more bytes than a plugin may keep, also where a key comes twice', () => {
    assert.equal(parse(kept([['k', new Uint8Array(MAX_TOTAL_BYTES)]])).kept.size, 1);
    refused(kept([['k', new Uint8Array(MAX_TOTAL_BYTES + 1)]]), 'one value');
    const half = new Uint8Array(MAX_TOTAL_BYTES / 2);
    refused(
      kept([
        ['a', half],
        ['b', half],
        ['c', Uint8Array.of(1)],
      ]),
      'three values',
    );
    refused(
      kept([
        ['a', half],
        ['a', half],
        ['a', Uint8Array.of(1)],
      ]),
      'one key',
    );
  });
});

describe('calls of a guest that its grants refused', () => {
  it('are a number of calls', () => {
    assert.equal(parse({ always: { ...NO_TRACES, refusedCalls: 3 } }).refusedCalls, 3);
  });

  it('of another form are refused', () => {
    for (const wrong of [null, undefined, '3', 3n, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
      refused({ always: { ...NO_TRACES, refusedCalls: wrong } }, String(wrong));
  });
});

describe('the traces of a call', () => {
  it('of another form are refused', () => {
    for (const wrong of [null, 'traces', 1, [], {}, { kept: [] }, { refusedCalls: 0 }, Uint8Array.of(1)])
      refused({ always: wrong }, shown(wrong));
  });

  it('tell of no device: what failed there is known already', () => {
    const deviceFailures = [{ code: 'HARDWARE_IO', message: 'never happened', reads: true }];
    assert.deepEqual(parse({ always: { ...NO_TRACES, deviceFailures } }), {
      leds: [],
      kept: new Map(),
      refusedCalls: 0,
    });
  });
});
