/** What a browser with the editor evaluates to the pairs of nodes whose boxes, as it draws them on all tabs, touch. */
export const OVERLAPS = `(() => {
  const boxes = [];
  RED.nodes.eachNode(({ name, type, x, y, w, h }) => boxes.push({ name: name || type, x: x - w / 2, y: y - h / 2, w, h }));
  const touch = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
  return boxes.flatMap((a, at) => boxes.slice(at + 1).filter((b) => touch(a, b)).map((b) => a.name + ' on ' + b.name));
})()`;
