/**
 * The rules of Node-RED's scorecard (node-red-dev 0.1.6, `validate`) against the installed package. The tool itself asks
 * catalogue.nodered.org at its fourth step and ends without it; what it asks of a package alone is checked here, under
 * the numbers it uses. P08 and N01 (names taken by others) and D03 (latest versions) need the catalogue and the registry.
 */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { installedPackage, packageFolder } from './installed-package';

interface Manifest {
  readonly name: string;
  readonly license: string;
  readonly repository: { readonly url: string };
  readonly bugs: { readonly url: string };
  readonly keywords: readonly string[];
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly 'node-red': { readonly version: string; readonly nodes: Readonly<Record<string, string>> };
}

const MAX_DEPENDENCIES = 6;
/** The tool's badpackages.json (there: below 6.0.0). */
const INCOMPATIBLE = ['agent-base'];

let root: string;
let manifest: Manifest;
before(async () => {
  root = packageFolder(await installedPackage());
  manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
});

describe('the scorecard', () => {
  it('P01, P03: the package has a licence, a repository and an address for bugs', () => {
    assert.equal(manifest.license, 'Apache-2.0');
    assert.match(manifest.repository.url, /^git\+https:\/\/\S+\.git$/);
    assert.match(manifest.bugs.url, /^https:\/\//);
  });

  it('P04, P05: its name is scoped, and its keywords say Node-RED', () => {
    assert.match(manifest.name, /^@[a-z\d][\w-.]+\/[a-z\d][\w-.]*$/);
    assert.ok(manifest.keywords.includes('node-red'));
  });

  it('P06, P07: it names the oldest Node-RED and the oldest Node.js it runs on', async () => {
    assert.equal(manifest['node-red'].version, '>=4.0.0');
    assert.equal(manifest.engines.node, '>=18.20.0');
  });

  it('D01: it has few dependencies', () => {
    assert.ok(Object.keys(manifest.dependencies).length <= MAX_DEPENDENCIES);
  });

  it('D02: nothing it installs is known to break Node-RED', async () => {
    const lock: { readonly packages: object } = JSON.parse(
      await readFile(join(await installedPackage(), 'package-lock.json'), 'utf8'),
    );
    const names = Object.keys(lock.packages).map((path) => path.split('node_modules/').at(-1) ?? '');
    assert.ok(names.includes('@edge-wasi/node-red-wasi'));
    assert.deepEqual(
      names.filter((name) => INCOMPATIBLE.includes(name)),
      [],
    );
  });

  it('N02: an example shows each node that can be placed', async () => {
    const folder = join(root, 'examples', 'flows');
    const shown = new Set<string>();
    for (const file of await readdir(folder)) {
      const nodes: readonly { readonly type: string }[] = JSON.parse(await readFile(join(folder, file), 'utf8'));
      for (const { type } of nodes) shown.add(type);
    }
    assert.deepEqual(
      Object.keys(manifest['node-red'].nodes).filter((type) => !shown.has(type)),
      [],
    );
  });
});
