/**
 * How far a member's clock is from this machine's, by the Date header of an ordinary answer (RFC 9110, 6.6.1): whole
 * seconds, so that nothing below two can be told. Ages of readings are by the reader's clock, and leases by none at all:
 * a wrong clock breaks nothing, but shows wrong ages, and certificates that are not valid yet.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import type { TlsMaterial } from '../cluster/etcd/tls-material';

const LIMIT_MS = 3_000;
/** What is told is cut to the second, and the answer has travelled. */
export const TELLABLE_SKEW_MS = 2_000;

/** ms that the member is ahead; undefined: it does not answer, or without a date. */
export function clockSkew(url: string, tls: TlsMaterial | undefined, now: () => number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asked = now();
    const { get } = url.startsWith('https:') ? https : http;
    const request = get(new URL('/version', url), { ...tls, timeout: LIMIT_MS, agent: false }, (response) => {
      response.resume();
      const told = Date.parse(response.headers.date ?? '');
      // Midway between question and answer; half a second is what the cut takes away on average.
      const here = (asked + now()) / 2;
      resolve(Number.isNaN(told) ? undefined : told + 500 - here);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}
