/**
 * An HTTP answer as plain data: whoever serves it sends status, headers and body as they are. Nothing here is kept without
 * being asked for again, guessed at or framed elsewhere, and no answer carries a CORS header: the plugin's page has an
 * opaque origin, so the browser keeps these answers from it.
 *
 * What a browser may keep, and ask whether it still holds, has an ETag: history and logs, which are the same until something
 * comes. /api/readings has the age of each reading, another one every second: a kept copy would show an old age, so it is
 * never kept, and neither are health, metrics and errors. Only metrics depend on what a request's headers say, and `Vary` by
 * Accept; `private` leaves copies to the browser that gave the password.
 */
import { createHash } from 'node:crypto';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * One too long to be made at once. `chunks` may be gone through once; whoever sends them gives way between two. An empty one
 * is an occasion for that and nothing else.
 */
export interface StreamedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: Iterable<string>;
}

/** One that is made once and sent often. */
export interface BinaryAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export type DataAnswer = HttpAnswer | StreamedAnswer;

export const JSON_TYPE = 'application/json; charset=utf-8';
const MAY_BE_KEPT = 'private, no-cache';
/** 96 bits: two answers at one address that get the same are as good as impossible. */
const TAG_LENGTH = 16;

/** For data: text/plain, JSON, CSV, metrics. A browser that is talked into showing it as a page runs nothing. */
export function dataAnswer(status: number, contentType: string, body: string): HttpAnswer {
  return { status, headers: dataHeaders(contentType), body };
}

export function jsonAnswer(status: number, body: unknown): HttpAnswer {
  return dataAnswer(status, JSON_TYPE, JSON.stringify(body));
}

/** A browser may keep it as long as it is the same, byte by byte. */
export function keptAnswer(answer: HttpAnswer): HttpAnswer {
  const tag = createHash('sha256').update(answer.body).digest('base64url').slice(0, TAG_LENGTH);
  return { ...answer, headers: { ...answer.headers, 'Cache-Control': MAY_BE_KEPT, ETag: `"${tag}"` } };
}

/** A browser may keep it as long as `revision` is the same: nobody knows its bytes before it is sent. */
export function streamedAnswer(contentType: string, revision: string, chunks: Iterable<string>): StreamedAnswer {
  const headers = { ...dataHeaders(contentType), 'Cache-Control': MAY_BE_KEPT, ETag: `W/"${revision}"` };
  return { status: 200, headers, chunks };
}

/** Nobody may keep it. */
export function piecedAnswer(contentType: string, chunks: Iterable<string>): StreamedAnswer {
  return { status: 200, headers: dataHeaders(contentType), chunks };
}

function dataHeaders(contentType: string): Readonly<Record<string, string>> {
  return {
    'Content-Type': contentType,
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  };
}
