import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { doneWithin } from '../../src/platform/with-timeout';

const NEVER = new Promise<void>(() => undefined);

describe('a wait with a limit', () => {
  it('says whether the work was done', async () => {
    assert.equal(await doneWithin(60_000, Promise.resolve('anything')), true);
    assert.equal(await doneWithin(1, NEVER), false);
  });

  it('fails as the work does, and leaves no timer behind', async (t) => {
    const clear = t.mock.method(globalThis, 'clearTimeout');
    await assert.rejects(doneWithin(60_000, Promise.reject(new Error('no'))), /^Error: no$/);
    assert.equal(clear.mock.callCount(), 1);
  });
});
