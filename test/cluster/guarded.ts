/** The far end of an order: it trusts nobody's belief, only tokens. */
import type { History } from './history';

/** What a lease guards, such as a field bus: it takes orders of the newest token alone. */
export class Guarded {
  #newest = 0;

  constructor(private readonly history: History) {}

  take(node: string, token: number): void {
    if (token < this.#newest) return;
    this.#newest = token;
    this.history.add({ kind: 'acted', node, token });
  }
}
