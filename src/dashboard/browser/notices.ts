/** What the shell says of its connection: one word in the bar at all times, and a banner once it is gone for 3 s. */
import type { ConnectionState, Trouble } from './connection';

/** A deploy takes less. */
const SAY_AFTER_MS = 3_000;

export class Notices {
  #said: string | undefined;

  constructor(
    readonly banner: HTMLElement,
    readonly word: HTMLElement,
  ) {}

  tell(state: ConnectionState): void {
    this.#tellInBar(state);
    const text = state.kind === 'lost' && Date.now() - state.since > SAY_AFTER_MS ? textOf(state) : undefined;
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

  #tellInBar({ kind }: ConnectionState): void {
    const word = { connecting: 'Connecting', live: 'Live', lost: 'No connection' }[kind];
    if (this.word.textContent === word) return;
    this.word.textContent = word;
    this.word.className = { connecting: '', live: 'live', lost: 'gone' }[kind];
  }
}

function textOf({ since, trouble }: { readonly since: number; readonly trouble: Trouble }): string {
  const time = new Date(since).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const then = 'What you see is what was known then.';
  switch (trouble) {
    case 'gone':
      return `No connection to Node-RED since ${time}. ${then}`;
    case 'login':
      return `Node-RED asks for a login since ${time}: reload this page to sign in. ${then}`;
    case 'full':
      return `Too many browsers watch this page, so that it stands still since ${time}. ${then} It tries again.`;
  }
}
