/** Where a tab has its pages from: the worker that all tabs of this page share, or, without one, requests of its own. */
import type { Hello, PageEvent } from '../live-protocol';

/** `login`: Node-RED asks for one; `full`: it has as many browsers as it takes. */
export type Trouble = 'gone' | 'login' | 'full';

export type SourceState =
  /** What is shown is the newest page there is. */
  | { readonly kind: 'live' }
  /** It may be an older one: the newest is on its way. `since`: ms since 1970, when it was the newest for certain. */
  | { readonly kind: 'updating'; readonly since: number }
  /** Nothing comes. */
  | { readonly kind: 'lost'; readonly since: number; readonly trouble: Trouble };

export interface SourceEvents {
  hello(hello: Hello): void;
  page(page: PageEvent): void;
}

export interface PageSource {
  readonly state: SourceState;
  /** To be called every half second or so while the tab is visible. */
  tick(): void;
  /** The tab is hidden: nothing that comes from now on is certain to be the newest. */
  rest(): void;
  /** The tab is visible again, or the browser is back from sleep or online: not a moment to wait. */
  wake(): void;
  /** What it brought could not be used, or was not the newest: have it brought again. */
  repeat(): void;
  /** Nothing is asked or told any more. */
  close(): void;
}
