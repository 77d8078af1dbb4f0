/**
 * The installed package in a Node-RED on every promised version of Node.js: the first example, and a hot reload, which
 * is where V8's and the worker threads' differences would show. scripts/node-versions.mjs brings the versions.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  debugNode,
  exampleFlow,
  type FlowNode,
  HOST_TOML,
  injectNode,
  pollNode,
  STILL_WORLD,
  TAB,
  theNode,
} from '../system/flow-nodes';
import { NodeRed } from '../system/node-red';
import { fixture, REPOSITORY } from '../wasm/components';

interface NodeVersion {
  readonly version: string;
  readonly program: string;
}

const PROMISED = ['18', '20', '22', '24', '26'];
const COUNTER = 'wasi/plugins/counter.wasm';
const GREEN = '#00ff00';

function nodeVersions(): readonly NodeVersion[] {
  const file = join(REPOSITORY, 'build', 'node-versions.json');
  assert.ok(existsSync(file), `there is no ${file}: run "npm test -- node-versions"`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

function theFlow(): FlowNode[] {
  const example = exampleFlow('01-poll-cycle');
  const runtime = theNode(example, 'wasi-runtime').id;
  return [
    ...example,
    TAB,
    injectNode('count', ['counter']),
    pollNode('counter', 'counter', ['counted'], { runtime }),
    debugNode('counted', 'payload'),
  ];
}

async function counted(nodeRed: NodeRed, version: number): Promise<void> {
  await nodeRed.until(`version ${version} of the counter is polled`, async () => {
    const before = nodeRed.comms.debugs('counted').length;
    await nodeRed.inject('count');
    const payload = (await nodeRed.untilDebugs('counted', before + 1)).at(-1);
    return typeof payload === 'object' && payload !== null && 'version' in payload && payload.version === version;
  });
}

const versions = nodeVersions();
const skip = versions.length > 0 ? false : `npm has no Node.js for ${process.platform} ${process.arch}`;

describe('the package', { skip }, () => {
  it('is tried on every promised line of Node.js', () => {
    const lines = versions.map(({ version }) => version.split('.')[0]);
    assert.deepEqual(lines, PROMISED);
  });

  for (const { version, program } of versions) {
    it(`polls, shows LEDs and page, reloads a plugin and ends cleanly on Node.js ${version}`, async () => {
      const nodeRed = await NodeRed.start({
        program,
        texts: { [HOST_TOML]: STILL_WORLD },
        copies: { [COUNTER]: fixture('counter_v1') },
      });
      try {
        assert.ok(nodeRed.log.includes(`Node.js  version: v${version}`));
        const flow = theFlow();
        await nodeRed.deploy(flow);
        const debug = async (name: string) => (await nodeRed.untilDebugs(theNode(flow, 'debug', name).id))[0];
        assert.deepEqual(await debug('room'), { temperature: 21.5, humidity: 40 });
        const air = await debug('air');
        assert.ok(typeof air === 'object' && air !== null && 'gasResistance' in air);
        const machine = await debug('machine');
        assert.ok(typeof machine === 'object' && machine !== null && 'cpuTemp' in machine && machine.cpuTemp === 48);
        const leds = await debug('LEDs');
        assert.ok(typeof leds === 'object' && leds !== null && 'leds' in leds && Array.isArray(leds.leds));
        assert.deepEqual(leds.leds.slice(0, 2), [GREEN, GREEN]);
        assert.match(await nodeRed.text('/wasi'), /21\.5/);
        await counted(nodeRed, 1);
        await copyFile(fixture('counter_v2'), join(nodeRed.userDir, COUNTER));
        await counted(nodeRed, 2);
        assert.doesNotMatch(nodeRed.log, /\[error\]|Warning:/);
      } finally {
        await nodeRed.stop();
      }
    });
  }
});
