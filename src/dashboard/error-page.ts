/**
 * The page shown while a dashboard plugin cannot render: what happened in the words of the error, and a reload of its
 * own, so that a screen on a wall comes back once the plugin does. Everything that varies is escaped: messages quote
 * what a guest said. Serve it with PAGE_HEADERS.
 */
import type { ErrorFacts } from '../errors';
import type { HttpAnswer } from './http-answer';
import { PAGE_HEADERS } from './page-headers';

/** Half of the longest back-off: a recovered plugin is seen soon, a broken one is not asked all the time. */
const RETRY_S = 15;

const STYLE =
  'body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f3f3f3;color:#333;' +
  'font:16px/1.5 system-ui,sans-serif}' +
  'main{max-width:36rem;margin:1rem;padding:1.5rem 2rem;background:#fff;border-left:.4rem solid #ad1625;' +
  'border-radius:.3rem;box-shadow:0 1px 4px #0003}h1{margin:0 0 .5rem;font-size:1.25rem}' +
  'p{margin:.5rem 0;overflow-wrap:anywhere}code{color:#ad1625}small{color:#666}' +
  '@media(prefers-color-scheme:dark){body{background:#222;color:#ddd}main{background:#333}' +
  'code{color:#f2868f}small{color:#aaa}}';

/** 503 with the page for `plugin`, whose render ended in `error`. */
export function errorAnswer(plugin: string, error: ErrorFacts): HttpAnswer {
  return {
    status: 503,
    headers: { ...PAGE_HEADERS, 'Retry-After': String(RETRY_S) },
    body: errorPage(plugin, error),
  };
}

export function errorPage(plugin: string, { code, message }: ErrorFacts): string {
  const name = escapeHtml(plugin);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${RETRY_S}">
<title>${name} cannot be shown</title>
<style>${STYLE}</style>
</head>
<body>
<main role="alert">
<h1>The page of plugin ${name} cannot be shown</h1>
<p><code>${escapeHtml(code)}</code></p>
<p>${escapeHtml(message)}</p>
<p><small>This page tries again every ${RETRY_S} seconds. Sensors are polled on regardless.</small></p>
</main>
</body>
</html>
`;
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES.get(character) ?? character);
}
