/** What a tab and the worker that all tabs of one page share say to each other. Both are of one build of the package. */
import type { PageEvent } from '../live-protocol';
import type { SourceState } from './page-source';

/** How often a visible tab asks. */
export const ASK_EVERY_MS = 500;
/** A tab that asked for nothing for so long is hidden, closed or broken; a hidden one is kept up to date until then. */
export const LEASE_MS = 15_000;

export interface FromTab {
  /** Another one than before: the tab wants to be told what is the newest now, whatever it was told before. */
  readonly round: number;
  /** Of the page that the tab shows. */
  readonly revision: string;
}

export interface ToTab {
  /** As it was asked last. A tab does not look at what answers an earlier round: it may lie in its queue since long. */
  readonly round: number;
  /** Of the package in Node-RED, once it is known. */
  readonly build: string | undefined;
  readonly state: SourceState;
  /** Only where the tab has another one. */
  readonly page: PageEvent | undefined;
}
