/**
 * Response headers for a page that a plugin wrote. Its HTML is foreign: it may be shown, and may run scripts of its
 * own, but the `sandbox` of its policy gives it an opaque origin, so it reaches neither the editor's storage (where
 * the editor's token lies) nor its cookies, and no request of its own leaves the page: nothing is loaded from
 * elsewhere or sent anywhere by script, form or frame. What is left to it is to navigate itself away (a link does the
 * same), for instance to load itself anew with `<meta http-equiv="refresh">`.
 *
 * Cross-Origin-Opener-Policy is left out on purpose: browsers refuse to show a sandboxed document that has one.
 */
import { foreignContent } from './foreign-content';

const POLICY = [
  // Never add allow-same-origin: with allow-scripts it would undo the sandbox.
  'sandbox allow-scripts',
  ...foreignContent("'none'"),
  "frame-ancestors 'self'",
].join('; ');

export const PAGE_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'SAMEORIGIN',
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=()',
});
