/**
 * State that two instances of a plugin agree to carry over a reload: what the old one saves, the new one restores. Never
 * rejects: why it failed is returned, and the new one is then to start afresh. Either may be dead afterwards.
 */
import type { RunningGuest } from './running-guest';

/** `keep`: what either of them wrote to its state store meanwhile. undefined: nothing to hand over, or handed over. */
export async function handOver(
  old: RunningGuest,
  fresh: RunningGuest,
  keep: (effects: unknown) => void,
): Promise<string | undefined> {
  if (old.handOver === undefined || fresh.handOver === undefined) return undefined;
  try {
    const saved = await old.call(old.handOver, 'save', []);
    keep(saved.effects.always);
    const restored = await fresh.call(fresh.handOver, 'restore', [saved.value]);
    keep(restored.effects.always);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
