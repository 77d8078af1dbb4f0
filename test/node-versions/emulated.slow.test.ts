/**
 * The package on the processors of a Raspberry Pi: installed as npm does it there, in a Node-RED that QEMU runs. What is
 * native must be there for them, and V8's code for them must run the guests. scripts/emulated-node.mjs brings the programs.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { debugNode, HOST_TOML, injectNode, onTab, pollNode, runtimeNode, STILL_WORLD, TAB } from '../system/flow-nodes';
import { packageFolder } from '../system/installed-package';
import { NodeRed } from '../system/node-red';
import { REPOSITORY } from '../wasm/components';

interface EmulatedNode {
  readonly architecture: string;
  readonly version: string;
  readonly program: string;
}

type Found = { readonly programs: readonly EmulatedNode[] } | { readonly reason: string };

/** A plugin takes a second to load on a real one, and half a minute here beside other tests. */
const LIMITS = '[limits]\ndeadline_ms = 60000\nload_deadline_ms = 180000\n';
const WAIT_MS = 240_000;

function emulatedNodes(): Found {
  const file = join(REPOSITORY, 'build', 'emulated-node.json');
  assert.ok(existsSync(file), `there is no ${file}: run "npm test -- node-versions"`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

const FLOW = [
  TAB,
  runtimeNode('runtime'),
  injectNode('poll', ['room', 'air']),
  pollNode('room', 'dht22', ['measured']),
  pollNode('air', 'bme680', ['measured']),
  injectNode('sync', ['strip']),
  onTab('strip', 'led-sync', { runtime: 'runtime' }, ['lit']),
  debugNode('measured', 'payload'),
  debugNode('lit', 'payload'),
];

const found = emulatedNodes();
const skip = 'reason' in found ? found.reason : false;

describe('the package on another processor', { skip }, () => {
  for (const { architecture, version, program } of 'programs' in found ? found.programs : []) {
    it(`polls two plugins and writes LEDs on ${architecture}, Node.js ${version}`, { timeout: WAIT_MS }, async () => {
      const nodeRed = await NodeRed.start({ program, architecture, texts: { [HOST_TOML]: `${STILL_WORLD}${LIMITS}` } });
      try {
        const { status, stdout, stderr } = spawnSync(
          program,
          ['-p', `require('koffi').load('libc.so.6').func('int getppid()')() === process.ppid`],
          { cwd: packageFolder(nodeRed.userDir), encoding: 'utf8' },
        );
        assert.deepEqual([status, stdout], [0, 'true\n'], stderr);
        await nodeRed.deploy(FLOW);
        await nodeRed.inject('poll');
        const measured = await nodeRed.untilDebugs('measured', 2, WAIT_MS);
        assert.deepEqual(
          measured.find((payload) => Object.keys(Object(payload)).length === 2),
          { temperature: 21.5, humidity: 40 },
        );
        assert.ok(measured.some((payload) => 'gasResistance' in Object(payload)));
        await nodeRed.inject('sync');
        const [lit] = await nodeRed.untilDebugs('lit');
        assert.ok(typeof lit === 'object' && lit !== null && 'changed' in lit && lit.changed);
        assert.doesNotMatch(nodeRed.log, /\[error\]|Warning:/);
      } finally {
        await nodeRed.stop();
      }
    });
  }
});
