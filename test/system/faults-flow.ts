/** A flow that polls the guest `faults`, which misbehaves as its settings say, beside a dashboard. */
import assert from 'node:assert/strict';
import { fixture } from '../wasm/components';
import { catchNode, debugNode, type FlowNode, injectNode, onTab, pollNode, runtimeWithOnly, TAB } from './flow-nodes';
import type { NodeRed } from './node-red';

export const FAULTS = { copies: { 'wasi/plugins/faults.wasm': fixture('faults') }, prepared: true };
/** For a spin whose end is waited for. */
export const SOON_MS = 2_000;
/** No test waits for it. */
export const NEVER_MS = 600_000;

export function spinning(deadlineMs: number, atPoll = 1): string {
  return `[plugins.faults]
enabled = true
[plugins.faults.limits]
deadline_ms = ${deadlineMs}
[plugins.faults.settings]
fault = "spin"
fault_at = ${atPoll}
`;
}

/** `name` is part of all ids: /comms repeats old ones. */
export function faultsFlow(name: string, toml: string): FlowNode[] {
  return [
    TAB,
    runtimeWithOnly('runtime', ['dht22', 'dashboard'], toml),
    injectNode(`go-${name}`, [`poll-${name}`]),
    pollNode(`poll-${name}`, 'faults', [`out-${name}`]),
    debugNode(`out-${name}`, 'payload'),
    catchNode(`caught-${name}`, [`failed-${name}`]),
    debugNode(`failed-${name}`),
    onTab('site', 'dashboard', { runtime: 'runtime', plugin: 'dashboard', path: '/wasi' }),
  ];
}

export function codeOf(message: unknown): unknown {
  assert.ok(typeof message === 'object' && message !== null && 'error' in message);
  const { error } = message;
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** Until the guest spins: its worker was told, not only the node asked. */
export async function startSpinning(nodeRed: NodeRed, name: string): Promise<void> {
  await nodeRed.untilStatus(`poll-${name}`, 'green dot ready (sim)');
  await nodeRed.inject(`go-${name}`);
  await untilPolling(nodeRed);
}

export async function untilPolling(nodeRed: NodeRed): Promise<void> {
  await nodeRed.until('the guest is called', () => isCalled(nodeRed));
}

export async function isCalled(nodeRed: NodeRed): Promise<boolean> {
  const plugins: readonly { name: string; state: string }[] = await nodeRed.json('/edge-wasi/runtimes/runtime/plugins');
  return plugins.some(({ name, state }) => name === 'faults' && state === 'polling');
}
