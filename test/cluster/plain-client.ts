/**
 * A node's view of etcd with as little of our own in between as possible: one endpoint at a time, the next one after a
 * fault. What workload.ts runs against etcd itself, to show what the members promise before the product is judged by it.
 */
import { type Answer, call, Refusal } from './etcd-calls';

const CALL_LIMIT_MS = 1_500;

/** What became of a call. `refused`: certainly not done. `unknown`: done or not. */
export type Outcome =
  | { readonly kind: 'done'; readonly answer: Answer }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unknown' };

export class PlainClient {
  #at = 0;

  constructor(private readonly urls: readonly string[]) {}

  get url(): string {
    return this.urls[this.#at % this.urls.length] ?? '';
  }

  next(): void {
    this.#at++;
  }

  async ask(path: string, body: object): Promise<Outcome> {
    try {
      return { kind: 'done', answer: await call(this.url, path, body, CALL_LIMIT_MS) };
    } catch (error) {
      this.next();
      return { kind: isCertain(error) ? 'refused' : 'unknown' };
    }
  }
}

/** Only what never reached a leader: a learner takes no writes (gRPC's UNAVAILABLE with this text). */
function isCertain(error: unknown): boolean {
  return error instanceof Refusal && error.message.includes('not supported for learner');
}
