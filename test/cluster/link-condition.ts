/** What a link does to the bytes of one direction, as the two ends of a TCP connection feel it. */
export type LinkCondition =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'slow';
      /** One way, ms. */
      readonly delayMs: number;
      /** Up to so much more, anew for each piece; pieces keep their order. */
      readonly jitterMs?: number;
      /** Share of pieces, 0–1, that get lost: they and what follows come after the sender's kernel has sent them again. */
      readonly lossRate?: number;
      /** Share of pieces, 0–1, at which the connection is reset instead. */
      readonly resetRate?: number;
      readonly bytesPerSecond?: number;
    }
  /** A black hole: connections stay, nothing comes through; what was sent arrives when it opens again. */
  | { readonly kind: 'stalled' }
  /** Connections are reset, new ones as well. */
  | { readonly kind: 'cut' };

export interface Link {
  /** From whoever connects. */
  readonly forth: LinkCondition;
  /** To whoever connects. */
  readonly back: LinkCondition;
}

export const OPEN: Link = { forth: { kind: 'open' }, back: { kind: 'open' } };
export const CUT: Link = { forth: { kind: 'cut' }, back: { kind: 'cut' } };
export const STALLED: Link = { forth: { kind: 'stalled' }, back: { kind: 'stalled' } };

export function bothWays(condition: LinkCondition): Link {
  return { forth: condition, back: condition };
}

export function isCut({ forth, back }: Link): boolean {
  return forth.kind === 'cut' || back.kind === 'cut';
}
