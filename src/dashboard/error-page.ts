/**
 * The cards shown while a dashboard plugin has no page: what happened in the words of the error, which say what to do
 * next, or that its first page is on its way. Everything that varies is escaped: messages quote what a guest said. They
 * reload nothing by themselves: the shell around them shows the plugin's page once there is one.
 */
import type { ErrorCode, ErrorFacts } from '../errors/wasi-error';
import { escapeHtml } from './escape-html';

const STYLE =
  'body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f3f3f3;color:#333;' +
  'font:16px/1.5 system-ui,sans-serif}' +
  'main{box-sizing:border-box;max-width:38rem;margin:1rem;padding:1.5rem 2rem;background:#fff;' +
  'border-left:.4rem solid #ad1625;border-radius:.3rem;box-shadow:0 1px 4px #0003}' +
  'main.waiting{border-color:#5f6b76}h1{margin:0 0 .5rem;font-size:1.25rem;line-height:1.3}' +
  'p{margin:.5rem 0;overflow-wrap:anywhere}code{color:#ad1625;font-size:1rem}small{color:#5c5c5c}' +
  '@media(prefers-color-scheme:dark){body{background:#1c1e21;color:#ddd}main{background:#2b2e33}' +
  'code{color:#f2868f}small{color:#b0b0b0}}';

/** Faults of the plugin itself, whose messages know no remedy. */
const OWN_FAULTS: ReadonlySet<ErrorCode> = new Set(['PLUGIN_ERROR', 'PLUGIN_TRAPPED', 'PLUGIN_MEMORY']);
const OWN_FAULT_REMEDY =
  '<p>What it printed is in Node-RED’s log. Whoever wrote the plugin can mend it; a new file in the plugin folder is ' +
  'taken at once.</p>\n';

export function errorPage(plugin: string, { code, message }: ErrorFacts): string {
  const name = escapeHtml(plugin);
  return card(
    `${name} cannot be shown`,
    `<main><div role="alert">
<h1>The page of plugin ${name} cannot be shown</h1>
<p><code>${escapeHtml(code)}</code></p>
<p>${escapeHtml(message)}</p>
${OWN_FAULTS.has(code) ? OWN_FAULT_REMEDY : ''}<p><small>The page comes back by itself as soon as the plugin does. Sensors are polled on regardless.</small></p>
</div></main>`,
  );
}

export function waitingPage(plugin: string): string {
  const name = escapeHtml(plugin);
  return card(
    `${name} is loading`,
    `<main class="waiting"><div role="status">
<h1>The page of plugin ${name} is on its way</h1>
<p>The plugin is being loaded. This takes a few seconds, longer the first time; the page then appears by itself.</p>
</div></main>`,
  );
}

function card(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
${main}
</body>
</html>
`;
}
