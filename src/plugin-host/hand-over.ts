/**
 * State that two instances of a plugin agree to carry over a reload: what the old one saves, the new one restores. Never
 * rejects: why it failed is returned, and the new one is then to start afresh. Either may be dead afterwards.
 */
import { GuestCallError } from '../wasm/guest';
import type { CallEffects } from '../wasm/guest-channel';
import type { RunningGuest } from './running-guest';

/** `keep`: what a call of either of them left behind, if it lives on. undefined: nothing to hand over, or handed over. */
export async function handOver(
  old: RunningGuest,
  fresh: RunningGuest,
  keep: (effects: CallEffects) => void,
): Promise<string | undefined> {
  if (old.handOver === undefined || fresh.handOver === undefined) return undefined;
  try {
    const saved = await old.call(old.handOver, 'save', []);
    keep(saved.effects);
    const restored = await fresh.call(fresh.handOver, 'restore', [saved.value]);
    keep(restored.effects);
    return undefined;
  } catch (error) {
    if (error instanceof GuestCallError && error.lives) keep(error.effects);
    return error instanceof Error ? error.message : String(error);
  }
}
