/** Plugins without a component, for what is about their life alone: how they start, and what they answer. */
import type { HostConfig } from '../../src/host-config/host-config';
import { parseHostConfig } from '../../src/host-config/parse-host-config';
import type { PluginCall, PluginSurroundings } from '../../src/plugin-host/plugin';
import type { LocatedComponent } from '../../src/plugin-host/plugin-files';
import type { RunningGuest } from '../../src/plugin-host/running-guest';
import type { GuestReturn } from '../../src/wasm/guest';

export const POLL: PluginCall<unknown> = { kinds: ['sensor'], args: () => [], isNothing: () => false };

export const PROBE: LocatedComponent = {
  origin: 'file',
  source: { kind: 'file', path: 'probe.wasm' },
  key: '1',
  sizeBytes: 1,
  modifiedAt: 0,
  guards: undefined,
};

export function configOf(toml: string): HostConfig {
  return parseHostConfig(toml, 'host.toml', { hostName: 'pi' });
}

/** Every plugin has the same file, and all of what it does is nobody's concern. */
export function surroundings(
  start: PluginSurroundings['start'],
  others: Partial<PluginSurroundings> = {},
): PluginSurroundings {
  return {
    locate: async () => PROBE,
    start,
    onLeds: () => undefined,
    onKept: () => undefined,
    onState: () => undefined,
    onGone: () => undefined,
    log: () => undefined,
    now: () => 0,
    monotonic: () => 0,
    ...others,
  };
}

export function probe(answer: () => Promise<GuestReturn>): RunningGuest {
  return {
    role: { kind: 'sensor', instance: 'edge:plugin/sensor-logic@1.0.0', func: 'poll', dialect: 'edge' },
    located: PROBE,
    digest: '',
    handOver: undefined,
    shape: { imports: [], exports: [] },
    memoryBytes: 0,
    alive: true,
    callWhile: answer,
    call: answer,
    close: async () => undefined,
  };
}

/** What a guest returned that has changed nothing. */
export function returned(value: unknown): GuestReturn {
  return { value, effects: { onSuccess: undefined, always: undefined } };
}
