/**
 * Which of the workers of one host may hold a stream. Pages at several paths, or of several Node-RED behind one proxy, have
 * a worker each, and all of their streams together must leave connections for everything else: the three oldest of them
 * may, the others poll until one of those is gone. Workers tell each other of themselves; what they tell each other is no
 * more than that, so that their pages do not mix.
 */
import { steadyNow } from './steady-clock';

const CHANNEL = 'edge-wasi.streams';
/** Of six connections. */
const MAX_STREAMS = 3;
/** Whoever was not heard of for so long is gone: some ticks. */
const GONE_MS = 5_000;
/** How long a worker listens before it takes one. */
const LISTEN_MS = 1_000;

/** `since`: ms since 1970. Two of one moment: by lot. */
interface Claim {
  readonly since: number;
  readonly lot: number;
}

interface Own extends Claim {
  readonly from: number;
}

interface Other extends Claim {
  readonly heardAt: number;
}

export class StreamPermits {
  readonly #others = new Map<number, Other>();
  readonly #channel = openChannel();
  #own: Own | undefined;

  constructor() {
    this.#channel?.addEventListener('message', ({ data }: MessageEvent<Claim>) => {
      this.#others.set(data.lot, { ...data, heardAt: steadyNow() });
    });
  }

  /** Whether this worker may hold one now. */
  get isGranted(): boolean {
    const own = this.#own;
    if (own === undefined || steadyNow() - own.from < LISTEN_MS) return false;
    const older = [...this.#others.values()].filter((other) => isOlder(other, own));
    return older.length < MAX_STREAMS;
  }

  /** To be called every half second or so. */
  tick(isWanted: boolean): void {
    const now = steadyNow();
    for (const [lot, { heardAt }] of this.#others) if (now - heardAt > GONE_MS) this.#others.delete(lot);
    if (!isWanted) {
      this.#own = undefined;
      return;
    }
    this.#own ??= { since: Date.now(), lot: Math.random(), from: now };
    const { since, lot } = this.#own;
    this.#channel?.postMessage({ since, lot } satisfies Claim);
  }
}

function isOlder(one: Claim, other: Claim): boolean {
  return one.since === other.since ? one.lot < other.lot : one.since < other.since;
}

/** A browser may have the channel and refuse it. */
function openChannel(): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(CHANNEL);
  } catch {
    return undefined;
  }
}
