/**
 * The script of the shell: connection, frame, banner and bar together. Everything it addresses is relative to where the
 * page was loaded from, so that no proxy and no httpNodeRoot matters.
 */
import {
  BUILD_ATTRIBUTE,
  type Hello,
  HISTORY_PATH,
  PAGE_PATH,
  type PageEvent,
  REVISION_ATTRIBUTE,
} from '../live-protocol';
import { Connection } from './connection';
import { ForeignFrame } from './foreign-frame';
import { Notices } from './notices';

const TICK_MS = 500;
/** A proxy that serves an old shell must not make it reload for ever. */
const RELOAD_EVERY_MS = 60_000;
const RELOADED_AT = 'edge-wasi.reloadedAt';

const root = document.documentElement;

function part<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the shell has no ${id}`);
  return found;
}

/** "/x/wasi" and "/x/wasi/" alike; "./" before a name that a colon in it would make an address of its own. */
function baseOf(pathname: string): string {
  return pathname.endsWith('/') ? './' : `./${pathname.slice(pathname.lastIndexOf('/') + 1)}/`;
}

/** After the first picture, which needs none of this: it is there a fifth sooner. */
requestAnimationFrame(() => setTimeout(start));

function start(): void {
  const base = baseOf(location.pathname);
  part('history', HTMLAnchorElement).href = base + HISTORY_PATH;
  const frame = new ForeignFrame(part('page', HTMLIFrameElement));
  const notices = new Notices(part('banner', HTMLElement), part('state', HTMLElement));
  const connection = new Connection(base, root.getAttribute(REVISION_ATTRIBUTE) ?? '', { hello, page });

  function hello({ build }: Hello): void {
    notices.tell(connection.state);
    if (build === root.getAttribute(BUILD_ATTRIBUTE)) return;
    const now = Date.now();
    if (Math.abs(now - Number(sessionStorage.getItem(RELOADED_AT))) < RELOAD_EVERY_MS) return;
    sessionStorage.setItem(RELOADED_AT, String(now));
    location.reload();
  }

  function page({ revision, html }: PageEvent): void {
    if (html === undefined) {
      void fetchPage(revision);
      return;
    }
    connection.revision = revision;
    frame.show(html);
  }

  /** A later page may overtake: what was fetched is what holds then. */
  async function fetchPage(revision: string): Promise<void> {
    const response = await fetch(base + PAGE_PATH).catch(() => undefined);
    const html = response?.headers.has('ETag') ? await response.text().catch(() => undefined) : undefined;
    if (html === undefined) connection.lose();
    else {
      connection.revision = revision;
      frame.show(html);
    }
  }

  setInterval(() => {
    connection.tick();
    frame.tick();
    notices.tell(connection.state);
  }, TICK_MS);
  window.addEventListener('online', () => connection.wake());
  window.addEventListener('pageshow', () => connection.wake());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') connection.wake();
  });
}
