/**
 * The scripts of a served page, as scripts/build-js.mjs bundles them of browser/: read once, when the first dashboard node
 * is made. Those of guard, shell and frame stand inline in the shell: a page is one request, and its frame may load nothing.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface BrowserCode {
  readonly guard: string;
  readonly shell: string;
  readonly frame: string;
  /** Served as a file of its own. */
  readonly worker: string;
}

let read: BrowserCode | undefined;

export function browserCode(): BrowserCode {
  read ??= Object.freeze({
    guard: script('crash-guard'),
    shell: script('shell'),
    frame: script('frame'),
    worker: script('stream-worker'),
  });
  return read;
}

function script(name: string): string {
  const text = readFileSync(join(__dirname, 'browser', `${name}.js`), 'utf8').trim();
  if (text.includes('</script')) throw new Error(`${name}.js would end the element it stands in`);
  return text;
}
