/** Watches a realm for code of a mutated name that ran: all such code sets one global. */
import { CANARY_GLOBAL } from './hostile-names';

/** What a guest's thread says of itself. */
export const CANARY_WARNING = 'the canary died';

/** `isForGood`: nothing takes it away again, neither another watch nor what clears a guest's globals. */
export function watchRealm(onDeath: () => void, isForGood = false): void {
  Object.defineProperty(globalThis, CANARY_GLOBAL, { configurable: !isForGood, set: onDeath });
}
