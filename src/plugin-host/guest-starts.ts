/**
 * Starts of one plugin's guests. Whatever is starting gives up with RUNTIME_CLOSED when `signal` is aborted; who has a guest
 * ends it.
 */
import type { GuestCounts } from '../capabilities/guest-counts';
import type { PluginConfig } from '../host-config/host-config';
import type { LocatedComponent } from './plugin-files';
import type { RunningGuest, StartOptions } from './running-guest';

export interface GuestStartSurroundings {
  /** Gives up with RUNTIME_CLOSED when `signal` is aborted. */
  start(config: PluginConfig, located: LocatedComponent, options: StartOptions): Promise<RunningGuest | 'unchanged'>;
  /** `hostToml`: lines of host.toml that help, to be pasted. */
  log(plugin: string, level: 'error' | 'warn' | 'info' | 'debug', text: string, hostToml?: string): void;
}

export class GuestStarts {
  constructor(
    readonly config: PluginConfig,
    readonly around: GuestStartSurroundings,
    readonly counts: GuestCounts,
    readonly signal: AbortSignal,
  ) {}

  async fresh(located: LocatedComponent): Promise<RunningGuest> {
    const { signal, counts } = this;
    const guest = await this.around.start(this.config, located, { signal, counts });
    if (guest === 'unchanged') throw new Error('nothing ran that could be unchanged');
    return guest;
  }

  /** `unchanged` where the file holds the very bytes of `digest`. */
  async unlessSame(digest: string, located: LocatedComponent): Promise<RunningGuest | 'unchanged'> {
    const { signal, counts } = this;
    return this.around.start(this.config, located, { signal, counts, unlessDigest: digest });
  }
}
