/**
 * Whether a browser still holds what it would be sent (RFC 9110, 13.1.2 and 15.4.5): a request whose If-None-Match has the
 * answer's ETag is answered with 304 and no body. Tags are compared weakly, as that section says. Pure.
 */
import type { DataAnswer, HttpAnswer } from './http-answer';

/** An entity tag, weak or not; inside is anything but a quote and controls (RFC 9110, 8.8.3). */
const TAG = /^(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")$/;
/** More are not looked at: a browser sends one. */
const MAX_TAGS = 32;

/** `ifNoneMatch`: the request's header, if it has one. */
export function conditional<T extends DataAnswer>(answer: T, ifNoneMatch: string | undefined): T | HttpAnswer {
  const tag = answer.headers['ETag'];
  if (tag === undefined || ifNoneMatch === undefined || answer.status !== 200) return answer;
  const held =
    ifNoneMatch.trim() === '*' ||
    ifNoneMatch
      .split(',')
      .slice(0, MAX_TAGS)
      .some((each) => isSame(each, tag));
  if (!held) return answer;
  return { status: 304, headers: { 'Cache-Control': answer.headers['Cache-Control'] ?? '', ETag: tag }, body: '' };
}

function isSame(listed: string, tag: string): boolean {
  const opaque = TAG.exec(listed.trim())?.[1];
  return opaque !== undefined && opaque === TAG.exec(tag)?.[1];
}
