/**
 * First script of the shell, before the plugin's frame is there: a page that ended this tab is not shown again until somebody
 * wants it. A tab that crashes can do nothing any more, so a mark says that the page is being shown, and is taken away
 * whenever the document is left in order. Found by a reload, it means a crash.
 *
 * What is no crash has no mark, or is no reload: leaving, closing and reloading take it away (`pagehide`); so does hiding,
 * before a browser discards or freezes a tab; each tab has its own (`sessionStorage`); and a browser that restores its tabs
 * after a power failure, or copies a tab, does not reload them. Where a browser keeps nothing for this page (cookies
 * blocked), a crash is not noticed.
 */
import { CRASH_HEADER, CRASH_PATH, PLUGIN_ATTRIBUTE } from '../live-protocol';
import { baseOf } from './base';
import { crashTexts } from './crash-texts';

/** Of one page, whichever way its address is written. */
const PLACE = location.pathname.replace(/\/$/, '');
const MARK = `edge-wasi.shown:${PLACE}`;
/** For all tabs of this browser: when it crashed, in ms since 1970. */
const OFF = `edge-wasi.off:${PLACE}`;

/** Undefined where the browser lets this page keep nothing. */
function storage(kind: 'sessionStorage' | 'localStorage'): Storage | undefined {
  try {
    return window[kind];
  } catch {
    return undefined;
  }
}

function keep(store: Storage | undefined, key: string, value: string): void {
  try {
    store?.setItem(key, value);
  } catch {
    // It is full, or takes nothing: then it is as if there were none.
  }
}

const ownMarks = storage('sessionStorage');
const shared = storage('localStorage');

function isReload(): boolean {
  const [navigation] = performance.getEntriesByType('navigation');
  const isDiscarded = 'wasDiscarded' in document && document.wasDiscarded === true;
  return navigation instanceof PerformanceNavigationTiming && navigation.type === 'reload' && !isDiscarded;
}

function markWhileShown(): void {
  const mark = (): void => {
    if (document.visibilityState === 'visible') keep(ownMarks, MARK, '');
    else ownMarks?.removeItem(MARK);
  };
  mark();
  document.addEventListener('visibilitychange', mark);
  window.addEventListener('pageshow', mark);
  window.addEventListener('pagehide', () => ownMarks?.removeItem(MARK));
}

function report(): void {
  // Where Node-RED cannot be reached, the notice is there all the same.
  fetch(`${baseOf(location.pathname)}${CRASH_PATH}`, { method: 'POST', headers: { [CRASH_HEADER]: '1' } }).catch(
    () => undefined,
  );
}

/** In place of everything that follows in this document. */
function showNotice(crashedAt: number): void {
  // What is still to be parsed becomes text that nobody sees: the frame does not come to be.
  document.write('<body><plaintext hidden>');
  const plugin = document.documentElement.getAttribute(PLUGIN_ATTRIBUTE) ?? '';
  const { language, heading, lines, button } = crashTexts(navigator.language, plugin, crashedAt);
  const notice = document.createElement('section');
  notice.id = 'crash';
  notice.lang = language;
  notice.setAttribute('role', 'alert');
  const again = document.createElement('button');
  again.textContent = button;
  again.addEventListener('click', () => {
    shared?.removeItem(OFF);
    location.reload();
  });
  notice.append(element('h2', heading), ...lines.map((line) => element('p', line)), again);
  document.body.prepend(notice);
  document.addEventListener('DOMContentLoaded', () => document.querySelector('plaintext')?.remove());
}

function element(name: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

const hasCrashed = ownMarks?.getItem(MARK) != null && isReload();
ownMarks?.removeItem(MARK);
if (hasCrashed) {
  keep(shared, OFF, String(Date.now()));
  report();
}
const off = shared?.getItem(OFF);
if (hasCrashed || off != null) showNotice(off == null ? Date.now() : Number(off));
else markWhileShown();
