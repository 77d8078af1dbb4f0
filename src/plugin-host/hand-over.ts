/**
 * State that two instances of a plugin agree to carry over a reload: what the old one saves, the new one restores. Never
 * rejects: why it failed is returned, and the new one is then to start afresh. Either may be dead afterwards.
 */
import type { GuestEffects } from './guest-effects';
import { HostedCallError, type RunningGuest } from './running-guest';

/** Two guests that both have this interface. */
export interface HandOver {
  readonly old: RunningGuest;
  readonly save: string;
  readonly fresh: RunningGuest;
  readonly restore: string;
}

/** undefined where there is nothing to hand over. */
export function handOverBetween(old: RunningGuest, fresh: RunningGuest): HandOver | undefined {
  if (old.handOver === undefined || fresh.handOver === undefined) return undefined;
  return { old, save: old.handOver, fresh, restore: fresh.handOver };
}

/** `keep`: what a call of either of them left behind, if it lives on. Returns undefined when it is handed over. */
export async function handOver(
  { old, save, fresh, restore }: HandOver,
  keep: (effects: GuestEffects) => void,
): Promise<string | undefined> {
  try {
    const saved = await old.call(save, 'save', []);
    keep(saved.effects);
    const restored = await fresh.call(restore, 'restore', [saved.value]);
    keep(restored.effects);
    return undefined;
  } catch (error) {
    if (error instanceof HostedCallError && error.lives) keep(error.effects);
    return error instanceof Error ? error.message : String(error);
  }
}
