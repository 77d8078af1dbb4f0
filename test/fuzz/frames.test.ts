/** Some thousand streams of mutated frames; frames.slow.test.ts has a million frames. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeStreams } from './frame-streams';

const SEED = 20_261;
const FRAMES = 20_000;

describe('what a process sends that was taken over', () => {
  it('is refused or plain data, wherever its stream is cut', () => {
    const { findings, taken, refused } = judgeStreams(SEED, FRAMES);
    assert.deepEqual(findings, []);
    assert.ok(taken > FRAMES / 4 && refused > FRAMES / 20, `${taken} taken, ${refused} streams refused`);
  });
});
