import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 } from '../../src/platform/crc32';

describe('the CRC-32', () => {
  it('is that of IEEE 802.3', () => {
    // The check value of the CRC catalogue for CRC-32/ISO-HDLC.
    assert.equal(crc32(Buffer.from('123456789')), 0xcbf43926);
    assert.equal(crc32(new Uint8Array()), 0);
  });
});
