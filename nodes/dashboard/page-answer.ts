/**
 * The answer to a request for a dashboard node's page: the shell with the page in its frame, or, below PAGE_PATH, the page
 * alone for a shell that was told of one too long for an event. Both have the page's revision as ETag: a browser that has
 * it is told so in a few bytes. What a plugin cannot render is 503, as a monitor would have it.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { LivePage } from '../../src/dashboard/live-page';
import type { Page } from '../../src/dashboard/page';
import { PAGE_HEADERS } from '../../src/dashboard/page-headers';
import { SHELL_HEADERS, type Shell } from '../../src/dashboard/shell';

export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface PageRequest {
  /** As it was asked for, percent-encoded, without the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

const RETRY_AFTER_S = 15;
const NOTHING = Buffer.alloc(0);

export class PageAnswers {
  /** Of one page: what was made of it for each form of its address. */
  readonly #made = new Map<string, Buffer>();
  #revision: string | undefined;

  constructor(
    readonly live: LivePage,
    readonly shell: Shell,
  ) {}

  async shellAnswer({ path, headers }: PageRequest): Promise<PageAnswer> {
    const page = await this.live.current();
    const base = path.endsWith('/') ? './' : `./${path.slice(path.lastIndexOf('/') + 1)}/`;
    return answer(page, SHELL_HEADERS, this.shell.etagOf(page), headers, () => {
      return this.#once(page, base, () => this.shell.document(page, base));
    });
  }

  async pageAnswer({ headers }: PageRequest): Promise<PageAnswer> {
    const page = await this.live.current();
    const revalidated = { ...PAGE_HEADERS, 'Cache-Control': 'no-cache' };
    return answer(page, revalidated, `"${page.revision}"`, headers, () => this.#once(page, '', () => page.html));
  }

  /** Bounded: one path has two forms. */
  #once({ revision }: Page, form: string, make: () => string): Buffer {
    if (this.#revision !== revision) this.#made.clear();
    this.#revision = revision;
    const made = this.#made.get(form) ?? Buffer.from(make());
    this.#made.set(form, made);
    return made;
  }
}

function answer(
  page: Page,
  fixed: Readonly<Record<string, string>>,
  etag: string,
  asked: IncomingHttpHeaders,
  body: () => Buffer,
): PageAnswer {
  const headers = { ...fixed, ETag: etag };
  if (page.kind !== 'rendered') {
    return { status: 503, headers: { ...headers, 'Retry-After': String(RETRY_AFTER_S) }, body: body() };
  }
  if (isNamed(asked['if-none-match'], etag)) return { status: 304, headers, body: NOTHING };
  return { status: 200, headers, body: body() };
}

/** Compared weakly: a proxy that compresses puts "W/" before it. */
function isNamed(list: string | undefined, etag: string): boolean {
  if (list === undefined) return false;
  return list.split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag);
}
