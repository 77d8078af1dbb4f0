/**
 * The package installed with no script of any package run (`--ignore-scripts`), as npm 12 does it unless somebody allows them: what
 * is native comes prebuilt, for glibc and, as far as its makers build it, for musl (Alpine: Node-RED's image, Home Assistant).
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { scratchFolder } from '../wasm/components';
import { debugNode, injectNode, inlineRuntime, pollNode, TAB } from './flow-nodes';
import { installPackage, packageFolder } from './installed-package';
import { NodeRed } from './node-red';

const INSTALL_LIMIT = { timeout: 300_000 };
const WITHOUT_SCRIPTS = { npm_config_ignore_scripts: 'true' };
const run = promisify(execFile);

/** What docs/docker.md says of each processor: koffi's and serialport's binaries. */
const BINARIES = {
  x64: {
    koffi: ['linux_x64', 'musl_x64'],
    serialport: ['node.napi.glibc.node', 'node.napi.musl.node'],
  },
  arm64: { koffi: ['linux_arm64', 'musl_arm64'], serialport: ['node.napi.armv8.node'] },
  arm: { koffi: ['linux_armhf'], serialport: ['node.napi.armv6.node', 'node.napi.armv7.node'] },
} as const;

async function install(folder: string, architecture: string): Promise<string> {
  const userDir = join(folder, 'user');
  await mkdir(userDir);
  await installPackage(userDir, { ...process.env, ...WITHOUT_SCRIPTS, npm_config_cpu: architecture });
  return userDir;
}

describe('the package that was installed without scripts', () => {
  let nodeRed: NodeRed;
  before(async () => {
    nodeRed = await NodeRed.start({ install: WITHOUT_SCRIPTS });
  }, INSTALL_LIMIT);
  after(() => nodeRed?.stop());

  it('polls in a real Node-RED', async () => {
    const wires = [injectNode('go', ['poll']), pollNode('poll', 'dht22', ['out']), debugNode('out', 'payload')];
    await nodeRed.deploy([TAB, inlineRuntime('runtime'), ...wires]);
    await nodeRed.inject('go');
    assert.deepEqual(await nodeRed.untilDebugs('out'), [{ temperature: 21.5, humidity: 40 }]);
  });

  it('loads its native code', { skip: process.platform !== 'linux' && 'devices are driven on Linux' }, async () => {
    const script = `const { load } = require('koffi');
      const { SerialPort } = require('serialport');
      console.log(typeof load);
      new SerialPort({ path: '/dev/ttyOfNobody', baudRate: 9600 }, ({ message }) => console.log(message));`;
    const { stdout } = await run(process.execPath, ['-e', script], { cwd: packageFolder(nodeRed.userDir) });
    assert.match(stdout, /^function\n.*No such file or directory, cannot open \/dev\/ttyOfNobody\n$/);
  });
});

describe('what npm brings without scripts', () => {
  for (const [architecture, { koffi, serialport }] of Object.entries(BINARIES)) {
    it(`has the binaries of ${architecture} that docs/docker.md names`, INSTALL_LIMIT, async (test) => {
      const userDir = await install(scratchFolder(test), architecture);
      const modules = join(userDir, 'node_modules');
      const koffiFolder = join(modules, '@koromix', `koffi-linux-${architecture}`);
      const built = (await readdir(koffiFolder)).filter((name) => existsSync(join(koffiFolder, name, 'koffi.node')));
      assert.deepEqual(built.sort(), [...koffi]);
      const prebuilds = join(modules, '@serialport', 'bindings-cpp', 'prebuilds', `linux-${architecture}`);
      assert.deepEqual((await readdir(prebuilds)).sort(), [...serialport]);
      assert.ok(!existsSync(join(modules, '@serialport', 'bindings-cpp', 'build')), 'nothing was compiled');
      await rm(userDir, { recursive: true });
    });
  }
});
