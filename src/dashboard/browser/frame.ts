/**
 * First script of the plugin's frame, before any of the plugin's: it turns the page that is shown into the one that is sent,
 * so that scroll position, focus and what somebody typed stay. The plugin's scripts ran once and run on; after each change
 * they hear `wasi-update` on the document. It takes itself out of the document, which is then the plugin's alone.
 *
 * Nothing here keeps a hostile page in: the sandbox and the policies do. Browsers without Connection-Allowlist have nothing
 * against WebRTC, so its constructors are taken away, and frames in which they would be there again.
 */
import { Idiomorph } from 'idiomorph';
import type { FromFrame, ToFrame } from '../live-protocol';
import { keepsWhatUserDid } from './kept-input';
import { keepFramesOut } from './no-frames';

const shell = window.parent;
const tell = (word: FromFrame): void => shell.postMessage(word, '*');

function takeAway(): void {
  for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'RTCDataChannel']) {
    Object.defineProperty(window, name, { value: undefined });
  }
  for (const own of [...document.head.children]) own.remove();
}

function scriptsOf(page: Document): string {
  return JSON.stringify([...page.scripts].map(({ type, text }) => [type, text]));
}

function become(html: string, running: string): void {
  const page = new DOMParser().parseFromString(html, 'text/html');
  if (scriptsOf(page) !== running) {
    tell('other-scripts');
    return;
  }
  Idiomorph.morph(document.documentElement, page.documentElement, {
    morphStyle: 'outerHTML',
    callbacks: { beforeAttributeUpdated: (name, element) => !keepsWhatUserDid(name, element) },
  });
  document.dispatchEvent(new CustomEvent('wasi-update'));
  tell('shown');
}

takeAway();
keepFramesOut(document);
let running: string | undefined;
document.addEventListener('DOMContentLoaded', () => {
  running = scriptsOf(document);
  tell('ready');
});
window.addEventListener('message', (event: MessageEvent<ToFrame>) => {
  if (event.source !== shell) return;
  event.stopImmediatePropagation();
  if (running === undefined) return;
  if (event.data.kind === 'page') become(event.data.html, running);
  else tell('ready');
});
