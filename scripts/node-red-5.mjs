/**
 * The newest Node-RED, which needs a newer Node.js than the oldest that is promised, for the tests that are run with both
 * (test.mjs): installed once into the cache, with that Node.js. Writes build/node-red-5.json, `{"redJs", "program"}`: what
 * to start, and Node.js to do it with. Where that cannot be, it is `{"reason"}`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cachePath, placeFolder } from './cache.mjs';
import { keepForTests, NotHere } from './debian-packages.mjs';
import { installInto, NODE_PACKAGE, nodeIn } from './npm-packages.mjs';

const NODE_RED = 'node-red@5.0.7';
const NODE_VERSION = '22.23.3';
async function bring() {
  if (NODE_PACKAGE === undefined)
    throw new NotHere(`there is no package with Node.js for ${process.platform} ${process.arch}`);
  const folder = cachePath('node-red', `${NODE_RED}-${NODE_VERSION}-${process.arch}`);
  const packages = [NODE_RED, `${NODE_PACKAGE}@${NODE_VERSION}`];
  if (!existsSync(folder)) await placeFolder((empty) => installInto(empty, packages), folder);
  return { redJs: join(folder, 'node_modules', 'node-red', 'red.js'), program: nodeIn(folder) };
}

await keepForTests('node-red-5', bring, () => `${NODE_RED}, Node.js ${NODE_VERSION}`);
