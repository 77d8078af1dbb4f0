/** The records of a segment: whole or left out, wherever they were cut or changed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { decodeRecords, encodeRecords } from '../../src/cluster/outbox/records';
import { numbered } from './outbox-files';

describe('the records of a segment', () => {
  it('come back as they were, up to any byte where they were cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 20 }), fc.nat(), (texts, cut) => {
        const entries = texts.map((text, i) => ({ seq: i + 1, text }));
        const data = encodeRecords(entries);
        assert.deepEqual(decodeRecords(data), { entries, tornBytes: 0 });
        const torn = decodeRecords(data.subarray(0, cut % (data.length + 1)));
        assert.deepEqual(torn.entries, entries.slice(0, torn.entries.length));
      }),
    );
  });

  it('end at the first whose bytes were changed', () => {
    const entries = numbered(0, 5).map((text, i) => ({ seq: i + 1, text }));
    const data = encodeRecords(entries);
    fc.assert(
      fc.property(fc.nat(data.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const broken = Buffer.from(data);
        broken[at] = (broken[at] ?? 0) ^ mask;
        const { entries: read } = decodeRecords(broken);
        assert.ok(read.length < 5);
        assert.deepEqual(read, entries.slice(0, read.length));
      }),
    );
  });
});
