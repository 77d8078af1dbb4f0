/** What a guest returns and what it passes, whatever that is: refused or made harmless, never believed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { type ArgumentKind, checkedFunctions } from '../../src/capabilities/argument-check';
import { WasiError } from '../../src/errors/wasi-error';
import { asPage } from '../../src/plugin-host/guest-page';
import { toReadings } from '../../src/plugin-host/guest-readings';
import { type Emit, toMessages } from '../../src/readings/messages';
import type { Reading } from '../../src/readings/reading';
import { type Manifest, manifestText, parseManifest } from '../../src/wasm/manifest';
import { exceedsLimit } from '../../src/wasm/payload-size';
import { sha256 } from '../../src/wasm/sha256';
import { anyValue, largeValue, readingLike } from './guest-values';

/** Printed by fast-check with the path of what it found; the same on every machine. */
const RUNS = { seed: 20_261, numRuns: 2_000 };
const ORIGIN = { node: 'node', plugin: 'plugin', now: 1_000 };
const MAX_TEXT_LENGTH = 256;
const UNSHOWABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
const EMITS: readonly Emit[] = ['readings', 'values', 'batch'];

/** The readings, or undefined where the value was refused as a guest's mistake. */
function readingsOf(value: unknown): readonly Reading[] | undefined {
  try {
    return toReadings(value, ORIGIN);
  } catch (error) {
    assert.ok(error instanceof WasiError && error.code === 'PLUGIN_ERROR', String(error));
    return undefined;
  }
}

function assertShowable(text: string): void {
  assert.ok(text.length <= MAX_TEXT_LENGTH && !UNSHOWABLE.test(text), JSON.stringify(text));
}

function assertPlain(reading: Reading): void {
  assertShowable(reading.sensorId);
  assert.ok(Number.isInteger(reading.timestamp) && !Number.isNaN(new Date(reading.timestamp).getTime()));
  for (const name of [...Object.keys(reading.values), ...Object.keys(reading.units)]) assertShowable(name);
  for (const value of Object.values(reading.values)) {
    if (typeof value === 'string') assertShowable(value);
    else assert.ok(Number.isFinite(value), String(value));
  }
  for (const unit of Object.values(reading.units)) assertShowable(unit);
}

describe('what a guest returns', () => {
  it('becomes readings of finite numbers and harmless text, or is refused as its mistake', () => {
    let taken = 0;
    const value = fc.oneof(anyValue, readingLike, fc.array(readingLike, { maxLength: 4 }));
    fc.assert(
      fc.property(value, (returned) => {
        const readings = readingsOf(returned);
        if (readings && readings.length > 0) taken += 1;
        for (const reading of readings ?? []) assertPlain(reading);
      }),
      RUNS,
    );
    assert.ok(taken > RUNS.numRuns / 10, `${taken} were taken`);
  });

  it('leaves in messages that any node can merge and print', () => {
    fc.assert(
      fc.property(fc.array(readingLike, { maxLength: 4 }), fc.constantFrom(...EMITS), (returned, emit) => {
        const readings = readingsOf(returned) ?? [];
        for (const message of toMessages(emit, readings, 'plugin', 'node', {})) {
          assert.deepEqual(JSON.parse(JSON.stringify(message)), JSON.parse(JSON.stringify({ ...message })));
          assert.ok(!JSON.stringify(message).includes('"__proto__":'));
        }
      }),
      RUNS,
    );
  });

  it('is a page, or is refused as its mistake', () => {
    fc.assert(
      fc.property(anyValue, (returned) => {
        if (typeof returned === 'string') assert.equal(asPage('plugin')(returned), returned);
        else assert.throws(() => asPage('plugin')(returned), { name: 'WasiError', code: 'PLUGIN_ERROR' });
      }),
      RUNS,
    );
  });

  it('is written, as an error, in at most some times the characters that it is taken for', () => {
    const limitBytes = 4_096;
    /** A byte of a list is written with its place: `"4095":255,`. */
    const most = 16 * limitBytes;
    let light = 0;
    for (const value of [anyValue, largeValue]) {
      fc.assert(
        fc.property(value, (returned) => {
          if (exceedsLimit(returned, limitBytes)) return;
          light += 1;
          const written = JSON.stringify(returned, (_, part) => (typeof part === 'bigint' ? String(part) : part)) ?? '';
          assert.ok(written.length <= most, `${written.length} characters`);
        }),
        RUNS,
      );
    }
    assert.ok(light > RUNS.numRuns / 10, `${light} were light`);
  });
});

const KINDS: readonly ArgumentKind[] = ['u8', 'u32', 'bool', 'string', 'bytes', 'process-image-value'];
/** The JavaScript type of each kind, told apart from the check's own way. */
const isOf = (kind: ArgumentKind, value: unknown): boolean => {
  const type = Object.prototype.toString.call(value);
  if (kind === 'u8') return typeof value === 'number' && value === (value & 0xff);
  if (kind === 'u32') return typeof value === 'number' && value === value >>> 0;
  if (kind === 'process-image-value') return type === '[object Object]';
  return type === { bool: '[object Boolean]', string: '[object String]', bytes: '[object Uint8Array]' }[kind];
};

describe('what a guest passes', () => {
  it('reaches a capability only as what its WIT says', () => {
    const argument = fc.oneof(anyValue, fc.nat(), fc.boolean(), fc.string(), fc.uint8Array());
    const call = fc.array(fc.tuple(fc.constantFrom(...KINDS), argument), { maxLength: 4 });
    fc.assert(
      fc.property(call, fc.array(anyValue, { maxLength: 2 }), (pairs, more) => {
        const kinds = pairs.map(([kind]) => kind);
        const seen: unknown[][] = [];
        const { f } = Object.fromEntries(
          Object.entries(checkedFunctions('i', { f: (...args: unknown[]) => seen.push(args) }, { f: kinds })),
        );
        assert.ok(typeof f === 'function');
        try {
          f(...pairs.map(([, value]) => value), ...more);
        } catch (error) {
          assert.ok(error instanceof TypeError && seen.length === 0, String(error));
        }
        for (const args of seen)
          assert.ok(args.length === kinds.length && kinds.every((kind, i) => isOf(kind, args[i])));
      }),
      RUNS,
    );
  });
});

const DIGEST = 'a'.repeat(64);
const MANIFEST: Manifest = {
  component: DIGEST,
  imports: ['edge:plugin/i2c@1.0.0'],
  exports: ['edge:plugin/sensor-logic@1.0.0'],
  glue: DIGEST,
  modules: [{ file: 'plugin.core.wasm', digest: DIGEST, definesMemory: true, data: { digest: DIGEST, memory: 'm' } }],
};

describe('a stored manifest', () => {
  it('is none when anything in it was changed', () => {
    const whole = manifestText(MANIFEST);
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(3), fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(change, ([at, removed, put]) => {
        const changed = whole.slice(0, at) + put + whole.slice(at + removed);
        if (changed !== whole) assert.equal(parseManifest(changed), undefined);
      }),
      RUNS,
    );
  });

  it('names no path and no digest but such as this package writes, even when its own digest is right', () => {
    const hostile = fc.oneof(anyValue, fc.constantFrom('../../x', 'plugin.core1.wasm\n', `${DIGEST}\n`, DIGEST));
    const fields = fc.record(
      {
        component: hostile,
        imports: hostile,
        exports: hostile,
        glue: hostile,
        modules: fc.array(
          fc.record({ file: hostile, digest: hostile, definesMemory: hostile, data: hostile }, { requiredKeys: [] }),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fields, (changes) => {
        const json = JSON.stringify({ ...MANIFEST, ...changes }, (_, value) => (typeof value === 'bigint' ? 1 : value));
        const manifest = parseManifest(`${sha256(json)}\n${json}`);
        for (const { file, digest, data } of manifest?.modules ?? []) {
          assert.match(file, /^plugin\.core\d*\.wasm$/);
          assert.ok(!file.includes('\n') && !digest.includes('\n'));
          for (const found of [digest, data?.digest ?? DIGEST]) assert.match(found, /^[0-9a-f]{64}$/);
        }
      }),
      RUNS,
    );
  });
});
