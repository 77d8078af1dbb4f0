/**
 * The plugin's frame as the shell sees it: something that is sent pages and may do anything. It is believed nothing but a
 * few words; where it does not answer, or went away to another document, it is set anew with the newest page, at most
 * every 5 s. A page that loops for ever is thereby restarted, not waited for; one that floods the shell is taken out for half
 * a minute. That the shell goes on meanwhile is the browser's doing, which gives a sandboxed frame a process of its own
 * (Chromium on computers) or does not.
 */
import { FROM_FRAME, type FromFrame, PREFIX_ATTRIBUTE, type ToFrame } from '../live-protocol';

/** A phone draws a usual page in less. Doubled each time nothing came: a huge page on a slow machine is there at last. */
const ANSWER_WITHIN_MS = 5_000;
const LONGEST_PATIENCE_MS = 60_000;
const SET_ANEW_EVERY_MS = 5_000;
/** A well-behaved frame says two words a page; the rest is not even looked at. */
const WORDS_A_SECOND = 20;
/** A page that says so much leaves the shell no time for its own: it is taken out. */
const FLOOD_A_SECOND = 500;
const STOPPED_MS = 30_000;
const STOPPED =
  '<p style="font:1rem system-ui;margin:2rem;max-width:40rem">This page was stopped: it sent messages without end. ' +
  'It is tried again in half a minute. Sensors are polled on regardless.</p>';
const SECOND_MS = 1_000;
/** A page that hangs must not make a good connection look bad. */
const WAITED_FOR_MS = 2_000;

type State =
  /** It was asked, or is being loaded, since then. */
  | { readonly kind: 'asked'; readonly at: number }
  | { readonly kind: 'idle' }
  /** For a flood; nothing of it is in the frame. */
  | { readonly kind: 'stopped'; readonly at: number };

export class ForeignFrame {
  readonly #prefix: string;
  #state: State = { kind: 'asked', at: performance.now() };
  /** What it is to show, and what it was sent last. */
  #wanted: string;
  #sent: string;
  #wantedAt = performance.now();
  #setAt = performance.now();
  #patienceMs = ANSWER_WITHIN_MS;
  #mustBeSet = false;
  #words = 0;
  #wordsSince = 0;

  /** `answered`: it shows what it was sent, or must be set anew for it. */
  constructor(
    readonly element: HTMLIFrameElement,
    readonly answered: () => void,
  ) {
    const { srcdoc } = element;
    const length = Number(element.getAttribute(PREFIX_ATTRIBUTE));
    this.#prefix = srcdoc.slice(0, length);
    this.#wanted = srcdoc.slice(length);
    this.#sent = this.#wanted;
    window.addEventListener('message', (event) => this.#hear(event));
    // Also when it went elsewhere: a document that is not ours does not answer.
    element.addEventListener('load', () => {
      if (this.#state.kind !== 'stopped') this.#ask({ kind: 'ask' });
    });
    this.#ask({ kind: 'ask' });
  }

  show(html: string): void {
    this.#wanted = html;
    this.#wantedAt = performance.now();
    this.tick();
  }

  /** What it shows is an older page than the one it is sent. One that does not answer is not waited for long. */
  get isBehind(): boolean {
    if (this.#wanted !== this.#sent) return performance.now() - this.#wantedAt < WAITED_FOR_MS;
    return this.#state.kind === 'asked' && performance.now() - this.#state.at < WAITED_FOR_MS;
  }

  /** To be called now and then: looks whether it answers, and does what had to wait. */
  tick(): void {
    const now = performance.now();
    if (this.#state.kind === 'stopped') {
      if (now - this.#state.at < STOPPED_MS) return;
      this.#mustBeSet = true;
    }
    if (this.#state.kind === 'asked' && now - this.#state.at > this.#patienceMs) {
      this.#patienceMs = Math.min(2 * this.#patienceMs, LONGEST_PATIENCE_MS);
      this.#mustBeSet = true;
    }
    if (this.#mustBeSet) {
      if (now - this.#setAt >= SET_ANEW_EVERY_MS) this.#setAnew(now);
    } else if (this.#state.kind === 'idle' && this.#wanted !== this.#sent) {
      this.#sent = this.#wanted;
      this.#ask({ kind: 'page', html: this.#wanted });
    }
  }

  #setAnew(now: number): void {
    this.#mustBeSet = false;
    this.#setAt = now;
    this.#sent = this.#wanted;
    this.#state = { kind: 'asked', at: now };
    this.element.srcdoc = this.#prefix + this.#wanted;
  }

  #stop(now: number): void {
    this.#state = { kind: 'stopped', at: now };
    this.element.srcdoc = STOPPED;
  }

  #ask(message: ToFrame): void {
    this.#state = { kind: 'asked', at: performance.now() };
    this.element.contentWindow?.postMessage(message, '*');
  }

  #hear(event: MessageEvent<unknown>): void {
    if (event.source !== this.element.contentWindow || this.#state.kind === 'stopped' || !this.#mayStillSpeak()) return;
    const word = FROM_FRAME.find((known) => known === event.data);
    if (word !== undefined) this.#take(word);
  }

  #mayStillSpeak(): boolean {
    const now = performance.now();
    if (now - this.#wordsSince > SECOND_MS) {
      this.#wordsSince = now;
      this.#words = 0;
    }
    this.#words += 1;
    if (this.#words > FLOOD_A_SECOND) this.#stop(now);
    return this.#words <= WORDS_A_SECOND;
  }

  #take(word: FromFrame): void {
    this.#state = { kind: 'idle' };
    this.#patienceMs = ANSWER_WITHIN_MS;
    if (word === 'other-scripts') this.#mustBeSet = true;
    this.tick();
    this.answered();
  }
}
