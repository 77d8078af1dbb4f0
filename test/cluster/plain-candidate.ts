/**
 * Wants to be the one that may: puts its name under a lease where there is none, and believes in it no longer than the
 * lease can last, counted by its own clock from when the last answered renewal was sent. What it guards looks at the
 * token: the revision that its key was created with.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { decoded, encoded } from './etcd-calls';
import type { Guarded } from './guarded';
import { type History, monotonicMs } from './history';
import type { PlainClient } from './plain-client';

const LEADER = '/edge-wasi/v1/leader';
/** etcd grants no shorter one with an election timeout of 2.5 s (1.5 of them, in whole seconds: server/lease, minTTL). */
const TTL_S = 4;
/** For clocks of two machines that do not run equally fast, and for what is done between looking and acting. */
const MARGIN_MS = 500;
const RENEW_MS = 700;
const TRY_AGAIN_MS = 150;
const ACT_MS = 20;

type Belief = { readonly kind: 'none' } | { readonly kind: 'holds'; readonly token: number; readonly until: number };

export class Candidate {
  #belief: Belief = { kind: 'none' };
  #lease: string | undefined;
  /** When the last renewal was sent that was answered. */
  #renewedAt = 0;

  constructor(
    private readonly node: string,
    private readonly client: PlainClient,
    private readonly history: History,
    private readonly guarded: Guarded,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    const acting = setInterval(() => this.#act(), ACT_MS);
    while (!signal.aborted) await pause((await this.#step()) ? RENEW_MS : TRY_AGAIN_MS);
    clearInterval(acting);
  }

  #act(): void {
    if (this.#belief.kind === 'none' || monotonicMs() >= this.#belief.until) return;
    this.history.add({ kind: 'held', node: this.node, token: this.#belief.token });
    this.guarded.take(this.node, this.#belief.token);
  }

  /** Whether it holds the lease. */
  async #step(): Promise<boolean> {
    const lease = this.#lease === undefined ? 'gone' : await this.#renew(this.#lease);
    // Nothing is known of it: it may live, and is ours if it does.
    if (lease === 'unknown') return false;
    if (lease === 'gone' && !(await this.#granted())) return false;
    const token = await this.#token();
    if (token === undefined) return false;
    this.#belief = { kind: 'holds', token, until: this.#renewedAt + TTL_S * 1_000 - MARGIN_MS };
    return true;
  }

  async #renew(id: string): Promise<'lives' | 'gone' | 'unknown'> {
    const sent = monotonicMs();
    const outcome = await this.client.ask('lease/keepalive', { ID: id });
    if (outcome.kind !== 'done') return 'unknown';
    if (Number(outcome.answer.result?.TTL ?? 0) <= 0) return 'gone';
    this.#renewedAt = sent;
    return 'lives';
  }

  /** A new lease, where nobody's name is under another. */
  async #granted(): Promise<boolean> {
    this.#belief = { kind: 'none' };
    this.#lease = undefined;
    if (await this.#isTaken()) return false;
    const sent = monotonicMs();
    const outcome = await this.client.ask('lease/grant', { TTL: String(TTL_S) });
    if (outcome.kind !== 'done') return false;
    this.#lease = outcome.answer.ID;
    this.#renewedAt = sent;
    return true;
  }

  async #isTaken(): Promise<boolean> {
    const outcome = await this.client.ask('kv/range', { key: encoded(LEADER) });
    return outcome.kind !== 'done' || Number(outcome.answer.count ?? 0) > 0;
  }

  /** Puts its name there if nobody's is, and says with which revision; undefined where it is another's, or unknown. */
  async #token(): Promise<number | undefined> {
    const key = encoded(LEADER);
    const outcome = await this.client.ask('kv/txn', {
      compare: [{ key, target: 'CREATE', result: 'EQUAL', create_revision: '0' }],
      success: [{ request_put: { key, value: encoded(this.node), lease: this.#lease } }],
      failure: [{ request_range: { key } }],
    });
    if (outcome.kind !== 'done') return undefined;
    const { answer } = outcome;
    if (answer.succeeded) return Number(answer.header.revision);
    const kv = answer.responses?.[0]?.response_range?.kvs?.[0];
    const isMine = kv !== undefined && decoded(kv.value) === this.node && kv.lease === this.#lease;
    return isMine ? Number(kv.create_revision) : undefined;
  }
}
