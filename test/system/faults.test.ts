/** Guests that misbehave: Node-RED answers meanwhile, goes on, and ends when it is asked to. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { codeOf, FAULTS, faultsFlow, isCalled, NEVER_MS, SOON_MS, spinning, startSpinning } from './faults-flow';
import { debugNode, injectNode, pollNode } from './flow-nodes';
import { NodeRed } from './node-red';

describe('a guest', () => {
  let nodeRed: NodeRed;
  before(async () => {
    nodeRed = await NodeRed.start(FAULTS);
  });
  after(() => nodeRed.stop());

  it('that spins is ended at its deadline; page and editor answer meanwhile, and the next poll works', async () => {
    await nodeRed.deploy(faultsFlow('spin', spinning(NEVER_MS)));
    await startSpinning(nodeRed, 'spin');
    assert.equal((await nodeRed.request('/')).status, 200);
    assert.match(await nodeRed.text('/wasi'), /<!doctype html>/);
    assert.equal((await nodeRed.json('/wasi/api/health')).status, 'ok');
    assert.ok(await isCalled(nodeRed), 'it spins still');
    await nodeRed.untilStatus('poll-spin', 'blue dot polling (sim)');
    await nodeRed.deploy(faultsFlow('spun', spinning(SOON_MS, 2)));
    await nodeRed.inject('go-spun');
    assert.deepEqual(await nodeRed.untilDebugs('out-spun'), [{ count: 1 }]);
    await nodeRed.inject('go-spun');
    assert.equal(codeOf((await nodeRed.untilDebugs('failed-spun'))[0]), 'PLUGIN_DEADLINE');
    await nodeRed.untilStatus('poll-spun', 'red ring too slow (sim)');
    await nodeRed.inject('go-spun');
    assert.deepEqual((await nodeRed.untilDebugs('out-spun', 2)).at(-1), { count: 1 }, 'a fresh instance counts anew');
  });

  it('that goes on failing rests: its node stays red, health says so, and other plugins are polled on', async () => {
    const toml = '[plugins.faults]\nenabled = true\n[plugins.faults.settings]\nfault = "trap"\n';
    await nodeRed.deploy([
      ...faultsFlow('rest', toml),
      injectNode('go-room', ['room']),
      pollNode('room', 'dht22', ['out-room']),
      debugNode('out-room', 'payload'),
    ]);
    await nodeRed.until('a poll is refused for resting', async () => {
      await nodeRed.inject('go-rest');
      return nodeRed.comms.debugs('failed-rest').some((message) => codeOf(message) === 'PLUGIN_BACKOFF');
    });
    assert.match(nodeRed.comms.status('poll-rest'), /^red ring/);
    const health = await nodeRed.until('health says so', async () => {
      const response = await nodeRed.request('/wasi/api/health');
      const body = await response.json();
      return response.status === 503 ? body : undefined;
    });
    assert.deepEqual(health.failing, ['faults']);
    await nodeRed.inject('go-room');
    assert.deepEqual(await nodeRed.untilDebugs('out-room'), [{ temperature: 21.5, humidity: 40 }]);
  });
});

describe('asked to end', () => {
  it('while a guest spins, Node-RED ends by itself and leaves no process', async () => {
    const nodeRed = await NodeRed.start(FAULTS);
    try {
      await nodeRed.deploy(faultsFlow('last', spinning(NEVER_MS)));
      await startSpinning(nodeRed, 'last');
    } finally {
      await nodeRed.stop();
    }
    assert.doesNotMatch(nodeRed.log, /did not close within|Error stopping node/);
  });
});
