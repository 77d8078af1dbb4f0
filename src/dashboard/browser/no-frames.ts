/**
 * Frames within the plugin's frame are taken out before they load. No policy does: a `srcdoc` is loaded whatever `frame-src`
 * says. A plugin's page has no use for one, but what its own frame lost (WebRTC) a new one has again, and in Chromium 156
 * WebRTC of a frame in a frame under Connection-Allowlist ends the whole tab. An observer runs before anything that was
 * inserted can load; shadow trees are observed as well.
 */
const FRAMES = 'iframe, frame, object, embed, fencedframe, portal';

export function keepFramesOut(page: Document): void {
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
