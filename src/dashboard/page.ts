/**
 * One state of a dashboard's page: what a plugin rendered, or the card that says why there is nothing of it. `revision`
 * names the text: two pages of one revision look alike, over restarts too.
 */
import { createHash, type Hash } from 'node:crypto';
import { type ErrorFacts, WasiError } from '../errors/wasi-error';
import { LoopBreaks, textPieces } from '../readings/loop-breaks';
import { errorPage, waitingPage } from './error-page';
import { withoutNestedDocuments } from './nested-documents';

export interface Page {
  /** `waiting`: the plugin is asked for its first page still. */
  readonly kind: 'rendered' | 'failed' | 'waiting';
  readonly html: string;
  readonly revision: string;
}

/** 96 bits: enough to tell the pages of one dashboard apart. */
const REVISION_CHARACTERS = 16;
/** Far more than any page has; replaced within a millisecond. */
const MAX_NESTED_DOCUMENTS = 1_000;

/**
 * `rendered` by the plugin; `revision`: what `revisionInPieces` made of it, for one that may be long. Throws PLUGIN_ERROR where
 * it takes long to make it harmless.
 */
export function renderedPage(plugin: string, rendered: string, revision = revisionOf(rendered)): Page {
  const html = withoutNestedDocuments(rendered, MAX_NESTED_DOCUMENTS);
  if (html === undefined) {
    const fault = `the page of plugin ${plugin} has the attribute srcdoc more than ${MAX_NESTED_DOCUMENTS} times`;
    throw new WasiError('PLUGIN_ERROR', `${fault}: remove the frames from the page, they are not shown anyway`);
  }
  return { kind: 'rendered', html, revision };
}

/** `plugin` and the error's message may hold anything: they are shown as text. */
export function failedPage(plugin: string, error: ErrorFacts): Page {
  const html = errorPage(plugin, error);
  return { kind: 'failed', html, revision: revisionOf(html) };
}

export function pageToCome(plugin: string): Page {
  const html = waitingPage(plugin);
  return { kind: 'waiting', html, revision: revisionOf(html) };
}

export function revisionOf(text: string): string {
  return shortened(createHash('sha256').update(text));
}

/** The same, while Node-RED's loop goes round: some boards need 30 ms for the longest page there may be. */
export async function revisionInPieces(text: string): Promise<string> {
  const hash = createHash('sha256');
  const breaks = new LoopBreaks();
  for (const piece of textPieces(text)) {
    hash.update(piece);
    await breaks.pause();
  }
  return shortened(hash);
}

function shortened(hash: Hash): string {
  return hash.digest('base64url').slice(0, REVISION_CHARACTERS);
}
