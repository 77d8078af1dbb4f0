/**
 * The script of the shell: source, frame, banner and bar together. Everything it addresses is relative to where the
 * page was loaded from, so that no proxy and no httpNodeRoot matters.
 */
import {
  BUILD_ATTRIBUTE,
  type Hello,
  HISTORY_PATH,
  PAGE_PATH,
  type PageEvent,
  REVISION_ATTRIBUTE,
  WORKER_PATH,
} from '../live-protocol';
import { baseOf } from './base';
import { Connection } from './connection';
import { ForeignFrame } from './foreign-frame';
import { Notices } from './notices';
import type { PageSource, SourceEvents, SourceState } from './page-source';
import { SharedStream } from './shared-stream';

const TICK_MS = 500;
/** A proxy that serves an old shell must not make it reload for ever. */
const RELOAD_EVERY_MS = 60_000;

const root = document.documentElement;

function part<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the shell has no ${id}`);
  return found;
}

function isHidden(): boolean {
  return document.visibilityState === 'hidden';
}

/** Kept in the entry of the window's history: a browser that blocks cookies blocks its storage as well. */
function reloadedAt(): number {
  const { state } = history;
  return typeof state === 'number' ? state : 0;
}

/** After the first picture, which needs none of this: it is there a fifth sooner. */
requestAnimationFrame(() => setTimeout(start));

function start(): void {
  const base = baseOf(location.pathname);
  const build = root.getAttribute(BUILD_ATTRIBUTE) ?? '';
  let revision = root.getAttribute(REVISION_ATTRIBUTE) ?? '';
  /** Of the long page that is being fetched, or could not be. */
  let fetched: string | undefined;
  /** Until the newest page is seen. */
  let old: Exclude<SourceState, { kind: 'live' }> | undefined;
  part('history', HTMLAnchorElement).href = base + HISTORY_PATH;
  const frame = new ForeignFrame(part('page', HTMLIFrameElement), tell);
  const notices = new Notices(root, part('banner', HTMLElement), part('state', HTMLElement));
  const events: SourceEvents = { hello, page };
  let source = openSource();
  tell();

  function openSource(): PageSource {
    try {
      return new SharedStream(`${base}${WORKER_PATH}?build=${build}`, () => revision, events, withoutWorker);
    } catch {
      return new Connection(base, () => revision, events, 'poll');
    }
  }

  function withoutWorker(): void {
    source.close();
    source = new Connection(base, () => revision, events, 'poll');
    if (isHidden()) source.rest();
  }

  function tell(): void {
    notices.tell(stateOfShown(), isHidden());
  }

  /** That the source knows the newest page is not enough: a frame that shows an older one must have become it. */
  function stateOfShown(): SourceState {
    const { state } = source;
    if (state.kind !== 'live') {
      old = state;
      return state;
    }
    if (old !== undefined && (fetched !== undefined || frame.isBehind)) return { kind: 'updating', since: old.since };
    old = undefined;
    return state;
  }

  function hello({ build: newest }: Hello): void {
    if (newest === build) return;
    const now = Date.now();
    if (Math.abs(now - reloadedAt()) < RELOAD_EVERY_MS) return;
    history.replaceState(now, '');
    location.reload();
  }

  function page(event: PageEvent): void {
    fetched = undefined;
    if (event.html === undefined) void fetchPage(event.revision);
    else show(event.revision, event.html);
  }

  function show(its: string, html: string): void {
    revision = its;
    frame.show(html);
    tell();
  }

  async function fetchPage(wanted: string): Promise<void> {
    fetched = wanted;
    const response = await fetch(base + PAGE_PATH).catch(() => undefined);
    const [, its] = /"(.+)"/.exec(response?.headers.get('ETag') ?? '') ?? [];
    const html = its === undefined ? undefined : await response?.text().catch(() => undefined);
    // A later page overtook it.
    if (fetched !== wanted) return;
    fetched = undefined;
    // Later than that, or a page from before where Node-RED took too long: which one, its answer to this says.
    if (its !== wanted) source.repeat();
    if (its !== undefined && html !== undefined) show(its, html);
  }

  setInterval(() => {
    if (!isHidden()) source.tick();
    frame.tick();
    tell();
  }, TICK_MS);
  const wake = (): void => {
    if (isHidden()) return;
    source.wake();
    tell();
  };
  const rest = (): void => {
    source.rest();
    tell();
  };
  window.addEventListener('online', wake);
  window.addEventListener('pageshow', wake);
  window.addEventListener('pagehide', rest);
  document.addEventListener('visibilitychange', () => (isHidden() ? rest() : wake()));
  if (isHidden()) rest();
}
