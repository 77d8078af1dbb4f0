/**
 * What the three parts of a live page say to each other: Node-RED to the shell by server-sent events, the shell to the
 * plugin's frame and back by window messages. Both ends import this, in Node.js and in the browser.
 */

/** Beside a page's path, not starting with a slash: the shell's addresses are relative, whatever proxy lies before it. */
export const EVENTS_PATH = 'events';
export const PAGE_PATH = 'page';
/** The script of the worker that all tabs of a page share; `?build=` that of the shell. */
export const WORKER_PATH = 'stream.js';
export const HISTORY_PATH = 'api/history.csv';
/** Where a browser reports, by POST, that the page crashed one of its tabs. */
export const CRASH_PATH = 'page-crash';
/** Such a report must have it: a page of another origin cannot send it unasked. */
export const CRASH_HEADER = 'X-Edge-Wasi-Page-Crash';

/** First event of a stream: another build than the shell's means that the package was changed. */
export interface Hello {
  readonly build: string;
}

/** The newest page; without `html` it is too long for the stream and lies at PAGE_PATH. */
export interface PageEvent {
  readonly revision: string;
  readonly html?: string;
}

/** How often a stream says that it is alive. */
export const HEARTBEAT_MS = 2_000;

/** To the frame: become this page, or just answer. */
export type ToFrame = { readonly kind: 'page'; readonly html: string } | { readonly kind: 'ask' };

/**
 * From the frame, and all that the shell listens to: it can be called, it shows the page it was sent, or that page has other
 * scripts than those that run and must be loaded anew. A plugin's own script can say these words as well: none of them
 * makes the shell do more than set the same frame once more, at most every 5 s.
 */
export const FROM_FRAME = ['ready', 'shown', 'other-scripts'] as const;
export type FromFrame = (typeof FROM_FRAME)[number];

/** Attributes of the shell's root element, for its script. */
export const BUILD_ATTRIBUTE = 'data-build';
export const REVISION_ATTRIBUTE = 'data-revision';
export const PLUGIN_ATTRIBUTE = 'data-plugin';
/** Of the frame: how many characters of its `srcdoc` are the shell's own. */
export const PREFIX_ATTRIBUTE = 'data-prefix';
