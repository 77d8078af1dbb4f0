/**
 * The one place that decides what a node shows: `shownOf` tells what there is to say, `statusOf` which colour, shape
 * and words say it. Words are texts of wasi-runtime's catalogue, whichever node shows them; values of a sensor are
 * shown as they are. Every text is below 20 characters, also with the mark for simulated hardware, which is the same
 * in all languages.
 */
import type { NodeStatus, NodeStatusFill, NodeStatusShape } from 'node-red';
import { type ErrorCode, isErrorCode } from '../src/errors/wasi-error';
import type { PluginSummary } from '../src/runtime-api/runtime-api';
import type { NotKept } from '../src/runtime-api/storage-api';
import type { RuntimePhase } from './shared-runtime';
import { cut } from './value-text';

export type Busy = 'polling' | 'writing' | 'rendering';
export type Finished = 'ready' | 'written' | 'unchanged' | 'rendered' | 'shown' | 'no-values';
/** Of a node in a cluster; `no-cluster`: there is none. */
export type InCluster = 'no-cluster' | 'no-leader' | 'leading';

export type Shown =
  | { readonly kind: 'loading' | 'reloading' | 'disabled' | Busy | Finished | InCluster }
  /** The newest value, in words. */
  | { readonly kind: 'value'; readonly text: string }
  /** Of a server. */
  | { readonly kind: 'clients'; readonly count: number }
  /** Of a whole cycle: how many of the plugins that were polled or updated did not fail. */
  | { readonly kind: 'cycle'; readonly ok: number; readonly polled: number }
  /** Another node of the cluster leads. */
  | { readonly kind: 'led-by'; readonly node: string }
  | { readonly kind: 'failed'; readonly code: ErrorCode };

export interface Facts {
  readonly runtime: RuntimePhase;
  /** The one plugin the node is about, where it is about one and the runtime knows it. */
  readonly plugin: PluginSummary | undefined;
  /** What the node itself is doing now. */
  readonly busy: Busy | undefined;
  /** How what it did last ended. */
  readonly last: Shown | undefined;
  /** Of what the node does something should be on the disk and is not. */
  readonly isNotKept?: boolean;
}

export type Translate = (key: string, words?: Record<string, string>) => string;

const SIMULATED_MARK = ' (sim)';
/** Longest text of a status, the mark included. */
const MAX_TEXT_LENGTH = 19;

/** Room for a value beside what else its status says. */
export function maxValueLength(simulated: boolean): number {
  return simulated ? MAX_TEXT_LENGTH - SIMULATED_MARK.length : MAX_TEXT_LENGTH;
}

/** What "led by " takes; no language has a longer one. */
const LED_BY_LENGTH = 7;

/** Room for the leader's name. */
export function maxLeaderLength(simulated: boolean): number {
  return maxValueLength(simulated) - LED_BY_LENGTH;
}

/** Whoever shows a status, its words are in this one catalogue. */
export const STATUS_CATALOGUE = '@edge-wasi/node-red-wasi/wasi-runtime';

const LOOKS: Readonly<Record<Exclude<Shown['kind'], 'failed' | 'cycle'>, readonly [NodeStatusFill, NodeStatusShape]>> =
  {
    loading: ['yellow', 'ring'],
    reloading: ['yellow', 'ring'],
    disabled: ['grey', 'ring'],
    polling: ['blue', 'dot'],
    writing: ['blue', 'dot'],
    rendering: ['blue', 'dot'],
    ready: ['green', 'dot'],
    written: ['green', 'dot'],
    unchanged: ['green', 'dot'],
    rendered: ['green', 'dot'],
    shown: ['green', 'dot'],
    'no-values': ['green', 'dot'],
    value: ['green', 'dot'],
    clients: ['green', 'dot'],
    'no-cluster': ['grey', 'ring'],
    'no-leader': ['yellow', 'ring'],
    leading: ['green', 'dot'],
    'led-by': ['green', 'dot'],
  };

/** What keeps the node from working comes first, then what it is doing, then how its last action ended. */
export function shownOf({ runtime, plugin, busy, last, isNotKept = false }: Facts): Shown {
  switch (runtime.kind) {
    case 'opening':
      return { kind: 'loading' };
    case 'failed':
      return { kind: 'failed', code: runtime.error.code };
    case 'idle':
    case 'closed':
      return { kind: 'failed', code: 'RUNTIME_CLOSED' };
    case 'open':
      if (busy === undefined && isNotKept) return hindrance(plugin) ?? { kind: 'failed', code: 'PLUGIN_STORAGE' };
      return hindrance(plugin) ?? (busy === undefined ? ending(plugin, last) : { kind: busy });
  }
}

/**
 * Whether what is not kept is work of a node of this type, about this plugin. A dashboard node stands for all of it, as its page and
 * health do.
 */
export function concerns({ what, plugin }: NotKept, type: string, about: string | undefined): boolean {
  if (type === 'dashboard') return true;
  if (type === 'modbus-gateway') return what === 'registers';
  return what === 'state' && plugin !== undefined && plugin === about;
}

/** That the plugin was disabled is no news once the runtime says otherwise. */
function ending(plugin: PluginSummary | undefined, last: Shown | undefined): Shown {
  if (last === undefined || (last.kind === 'disabled' && plugin !== undefined)) return { kind: 'ready' };
  return last;
}

function hindrance(plugin: PluginSummary | undefined): Shown | undefined {
  switch (plugin?.state) {
    case 'disabled':
    case 'loading':
    case 'reloading':
      return { kind: plugin.state };
    case 'backing-off': {
      const code = plugin.lastError?.code;
      return { kind: 'failed', code: isErrorCode(code) ? code : 'PLUGIN_BACKOFF' };
    }
    case 'closed':
      return { kind: 'failed', code: 'RUNTIME_CLOSED' };
    case 'ready':
    case 'polling':
    case undefined:
      return undefined;
  }
}

export function statusOf(shown: Shown, simulated: boolean, translate: Translate): NodeStatus {
  const [fill, shape] = lookOf(shown);
  const text =
    shown.kind === 'value' ? shown.text : translate(`${STATUS_CATALOGUE}:${keyOf(shown)}`, wordsOf(shown, simulated));
  return { fill, shape, text: simulated ? `${text}${SIMULATED_MARK}` : text };
}

function lookOf(shown: Shown): readonly [NodeStatusFill, NodeStatusShape] {
  if (shown.kind === 'failed') return failureLook(shown.code);
  if (shown.kind === 'cycle') return shown.ok === shown.polled ? ['green', 'dot'] : ['red', 'ring'];
  return LOOKS[shown.kind];
}

/** Hardware that is not there is no fault of the flow: grey, as for a disabled plugin. */
function failureLook(code: ErrorCode): readonly [NodeStatusFill, NodeStatusShape] {
  return code === 'HARDWARE_MISSING' ? ['grey', 'ring'] : ['red', 'ring'];
}

function keyOf(shown: Exclude<Shown, { kind: 'value' }>): string {
  switch (shown.kind) {
    case 'failed':
      return `errors.${shown.code}`;
    case 'clients':
      return shown.count === 1 ? 'status.one-client' : 'status.clients';
    default:
      return `status.${shown.kind}`;
  }
}

function wordsOf(shown: Shown, simulated: boolean): Record<string, string> {
  switch (shown.kind) {
    case 'clients':
      return { n: String(shown.count) };
    case 'cycle':
      return { ok: String(shown.ok), polled: String(shown.polled) };
    case 'led-by':
      return { node: cut(shown.node, maxLeaderLength(simulated)) };
    default:
      return {};
  }
}
