/** Plugins without a component, for what is about their life alone: how they start, and what they answer. */
import type { HostConfig } from '../../src/host-config/host-config';
import { parseHostConfig } from '../../src/host-config/parse-host-config';
import type { PluginCall, PluginSurroundings } from '../../src/plugin-host/plugin';
import type { LocatedComponent } from '../../src/plugin-host/plugin-files';
import type { HostedReturn, RunningGuest } from '../../src/plugin-host/running-guest';

export const POLL: PluginCall<unknown> = { kinds: ['sensor'], args: () => [], isNothing: () => false };

export const PROBE: LocatedComponent = {
  origin: 'file',
  source: { kind: 'file', path: 'probe.wasm' },
  key: '1',
  sizeBytes: 1,
  modifiedAt: 0,
};

export function configOf(toml: string): HostConfig {
  return parseHostConfig(toml, 'host.toml', { hostName: 'pi' });
}

/** Every plugin has the same file, and all of what it does is nobody's concern. */
export function surroundings(
  start: PluginSurroundings['start'],
  others: Partial<PluginSurroundings> = {},
): PluginSurroundings {
  let ms = 0;
  return {
    locate: async () => PROBE,
    start,
    onLeds: () => undefined,
    onKept: () => undefined,
    onState: () => undefined,
    onGone: () => undefined,
    log: () => undefined,
    now: () => 0,
    // Each look at the clock is later than the one before: a call always finds that the last look at its file is old.
    monotonic: () => {
      ms += 250;
      return ms;
    },
    ...others,
  };
}

export function probe(answer: () => Promise<HostedReturn>): RunningGuest {
  return {
    role: { kind: 'sensor', instance: 'edge:plugin/sensor-logic@1.0.0', func: 'poll', dialect: 'edge' },
    located: PROBE,
    digest: '',
    handOver: undefined,
    shape: { imports: [], exports: [] },
    memoryBytes: 0,
    alive: true,
    call: answer,
    close: () => undefined,
  };
}

/** What a guest returned that has changed nothing. */
export function returned(value: unknown): HostedReturn {
  return { value, effects: { leds: [], kept: new Map(), deviceFailures: [] } };
}
