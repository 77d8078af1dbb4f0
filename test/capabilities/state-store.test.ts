import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_CHANGES, MAX_KEYS } from '../../src/capabilities/state-limits';
import { GuestState } from '../../src/capabilities/state-store';

const BYTE = Uint8Array.of(1);

function stateOf(...keys: readonly string[]): GuestState {
  return new GuestState(new Map(keys.map((key) => [key, BYTE])));
}

function names(count: number, prefix: string): string[] {
  return Array.from({ length: count }, (_, at) => `${prefix} ${at}`);
}

describe('what one call changes of the kept state', () => {
  it('is nothing where a key was set and deleted that the host never had', () => {
    const state = stateOf();
    for (const key of names(1_000, 'passing')) {
      state.set(key, BYTE);
      state.delete(key);
    }
    assert.deepEqual(state.takeChanges(), new Map());
  });

  it('is at most a deletion of each key that was kept and a value of each that may be', () => {
    const state = stateOf(...names(MAX_KEYS, 'old'));
    for (const key of names(MAX_KEYS, 'old')) state.delete(key);
    for (const key of [...names(1_000, 'passing'), ...names(MAX_KEYS, 'new')]) {
      state.set(key, BYTE);
      if (key.startsWith('passing')) state.delete(key);
    }
    assert.equal(state.takeChanges().size, MAX_CHANGES);
  });

  it('is the deletion of a key that an earlier call of the same guest set, once', () => {
    const state = stateOf();
    state.set('a', BYTE);
    assert.deepEqual(state.takeChanges(), new Map([['a', BYTE]]));
    state.delete('a');
    assert.deepEqual(state.takeChanges(), new Map([['a', undefined]]));
    state.set('a', BYTE);
    state.delete('a');
    assert.deepEqual(state.takeChanges(), new Map());
  });

  it('is the last value of a kept key that was deleted and set again', () => {
    const state = stateOf('a');
    state.delete('a');
    state.set('a', Uint8Array.of(2));
    assert.deepEqual(state.takeChanges(), new Map([['a', Uint8Array.of(2)]]));
  });
});
