/**
 * `state-store`: a plugin's few bytes that survive a restart. Reads are served from the copy the guest started with;
 * changes are handed to the host with the end of each call, which writes them to disk. What a call that traps had
 * changed is lost with its instance.
 */

import type * as Wit from '../../build/wit-types/interfaces/edge-plugin-state-store';
import { FIXED } from '../errors/format-limit';
import { ResultFailure } from './host-failure';
import { MAX_KEY_LENGTH, MAX_KEYS, MAX_TOTAL_BYTES } from './state-limits';

export class GuestState {
  readonly #values: Map<string, Uint8Array>;
  /** Keys that the host has a value of: only their deletion is a change. */
  readonly #handedOver: Set<string>;
  #changes = new Map<string, Uint8Array | undefined>();

  constructor(values: ReadonlyMap<string, Uint8Array>) {
    this.#values = new Map(values);
    this.#handedOver = new Set(values.keys());
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
    if (!this.#values.delete(key)) return;
    if (this.#handedOver.has(key)) this.#changes.set(key, undefined);
    else this.#changes.delete(key);
  }

  /** At most as many as there may be keys before and after. */
  takeChanges(): ReadonlyMap<string, Uint8Array | undefined> {
    const changes = this.#changes;
    this.#changes = new Map();
    for (const [key, value] of changes) {
      if (value === undefined) this.#handedOver.delete(key);
      else this.#handedOver.add(key);
    }
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
