/**
 * One plugin's life as a pure function: which state follows which event. Effects (starting, calling, ending guests) are
 * around it, in `plugin-life.ts`, and nobody else writes the state. A pair that is not listed is a bug and throws.
 *
 * After its first loss a guest is started again at once; losses that follow each other wait 1 s, doubling to 30 s. They
 * are forgotten when an instance was up for a minute: one that starts well and then crashes, over and over, must add up.
 *
 * Times are ms of a clock that nobody sets. `G` is the running guest; the table is tested with letters.
 */

import type { WasiError } from '../errors/wasi-error';
import { type Backoff, backoffMs } from '../platform/backoff';
import { TemporaryFailure } from '../wasm/temporary-failure';

export type PluginState<G> =
  | { readonly kind: 'disabled' }
  | { readonly kind: 'loading'; readonly failures: number }
  | ({ readonly kind: 'ready' } & Running<G>)
  /** `after`: what it is again when the call is over. */
  | ({ readonly kind: 'polling'; readonly after: 'ready' | 'reloading' } & Running<G>)
  /** `preparing` its successor, the guest can be called; not while it is `handing-over` its state. */
  | ({ readonly kind: 'reloading'; readonly step: 'preparing' | 'handing-over' } & Running<G>)
  | { readonly kind: 'backing-off'; readonly failures: number; readonly cause: WasiError; readonly retry: Retry }
  | { readonly kind: 'closed' };

interface Running<G> {
  readonly guest: G;
  readonly failures: number;
  readonly upSince: number;
}

/** A file that cannot be used is not tried again until it is another file. */
export type Retry = { readonly when: 'time'; readonly at: number } | { readonly when: 'file-changes' };

export type PluginEvent<G> =
  | { readonly kind: 'loaded'; readonly guest: G; readonly now: number }
  | { readonly kind: 'load-failed'; readonly cause: WasiError; readonly now: number }
  | { readonly kind: 'call-started' }
  | { readonly kind: 'call-ended' }
  | { readonly kind: 'guest-lost'; readonly cause: WasiError; readonly now: number }
  | { readonly kind: 'reload-started' }
  | { readonly kind: 'hand-over-started' }
  /** The successor did not survive it. */
  | { readonly kind: 'hand-over-failed' }
  /** The new file cannot be used, or holds the very bytes that run. */
  | { readonly kind: 'old-kept' }
  /** What runs is not to be called any more, through no fault of its own. */
  | { readonly kind: 'discarded' }
  | { readonly kind: 'retried' }
  /** Somebody wants to see it run, and not to wait: what was does not count. */
  | { readonly kind: 'asked-anew' }
  /** Another file than the one that failed: what the other one did does not count against it. */
  | { readonly kind: 'file-changed' }
  | { readonly kind: 'closed' };

const BACKOFF: Backoff = { firstMs: 1_000, maxMs: 30_000 };
/** What an instance must survive before earlier losses no longer count; twice the longest back-off. */
export const HEALTHY_UPTIME_MS = 60_000;

/** Of the file itself, where it is not a TemporaryFailure: trying the same bytes again cannot help. */
const FILE_FAULTS: ReadonlySet<string> = new Set([
  'PLUGIN_INVALID',
  'PLUGIN_NOT_FOUND',
  'PLUGIN_STORAGE',
  'CAPABILITY_DENIED',
]);

export function next<G>(state: PluginState<G>, event: PluginEvent<G>): PluginState<G> {
  if (event.kind === 'closed') return { kind: 'closed' };
  switch (state.kind) {
    case 'loading':
      if (event.kind === 'loaded')
        return { kind: 'ready', guest: event.guest, failures: state.failures, upSince: event.now };
      if (event.kind === 'load-failed') return backOff(state.failures + 1, event.cause, event.now);
      break;
    case 'ready':
      if (event.kind === 'call-started') return { kind: 'polling', after: 'ready', ...running(state) };
      if (event.kind === 'reload-started') return { kind: 'reloading', step: 'preparing', ...running(state) };
      if (event.kind === 'guest-lost') return afterLoss(state, event.cause, event.now);
      if (event.kind === 'discarded') return { kind: 'loading', failures: 0 };
      break;
    case 'polling':
      if (event.kind === 'call-ended') return afterCall(state);
      if (event.kind === 'reload-started' && state.after === 'ready') return { ...state, after: 'reloading' };
      if (event.kind === 'old-kept' && state.after === 'reloading') return { ...state, after: 'ready' };
      if (event.kind === 'guest-lost') return afterLoss(state, event.cause, event.now);
      break;
    case 'reloading':
      if (event.kind === 'loaded') return { kind: 'ready', guest: event.guest, failures: 0, upSince: event.now };
      if (event.kind === 'guest-lost') return afterLoss(state, event.cause, event.now);
      if (state.step === 'handing-over') {
        if (event.kind === 'hand-over-failed') return { ...state, step: 'preparing' };
        break;
      }
      if (event.kind === 'call-started') return { kind: 'polling', after: 'reloading', ...running(state) };
      if (event.kind === 'hand-over-started') return { ...state, step: 'handing-over' };
      if (event.kind === 'old-kept') return { kind: 'ready', ...running(state) };
      break;
    case 'backing-off':
      if (event.kind === 'retried') return { kind: 'loading', failures: state.failures };
      if (event.kind === 'asked-anew') return { kind: 'loading', failures: 0 };
      if (event.kind === 'file-changed') return { kind: 'loading', failures: 0 };
      break;
    case 'disabled':
    case 'closed':
      break;
  }
  throw new Error(`a plugin that is ${state.kind} cannot be ${event.kind}`);
}

function running<G>({ guest, failures, upSince }: Running<G>): Running<G> {
  return { guest, failures, upSince };
}

function afterCall<G>(state: { readonly after: 'ready' | 'reloading' } & Running<G>): PluginState<G> {
  return state.after === 'ready'
    ? { kind: 'ready', ...running(state) }
    : { kind: 'reloading', step: 'preparing', ...running(state) };
}

function afterLoss<G>(lost: { failures: number; upSince: number }, cause: WasiError, now: number): PluginState<G> {
  const failures = now - lost.upSince >= HEALTHY_UPTIME_MS ? 1 : lost.failures + 1;
  return failures === 1 ? { kind: 'loading', failures } : backOff(failures, cause, now);
}

function backOff<G>(failures: number, cause: WasiError, now: number): PluginState<G> {
  if (FILE_FAULTS.has(cause.code) && !(cause instanceof TemporaryFailure))
    return { kind: 'backing-off', failures, cause, retry: { when: 'file-changes' } };
  // The first failure was followed by a restart at once.
  const at = now + backoffMs(BACKOFF, failures - 1);
  return { kind: 'backing-off', failures, cause, retry: { when: 'time', at } };
}
