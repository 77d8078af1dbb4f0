/**
 * `state-store`: a plugin's few bytes that survive a restart. Reads are served from the copy the guest started with;
 * changes are handed to the host with the end of each call, which writes them to disk. What a call that traps had
 * changed is lost with its instance.
 */

import type * as Wit from '../../build/wit-types/interfaces/edge-plugin-state-store';
import { FIXED } from '../limit-text';
import { ResultFailure } from './host-failure';

const MAX_KEY_LENGTH = 64;
const MAX_KEYS = 64;
/** All values of a plugin together: a baseline and its history, not a log. */
const MAX_TOTAL_BYTES = 65_536;

export class GuestState {
  readonly #values: Map<string, Uint8Array>;
  #changes = new Map<string, Uint8Array | undefined>();

  constructor(values: ReadonlyMap<string, Uint8Array>) {
    this.#values = new Map(values);
  }

  get(key: string): Uint8Array | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Uint8Array): void {
    if (key.length === 0 || key.length > MAX_KEY_LENGTH)
      throw new ResultFailure(`a key has 1 to ${MAX_KEY_LENGTH} characters ${FIXED}`);
    if (!this.#values.has(key) && this.#values.size >= MAX_KEYS)
      throw new ResultFailure(`at most ${MAX_KEYS} keys are kept ${FIXED}`);
    const others = [...this.#values].reduce((sum, [other, bytes]) => (other === key ? sum : sum + bytes.length), 0);
    if (others + value.length > MAX_TOTAL_BYTES)
      throw new ResultFailure(`at most ${MAX_TOTAL_BYTES} bytes are kept for a plugin ${FIXED}`);
    const copy = value.slice();
    this.#values.set(key, copy);
    this.#changes.set(key, copy);
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#changes.set(key, undefined);
  }

  takeChanges(): ReadonlyMap<string, Uint8Array | undefined> {
    const changes = this.#changes;
    this.#changes = new Map();
    return changes;
  }
}

export function stateStore(state: GuestState): typeof Wit {
  return {
    get: (key) => state.get(key),
    set: (key, value) => state.set(key, value),
    delete: (key) => state.delete(key),
  };
}
