/**
 * The document of the plugin's frame: a few lines of our own, then the plugin's HTML as it is. What comes first holds for
 * all that follows, and nothing behind can take it back: a policy that is delivered may only be added to.
 *
 * The frame is a `srcdoc` under `sandbox="allow-scripts"`: an origin of its own (no storage, no cookie, no other page),
 * no top navigation, no popups, dialogs, forms, downloads, pointer lock or fullscreen. It also inherits the shell's policy,
 * whose `frame-src 'none'` keeps it from navigating itself; this one takes away the one thing that the shell may do and
 * the frame may not: to connect.
 */
import { foreignContent } from './foreign-content';

const POLICY = [
  ...foreignContent("'none'"),
  "frame-src 'none'",
  // For browser/no-frames.ts, which has the only policy that may be made.
  "require-trusted-types-for 'script'",
  'trusted-types default',
].join('; ');

/** `script` is browser/frame.ts, bundled. */
export function framePrefix(script: string): string {
  return (
    '<!doctype html><meta charset="utf-8">' +
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">` +
    '<meta http-equiv="x-dns-prefetch-control" content="off"><meta name="referrer" content="no-referrer">' +
    `<script>${script}</script>`
  );
}
