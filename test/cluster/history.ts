/**
 * What happened in one run, as whoever did it saw it: the input of history-checker.ts. Times are ms of the machine's
 * monotonic clock, one for all its processes, so that histories of several can be put together. In memory; a run that
 * went wrong is written to build/test/history, a line an event, beside its seed.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../wasm/components';

/** A reading, whoever carries it and however often. */
export interface ReadingId {
  readonly node: string;
  /** Sequence numbers of one node are compared within one epoch alone. */
  readonly epoch: string;
  readonly seq: number;
}

export type HistoryEvent = { readonly at: number } & (
  | { readonly kind: 'invoked'; readonly reading: ReadingId }
  /** Whoever published it was told that it is stored. */
  | { readonly kind: 'acknowledged'; readonly reading: ReadingId }
  /** Certainly not stored by this attempt. */
  | { readonly kind: 'refused'; readonly reading: ReadingId }
  /** Nobody can know: a deadline passed, a connection broke. */
  | { readonly kind: 'unanswered'; readonly reading: ReadingId }
  /** A follower passed it on to its users. */
  | { readonly kind: 'observed'; readonly reader: string; readonly reading: ReadingId }
  /** A node asked itself whether it holds the lease, and found that it does. `token`: the fencing token. */
  | { readonly kind: 'held'; readonly node: string; readonly token: number }
  /** What the lease guards took an order of this token; in the order in which it took them. */
  | { readonly kind: 'acted'; readonly node: string; readonly token: number }
);

export type Recorded<K extends HistoryEvent['kind']> = Extract<HistoryEvent, { kind: K }>;

export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export function nameOf({ node, epoch, seq }: ReadingId): string {
  return `${node}/${epoch}-${seq}`;
}

export class History {
  readonly #events: HistoryEvent[] = [];

  constructor(
    readonly seed: number,
    private readonly now: () => number = monotonicMs,
  ) {}

  get events(): readonly HistoryEvent[] {
    return this.#events;
  }

  add(event: WithoutTime<HistoryEvent>): void {
    this.#events.push({ ...event, at: this.now() });
  }

  of<K extends HistoryEvent['kind']>(kind: K): readonly Recorded<K>[] {
    return this.#events.filter((event): event is Recorded<K> => event.kind === kind);
  }

  /** Returns the file's path. */
  keep(name: string): string {
    const folder = join(REPOSITORY, 'build', 'test', 'history');
    const file = join(folder, `${name}-${this.seed}.jsonl`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, this.#events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    return file;
  }
}

type WithoutTime<E> = E extends unknown ? Omit<E, 'at'> : never;
