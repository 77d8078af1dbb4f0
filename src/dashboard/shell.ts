/**
 * The trusted document around a plugin's page: a frame that fills the window, a banner that appears when the connection
 * is gone, a slim bar. Its first script (browser/crash-guard.ts) leaves out a page that crashed a tab. It is what a dashboard node's path answers with; its script (browser/shell.ts) keeps the frame up to
 * date, and without scripts the page is there all the same, renewed every 30 s.
 *
 * Its policy is no tighter than the frame's, since a `srcdoc` inherits it and a plugin's inline scripts and styles must
 * run: a hash or a nonce for the shell's own script would switch them off. That costs nothing as long as everything that
 * varies here is escaped: `srcdoc`, title, names. `frame-src 'none'` lets a `srcdoc` through and nothing else, and holds
 * for wherever the frame wants to go later. Connection-Allowlist (Chromium) does the same for what no policy of content
 * covers: WebRTC, preconnect, DNS; other browsers do not know it and ignore it.
 */
import { textPieces } from '../readings/loop-breaks';
import type { BrowserCode } from './browser-code';
import { escapeAttribute, escapeHtml } from './escape-html';
import { foreignContent } from './foreign-content';
import { framePrefix } from './frame';
import { BUILD_ATTRIBUTE, HISTORY_PATH, PLUGIN_ATTRIBUTE, PREFIX_ATTRIBUTE, REVISION_ATTRIBUTE } from './live-protocol';
import { type Page, revisionOf } from './page';
import { SHELL_STYLE } from './shell-style';

const POLICY = [...foreignContent("'self'"), "frame-src 'none'", "frame-ancestors 'self'"].join('; ');

export const SHELL_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': POLICY,
  'Connection-Allowlist': '(response-origin)',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'SAMEORIGIN',
  'X-DNS-Prefetch-Control': 'off',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy':
    'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), midi=(), payment=(), ' +
    'fullscreen=(self), display-capture=(), clipboard-read=(), clipboard-write=(), screen-wake-lock=(), xr-spatial-tracking=()',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
});

/** Of the worker that all tabs share: it may ask Node-RED for events, and nothing else. */
export const WORKER_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'Content-Type': 'text/javascript; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; connect-src 'self'",
  'Connection-Allowlist': '(response-origin)',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
});

/** Where a browser runs no scripts. */
const REFRESH_SECONDS = 30;

export class Shell {
  /** Another one: another shell, whose scripts the browser must load. */
  readonly build: string;
  readonly worker: string;
  readonly #prefix: string;
  readonly #guard: string;
  readonly #script: string;

  constructor(
    readonly title: string,
    readonly plugin: string,
    code: BrowserCode,
  ) {
    this.#prefix = framePrefix(code.frame);
    this.#guard = code.guard;
    this.#script = code.shell;
    this.worker = code.worker;
    this.build = revisionOf(
      [this.#prefix, code.guard, code.shell, code.worker, SHELL_STYLE, POLICY, title, plugin].join('\0'),
    );
  }

  etagOf(page: Page): string {
    return `"${this.build}-${page.revision}"`;
  }

  /**
   * `base`: from the page's own address to what lies below its path, "./" or "<last part>/". In pieces: to escape a page of
   * two million quotes takes a quarter of a second.
   */
  *document({ html, revision }: Page, base: string): Generator<string> {
    yield `<!doctype html>
<html lang="en" ${BUILD_ATTRIBUTE}="${this.build}" ${REVISION_ATTRIBUTE}="${revision}" ${PLUGIN_ATTRIBUTE}="${escapeHtml(this.plugin)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(this.title)}</title>
<link rel="icon" href="data:,">
<noscript><meta http-equiv="refresh" content="${REFRESH_SECONDS}"></noscript>
<style>${SHELL_STYLE}</style>
<script>${this.#guard}</script>
</head>
<body>
<div id="banner" role="alert"></div>
<main><h1>${escapeHtml(this.title)}</h1><iframe id="page" title="Page of plugin ${escapeHtml(this.plugin)}" sandbox="allow-scripts" ${PREFIX_ATTRIBUTE}="${this.#prefix.length}" srcdoc="`;
    for (const piece of textPieces(this.#prefix)) yield escapeAttribute(piece);
    for (const piece of textPieces(html)) yield escapeAttribute(piece);
    yield `"></iframe></main>
<footer><span id="state"></span><a id="history" href="${escapeHtml(base)}${HISTORY_PATH}" download>History (CSV)</a></footer>
<script>${this.#script}</script>
</body>
</html>
`;
  }
}
