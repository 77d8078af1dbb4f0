/** As safe-core-names.test.ts, with many more names, and others each time: fast-check prints the seed of what it finds. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coreNamesAreNeverCode, namesAreNeverCode } from './name-properties';

const LIMIT = { timeout: 1_200_000 };
const CORE_RUNS = 600;
const RUNS = 2_000;

describe('thousands of names', () => {
  it('of core modules are never code', LIMIT, () => coreNamesAreNeverCode({ numRuns: CORE_RUNS }));

  it('in any place of a component are never code', LIMIT, async () => {
    const translated = await namesAreNeverCode({ numRuns: RUNS });
    assert.ok(translated > RUNS / 10, `${translated} were translated`);
  });
});
