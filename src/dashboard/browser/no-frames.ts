/**
 * Keeps documents out of the plugin's frame: what its own frame lost (WebRTC) a new one has again, and in Chromium 156
 * WebRTC of a frame in a frame under Connection-Allowlist ends the whole tab. `frame-src 'none'` stops every address but not
 * `srcdoc`, so no text of that attribute may come to be:
 *
 * - The page itself comes without that word (nested-documents.ts).
 * - All HTML that its scripts have parsed, and each value of the attribute, pass through the default policy of Trusted
 *   Types, which the frame's Content-Security-Policy demands. This does not depend on where the element is.
 * - XSLT makes attributes without any of this, and is taken away.
 *
 * A frame without a document has an origin of its own and nothing in it, and script does not reach into it. Where frames are
 * seen, they are taken out as well. Browsers without Trusted Types have that alone.
 */
import { withoutNestedDocuments } from '../nested-documents';

interface TrustedTypeFactory {
  createPolicy(
    name: 'default',
    rules: {
      readonly createHTML: (text: string, type: string, sink: string) => string;
      readonly createScript: (text: string, type: string, sink: string) => string | null;
      readonly createScriptURL: (url: string) => string;
    },
  ): unknown;
}

declare global {
  interface Window {
    readonly trustedTypes?: TrustedTypeFactory;
  }
}

const FRAMES = 'iframe, frame, object, embed, fencedframe, portal';
/** These parse one text as a whole. Others (`document.write`) go on where the last text ended. */
const WHOLE =
  /innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe|parseHTMLUnsafe|createContextualFragment|parseFromString/;
const MAY_BE_CONTINUED = /s(?:r(?:c(?:d(?:o)?)?)?)?$/i;
const { apply } = Reflect;
const { exec } = RegExp.prototype;

export function keepFramesOut(page: Document): void {
  allowNoDocuments();
  takeOutSeenFrames(page);
}

function allowNoDocuments(): void {
  const factory = window.trustedTypes;
  factory?.createPolicy('default', {
    createHTML: (text, _type, sink) => (sink === 'HTMLIFrameElement srcdoc' ? '' : harmlessHtml(text, sink)),
    // javascript: addresses, which could be those of a frame.
    createScript: (text, _type, sink) => (sink === 'Location href' ? null : text),
    createScriptURL: (url) => url,
  });
  // Whoever has the policy can have any text approved and use it elsewhere.
  if (factory) Object.defineProperty(Object.getPrototypeOf(factory), 'defaultPolicy', { value: null });
  for (const name of ['trustedTypes', 'XSLTProcessor']) Object.defineProperty(window, name, { value: undefined });
}

function harmlessHtml(text: string, sink: string): string {
  const html = withoutNestedDocuments(text) ?? '';
  const isContinued = apply(exec, WHOLE, [sink]) === null && apply(exec, MAY_BE_CONTINUED, [html]) !== null;
  return isContinued ? `${html} ` : html;
}

/** An observer runs before anything that was inserted can load; shadow trees made by script are observed as well. */
function takeOutSeenFrames(page: Document): void {
  const observer = new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) takeFramesOut(node);
  });
  const watch = (root: Node): void => observer.observe(root, { childList: true, subtree: true });
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (this: Element, init: ShadowRootInit): ShadowRoot {
    const root = attach.call(this, init);
    watch(root);
    return root;
  };
  watch(page);
}

function takeFramesOut(node: Node): void {
  if (!(node instanceof Element)) return;
  if (node.matches(FRAMES)) node.remove();
  else for (const frame of node.querySelectorAll(FRAMES)) frame.remove();
}
