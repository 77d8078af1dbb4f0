/**
 * The answer to a request for a dashboard node's page: the shell with the page in its frame, or, below PAGE_PATH, the page
 * alone for a shell that was told of one too long for an event. Both have the page's revision as ETag: a browser that has
 * it is told so in a few bytes. What a plugin cannot render is 503, as a monitor would have it.
 */
import type { BinaryAnswer } from '../../src/dashboard/http-answer';
import type { LivePage } from '../../src/dashboard/live-page';
import type { Page } from '../../src/dashboard/page';
import { PAGE_HEADERS } from '../../src/dashboard/page-headers';
import { SHELL_HEADERS, type Shell, WORKER_HEADERS } from '../../src/dashboard/shell';
import { bytesOf, textPieces } from '../../src/readings/loop-breaks';

const RETRY_AFTER_S = 15;
const NOTHING = Buffer.alloc(0);

export class PageAnswers {
  /** Of one page: what was made of it for each form of its address. */
  readonly #made = new Map<string, Promise<Buffer>>();
  #revision: string | undefined;
  readonly #worker: Buffer;

  constructor(
    readonly live: LivePage,
    readonly shell: Shell,
  ) {
    this.#worker = Buffer.from(shell.worker);
  }

  /** `path` as it was asked for, percent-encoded. */
  async shellAnswer(path: string): Promise<BinaryAnswer> {
    const page = await this.live.current();
    const base = path.endsWith('/') ? './' : `./${path.slice(path.lastIndexOf('/') + 1)}/`;
    const body = await this.#once(page, base, () => this.shell.document(page, base));
    return answer(page, SHELL_HEADERS, this.shell.etagOf(page), body);
  }

  async pageAnswer(): Promise<BinaryAnswer> {
    const page = await this.live.current();
    const revalidated = { ...PAGE_HEADERS, 'Cache-Control': 'no-cache' };
    return answer(page, revalidated, `"${page.revision}"`, await this.#once(page, '', () => textPieces(page.html)));
  }

  /** A shell of another build would not understand this one's worker: it does without, and loads itself anew. */
  workerAnswer(build: unknown): BinaryAnswer {
    if (build !== this.shell.build) return { status: 404, headers: { 'Cache-Control': 'no-store' }, body: NOTHING };
    return { status: 200, headers: { ...WORKER_HEADERS, ETag: `"${build}"` }, body: this.#worker };
  }

  /** Bounded: one path has two forms. */
  #once({ revision }: Page, form: string, make: () => Iterable<string>): Promise<Buffer> {
    if (this.#revision !== revision) this.#made.clear();
    this.#revision = revision;
    const made = this.#made.get(form) ?? bytesOf(make());
    this.#made.set(form, made);
    return made;
  }
}

function answer({ kind }: Page, fixed: BinaryAnswer['headers'], etag: string, body: Buffer): BinaryAnswer {
  const headers = { ...fixed, ETag: etag };
  if (kind === 'rendered') return { status: 200, headers, body };
  return { status: 503, headers: { ...headers, 'Retry-After': String(RETRY_AFTER_S) }, body };
}
