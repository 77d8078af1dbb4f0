/**
 * One state of a dashboard's page: what a plugin rendered, or the card that says why there is nothing of it. `revision`
 * names the text: two pages of one revision look alike, over restarts too.
 */
import { createHash } from 'node:crypto';
import type { ErrorFacts } from '../errors';
import { errorPage, waitingPage } from './error-page';

export interface Page {
  /** `waiting`: the plugin is asked for its first page still. */
  readonly kind: 'rendered' | 'failed' | 'waiting';
  readonly html: string;
  readonly revision: string;
}

/** 96 bits: enough to tell the pages of one dashboard apart. */
const REVISION_CHARACTERS = 16;

export function renderedPage(html: string): Page {
  return { kind: 'rendered', html, revision: revisionOf(html) };
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
  return createHash('sha256').update(text).digest('base64url').slice(0, REVISION_CHARACTERS);
}
