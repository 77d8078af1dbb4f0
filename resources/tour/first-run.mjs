/**
 * The guided first run, as Node-RED's tour guide takes it: from the palette over the example "Heat the room", which it
 * imports, to a plugin of one's own. Runs in the editor (globals RED and $). A step points at an element of the editor; one
 * that is not there is said on the console, and the step then stands in the middle. It changes nothing but by that import,
 * and deploys nothing by itself.
 */
import german from './de.mjs';
import english from './en-US.mjs';

const { RED, $ } = globalThis;
const texts = /^de\b/.test(RED.i18n.lang() ?? '') ? german : english;

const EXAMPLE = 'library/examples/flows/@edge-wasi/node-red-wasi/flows/10-heat-the-room';
const DOCUMENTATION = 'https://github.com/edge-wasi/node-red-wasi#write-your-own-in-ten-lines';
/** For trays that slide in, an import, and a first poll on a slow machine. */
const WAIT_LIMIT_MS = 20_000;
const LOOK_AGAIN_MS = 100;

/** Goes on at the limit as well: a tour that stands still helps nobody. */
async function until(holds) {
  const endsAt = Date.now() + WAIT_LIMIT_MS;
  while (!holds() && Date.now() < endsAt) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
}

function found(selector) {
  const elements = $(selector).filter(':visible');
  if (elements.length > 0) return elements.first();
  console.warn(`the tour finds no ${selector}`);
  return $('.red-ui-editor');
}

function ofExample(type, property, value) {
  return RED.nodes.filterNodes({ type }).find((node) => property === undefined || node[property] === value);
}

function elementOf(node, part = '') {
  return found(node === undefined ? '#a-node-of-the-example' : `[id="${node.id}"] ${part}`.trim());
}

/** Whether the middle of it is where it can be seen. */
function isInside({ left, top, width, height }, area) {
  const [x, y] = [left + width / 2, top + height / 2];
  return x > area.left && x < area.right && y > area.top && y < area.bottom;
}

/**
 * In sight, and no longer moving: what slides or scrolls in would leave its step behind. A slow machine may not have begun
 * to move it yet, so that standing still is not enough.
 */
async function untilRests(selector, container) {
  let before;
  await until(() => {
    const [element, area] = [$(selector)[0], $(container)[0]].map((each) => each?.getBoundingClientRect());
    if (!element || !area) return false;
    const rests = isInside(element, area) && before?.left === element.left && before.top === element.top;
    before = element;
    return rests;
  });
}

/** On its own tab, in sight: the editor scrolls there. */
async function show(node) {
  if (node === undefined) return;
  RED.view.reveal(node.id, false);
  await untilRests(`[id="${node.id}"]`, '#red-ui-workspace-chart');
}

const EXAMPLES_TAB = '#red-ui-clipboard-dialog-import-tabs li.active';

async function openExamples() {
  RED.actions.invoke('core:show-examples-import-dialog');
  await until(() => $(EXAMPLES_TAB).is(':visible'));
}

async function importExample() {
  $('#red-ui-clipboard-dialog').dialog('close');
  if (ofExample('http in', 'url', '/heat') !== undefined) return;
  const nodes = await $.getJSON(EXAMPLE);
  // Two nodes cannot serve one path; who has a page already looks at that one.
  const taken = RED.nodes.filterNodes({ type: 'dashboard' }).map(({ path }) => path);
  for (const node of nodes) if (node.type === 'dashboard' && taken.includes(node.path)) node.path = '';
  RED.view.importNodes(nodes, { generateIds: true, addFlow: false, notify: false });
  await until(() => ofExample('http in', 'url', '/heat') !== undefined);
}

async function openRuntimeForm() {
  const runtime = ofExample('hardware-sim')?.runtime;
  RED.editor.editConfig('', 'wasi-runtime', runtime ?? '_ADD_');
  await untilRests('#edge-wasi-tabs', '#red-ui-editor');
}

async function closeForm() {
  $('#node-config-dialog-cancel').trigger('click');
  await until(() => $('.red-ui-tray').length === 0);
}

async function openPalette() {
  RED.actions.invoke('core:toggle-palette', true);
  const node = $('.red-ui-palette-node[data-palette-type="plugin-poll"]');
  const category = node.closest('.red-ui-palette-category');
  if (!category.hasClass('red-ui-palette-open')) category.find('.red-ui-palette-header').trigger('click');
  await until(() => node.is(':visible'));
  node[0]?.scrollIntoView({ block: 'center' });
}

const isDeployed = () => $('#red-ui-header-button-deploy').hasClass('disabled');
/** Undefined where all is deployed when the step begins: nothing to wait for. */
let deployWait;
const isPolled = () =>
  /green/.test($(`[id="${ofExample('plugin-poll')?.id}"] .red-ui-flow-node-status`).attr('class') ?? '');
const root = (RED.settings.httpNodeRoot || '/').replace(/\/*$/, '/');

/** The guide keeps waiting for the pointer to come to a step that is over, and would move the next one aside. */
function forgetFallback() {
  $('.red-ui-tourGuide-shade-focus').off('mouseenter');
}

/** What is asynchronous is given to the guide with its callback. */
function waiting(work) {
  return (done) => {
    work()
      .catch((error) => console.warn(`the tour: ${error.message}`))
      .finally(done);
  };
}

const steps = {
  welcome: { titleIcon: 'fa fa-map-o' },
  palette: {
    prepare: waiting(openPalette),
    element: () => found('.red-ui-palette-node[data-palette-type="plugin-poll"]'),
    direction: 'right',
  },
  import: {
    prepare: waiting(openExamples),
    element: () => found(EXAMPLES_TAB),
    direction: 'left',
    complete: waiting(importExample),
  },
  flow: {
    prepare: waiting(() => show(ofExample('plugin-poll'))),
    element: () => elementOf(ofExample('plugin-poll')),
    direction: 'right',
  },
  deploy: {
    element: () => found('#red-ui-header-button-deploy'),
    width: 200,
    fallback: 'inset-bottom-right',
    complete: forgetFallback,
    prepare: () => {
      deployWait = isDeployed() ? undefined : { type: 'nr-event', event: 'deploy' };
    },
    get wait() {
      return deployWait;
    },
  },
  status: {
    prepare: waiting(() => until(isPolled)),
    element: () => elementOf(ofExample('plugin-poll')),
    direction: 'right',
  },
  page: {
    prepare: waiting(() => show(ofExample('http in', 'url', '/heat'))),
    element: () => elementOf(ofExample('http in', 'url', '/heat')),
    direction: 'right',
  },
  buttons: {
    prepare: waiting(() => show(ofExample('inject', 'name', 'hot'))),
    element: () => elementOf(ofExample('inject', 'name', 'hot'), '.red-ui-flow-node-button'),
    direction: 'right',
    fallback: 'inset-bottom-right',
    complete: forgetFallback,
  },
  alarm: {
    prepare: waiting(() => show(ofExample('debug', 'name', 'notify'))),
    element: () => elementOf(ofExample('debug', 'name', 'notify')),
    direction: 'left',
  },
  form: { prepare: waiting(openRuntimeForm), element: () => found('#edge-wasi-tabs'), direction: 'left' },
  plugins: { element: () => found('.edge-wasi-drop'), direction: 'left', complete: waiting(closeForm) },
  own: { width: 500 },
  end: {},
};

const links = { heat: `${root}heat`, dashboard: `${root}heat/dashboard`, documentation: DOCUMENTATION };

function withLinks(html) {
  return html.replace(
    /href="(\w+)"/g,
    (_, name) => `href="${links[name]}" target="_blank" rel="noopener" style="text-decoration: underline"`,
  );
}

export default {
  steps: Object.entries(steps).map(([name, step]) => {
    const { title, description } = texts[name];
    return Object.defineProperties(
      { title, description: withLinks(description) },
      Object.getOwnPropertyDescriptors(step),
    );
  }),
};
