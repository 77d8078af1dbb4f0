/** A million mutated frames, or as many as two minutes allow. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeStreams } from './frame-streams';

const SEED = 1_000_003;
const FRAMES = 1_000_000;
const LIMIT_MS = 120_000;
/** Far less than a slow machine does. */
const LEAST = 50_000;

describe('what a process sends that was taken over', () => {
  it('is refused or plain data, a million times', { timeout: 2 * LIMIT_MS }, (t) => {
    const { findings, frames, taken, refused } = judgeStreams(SEED, FRAMES, LIMIT_MS);
    t.diagnostic(`${frames} frames, ${taken} taken, ${refused} streams refused`);
    assert.deepEqual(findings, []);
    assert.ok(frames >= LEAST, `${frames} frames`);
  });
});
