/**
 * Starts of one plugin's guests: a fresh one, or one that takes an old one's state over. Whatever is starting gives up with
 * RUNTIME_CLOSED when `signal` is aborted; who has a guest ends it.
 */
import type { GuestCounts } from '../capabilities/guest-counts';
import type { PluginConfig } from '../host-config/host-config';
import type { CallEffects } from '../wasm/guest-channel';
import { handOver } from './hand-over';
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
    /** What a call that a hand-over made left behind, where its guest lives on. */
    readonly kept: (effects: CallEffects) => void,
  ) {}

  async fresh(located: LocatedComponent): Promise<RunningGuest> {
    const { signal, counts } = this;
    const guest = await this.around.start(this.config, located, { signal, counts });
    if (guest === 'unchanged') throw new Error('nothing ran that could be unchanged');
    return guest;
  }

  /**
   * The guest of a new file, with the old one's state; where that cannot be handed over, with a fresh one. `unchanged` where
   * the file holds the very bytes that run. `isWanted` is asked before anything is said or started anew.
   */
  async successor(
    old: RunningGuest,
    located: LocatedComponent,
    isWanted: () => boolean,
  ): Promise<RunningGuest | 'unchanged'> {
    const { signal, counts } = this;
    const guest = await this.around.start(this.config, located, { signal, counts, unlessDigest: old.digest });
    if (guest === 'unchanged') return guest;
    const failure = await handOver(old, guest, this.kept);
    if (failure === undefined || !isWanted()) return guest;
    this.around.log(
      this.config.name,
      'warn',
      `the new file starts with fresh state, since handing over failed: ${failure}`,
    );
    return guest.alive ? guest : this.fresh(located);
  }
}
