/**
 * What a check is and what it can find. `missing` is something that host.toml asks for and that does not work as it is;
 * `warning` works, but not well or not for long. Both say what to mend, with the lines to type or to paste.
 */
import type { DoctorContext } from './context';
import type { Fix } from './fix';

export type Finding =
  | { readonly kind: 'ok'; readonly says: string }
  | { readonly kind: 'warning'; readonly says: string; readonly mend: Fix }
  | { readonly kind: 'missing'; readonly says: string; readonly mend: Fix }
  /** Not looked at; `says` why. */
  | { readonly kind: 'skipped'; readonly says: string };

/** In the order in which they are shown. */
export const GROUPS = ['machine', 'node-red', 'devices', 'plugins'] as const;
export type Group = (typeof GROUPS)[number];

export interface Check {
  /** For programs that read the JSON; stays the same. */
  readonly id: string;
  readonly group: Group;
  readonly title: string;
  run(context: DoctorContext): Finding | Promise<Finding>;
}

export function ok(says: string): Finding {
  return { kind: 'ok', says };
}

export function warning(says: string, how: string, ...lines: readonly string[]): Finding {
  return { kind: 'warning', says, mend: { how, lines } };
}

export function missing(says: string, how: string, ...lines: readonly string[]): Finding {
  return { kind: 'missing', says, mend: { how, lines } };
}

export function skipped(says: string): Finding {
  return { kind: 'skipped', says };
}
