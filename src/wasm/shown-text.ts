/**
 * A guest's text as people get to see it: one line, no longer than asked for, nothing that moves a cursor or reorders text.
 * A copy of its own, since it may be kept while the guest's text is long forgotten.
 */

import { safeText } from '../platform/safe-text';
import { ownCopy } from './own-copy';

export function shownText(text: string, maxLength: number): string {
  // Cut first: a huge text is not searched as a whole.
  const clean = safeText(text.slice(0, 2 * maxLength));
  if (clean.length <= maxLength && text.length <= 2 * maxLength) return ownCopy(clean);
  // Half of a character would be left where the cut goes through a surrogate pair.
  return ownCopy(`${clean.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '')}…`);
}
