/**
 * `npm run pictures`: takes README's pictures from the running product, into docs/images or, with `-- --into FOLDER`,
 * elsewhere. Starts a Node-RED of its own with the package as it is built, in a temporary user directory on simulated
 * hardware, and ends it again. Needs `npm run build` before, and a Chromium (scripts/chromium.mjs, CHROMIUM).
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { REPOSITORY } from './guest-tools.mjs';
import { dashboard, heatTheRoom, pollCycle, runtimeForm } from './pictures/shots.mjs';
import { MAX_BYTES, PICTURES } from './pictures/sizes.mjs';

const COMPILED = join(REPOSITORY, 'dist', 'test');
/** What is shown moves a little, and is called as in the documentation. */
const HOST_TOML = `[cluster]
node_id = "pi4"
[polling]
interval_seconds = 2
[simulation]
dht22_temperature = { mean = 22, amplitude = 1.5, period_s = 120, noise = 0.1 }
`;

const { values } = parseArgs({ options: { into: { type: 'string' } } });
const target = resolve(values.into ?? join(REPOSITORY, 'docs', 'images'));

if (!existsSync(join(COMPILED, 'system', 'node-red.js'))) {
  console.error('pictures: nothing is built yet; run: npm run build');
  process.exit(1);
}
const compiled = createRequire(join(COMPILED, 'pictures.js'));
const { NodeRed } = compiled('./system/node-red.js');
const { launchBrowser, noBrowser } = compiled('./browser/chromium.js');
if (noBrowser) {
  console.error(`pictures: ${noBrowser}`);
  process.exit(1);
}

/** As it is shipped, but simulated wherever this runs, and with what `changes` says of nodes that poll. */
async function example(name, changes = {}) {
  const nodes = JSON.parse(await readFile(join(REPOSITORY, 'examples', 'flows', `${name}.json`), 'utf8'));
  return nodes.map((node) => {
    if (node.type === 'wasi-runtime') return { ...node, hardware: 'simulated' };
    return node.repeat || node.every ? { ...node, ...changes } : node;
  });
}

async function save(name, picture) {
  if (picture.length > MAX_BYTES) throw new Error(`${name} has ${picture.length} bytes`);
  await writeFile(join(target, name), picture);
  console.log(`pictures: ${join(target, name)}, ${Math.ceil(picture.length / 1_000)} kB`);
}

async function take(browser, name, shot, colorScheme = 'light') {
  const { width, height, scale } = PICTURES[name];
  const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: scale, colorScheme });
  try {
    await save(name, await shot(page));
  } finally {
    await page.close();
  }
}

async function takeAll(nodeRed, browser) {
  const first = await example('01-poll-cycle', { repeat: '2' });
  await nodeRed.deploy(first);
  const { id } = first.find(({ type }) => type === 'wasi-runtime');
  await take(browser, 'poll-cycle.png', (page) => pollCycle(page, nodeRed.url));
  await take(browser, 'runtime-form.png', (page) => runtimeForm(page, nodeRed.url, id));
  await take(browser, 'dashboard-light.png', (page) => dashboard(page, nodeRed));
  await take(browser, 'dashboard-dark-phone.png', (page) => dashboard(page, nodeRed), 'dark');
  await nodeRed.deploy(await example('10-heat-the-room', { every: '0.5' }));
  await take(browser, 'heat-the-room.png', (page) => heatTheRoom(page, nodeRed.url));
}

await mkdir(target, { recursive: true });
const nodeRed = await NodeRed.start({ linked: true, texts: { 'wasi/host.toml': HOST_TOML } });
try {
  const browser = await launchBrowser();
  try {
    await takeAll(nodeRed, browser);
  } finally {
    await browser.close();
  }
} finally {
  await nodeRed.stop();
}
