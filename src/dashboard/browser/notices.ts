/**
 * What the shell says of its source: one word in the bar at all times, a paler picture while that may be an old one, and a
 * banner once it is so for 3 s.
 */
import type { SourceState } from './page-source';
import { steadyNow } from './steady-clock';

/** A deploy takes less. */
const SAY_AFTER_MS = 3_000;
/** Younger than this is as good as new. */
const PALE_AFTER_MS = 1_000;

export class Notices {
  #said: string | undefined;
  /** Since when there is somebody to tell. */
  #seenFrom = steadyNow();

  constructor(
    readonly root: HTMLElement,
    readonly banner: HTMLElement,
    readonly word: HTMLElement,
  ) {}

  /** `isHidden`: what is set now is what is seen first when the tab is visible again, perhaps in an hour. */
  tell(state: SourceState, isHidden: boolean): void {
    if (isHidden) this.#seenFrom = steadyNow();
    this.#tellInBar(state);
    const ageMs = state.kind === 'live' ? 0 : Date.now() - state.since;
    this.root.classList.toggle('old', isHidden || ageMs > PALE_AFTER_MS);
    const isLong = ageMs > SAY_AFTER_MS && steadyNow() - this.#seenFrom > SAY_AFTER_MS;
    this.#tellInBanner(isLong ? textOf(state) : undefined);
  }

  #tellInBanner(text: string | undefined): void {
    // An alert is read out whenever its text changes: it is set once.
    if (text === this.#said) return;
    this.#said = text;
    if (text === undefined) this.banner.replaceChildren();
    else {
      const line = document.createElement('p');
      line.textContent = text;
      this.banner.replaceChildren(line);
    }
  }

  #tellInBar({ kind }: SourceState): void {
    const word = { updating: 'Updating', live: 'Live', lost: 'No connection' }[kind];
    if (this.word.textContent === word) return;
    this.word.textContent = word;
    this.word.className = { updating: '', live: 'live', lost: 'gone' }[kind];
  }
}

function textOf(state: SourceState): string | undefined {
  if (state.kind === 'live') return undefined;
  const time = new Date(state.since).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const then = 'What you see is what was known then.';
  if (state.kind === 'updating') return `No newer page has come since ${time}. ${then}`;
  switch (state.trouble) {
    case 'gone':
      return `No connection to Node-RED since ${time}. ${then}`;
    case 'login':
      return `Node-RED asks for a login since ${time}: reload this page to sign in. ${then}`;
    case 'full':
      return `Too many browsers watch this page, so that it stands still since ${time}. ${then} It tries again.`;
  }
}
