import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { clearStaged, stage, stagedPath } from '../../src/plugin-host/staged-file';
import { scratchFolder } from '../wasm/components';

const ELEVEN_MINUTES_MS = 11 * 60_000;

describe('what a crash left of an installation', () => {
  it('is cleared away after a while, and nothing else is', async (test) => {
    const dir = scratchFolder(test);
    const uploaded = join(dir, 'upload');
    const target = join(dir, 'mine.wasm');
    const others = ['mine.wasm', '.mine.wasm', 'mine.wasm.new', '.mine.wasm.0123.new', '.gitkeep'];
    for (const name of ['upload', ...others]) writeFileSync(join(dir, name), name);
    const staged = stagedPath(target);
    await stage(uploaded, staged, target);
    // Somebody else's may be under way.
    await clearStaged(dir, Date.now());
    assert.ok(existsSync(staged));
    await clearStaged(dir, Date.now() + ELEVEN_MINUTES_MS);
    assert.deepEqual(readdirSync(dir).sort(), ['upload', ...others].sort());
  });
});
