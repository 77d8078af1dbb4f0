/** Every way a guest can end, and deploys and stops at the worst moment: nothing is left behind. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { codeOf, FAULTS, faultsFlow, NEVER_MS, spinning, startSpinning, untilPolling } from './faults-flow';
import { exampleFlow } from './flow-nodes';
import { type DeploymentType, NodeRed } from './node-red';

/** A deploy should come before it, and the test waits for it. */
const WHILE_SPINNING_MS = 5_000;
const DEPLOYS = 10;

describe('a guest', () => {
  let nodeRed: NodeRed;
  before(async () => {
    nodeRed = await NodeRed.start(FAULTS);
  });
  after(() => nodeRed.stop());

  const ENDS: readonly (readonly [fault: string, code: string, status: string])[] = [
    ['trap', 'PLUGIN_TRAPPED', 'red ring crashed (sim)'],
    ['hard-exit', 'PLUGIN_TRAPPED', 'red ring crashed (sim)'],
    ['memory', 'PLUGIN_MEMORY', 'red ring out of memory (sim)'],
  ];
  for (const [fault, code, status] of ENDS) {
    it(`that ends by ${fault} is reported as ${code}, and the next poll finds a fresh one`, async () => {
      const toml = `[plugins.faults]\nenabled = true\n[plugins.faults.settings]\nfault = "${fault}"\nfault_at = 2\n`;
      await nodeRed.deploy(faultsFlow(fault, toml));
      await nodeRed.inject(`go-${fault}`);
      await nodeRed.untilDebugs(`out-${fault}`);
      await nodeRed.inject(`go-${fault}`);
      assert.equal(codeOf((await nodeRed.untilDebugs(`failed-${fault}`))[0]), code);
      await nodeRed.untilStatus(`poll-${fault}`, status);
      await nodeRed.inject(`go-${fault}`);
      assert.deepEqual(await nodeRed.untilDebugs(`out-${fault}`, 2), [{ count: 1 }, { count: 1 }]);
    });
  }
});

describe('a deploy while a guest spins', () => {
  let nodeRed: NodeRed;
  before(async () => {
    nodeRed = await NodeRed.start(FAULTS);
  });
  after(() => nodeRed.stop());

  const ENABLED = '[plugins.faults]\nenabled = true\n';

  it('full: ends it, and the new flow polls', async () => {
    await nodeRed.deploy(faultsFlow('before', spinning(NEVER_MS)));
    await startSpinning(nodeRed, 'before');
    await nodeRed.deploy(faultsFlow('full', ENABLED));
    await nodeRed.inject('go-full');
    assert.deepEqual(await nodeRed.untilDebugs('out-full'), [{ count: 1 }]);
  });

  const PARTIAL: readonly DeploymentType[] = ['flows', 'nodes'];
  for (const type of PARTIAL) {
    it(`${type}: of another node leaves the runtime open, and the poll is ended at its deadline`, async () => {
      const flow = faultsFlow(type, spinning(WHILE_SPINNING_MS, 2));
      await nodeRed.deploy(flow);
      await nodeRed.inject(`go-${type}`);
      await nodeRed.untilDebugs(`out-${type}`);
      await nodeRed.inject(`go-${type}`);
      await untilPolling(nodeRed);
      const changed = flow.map((node) => (node.id === `poll-${type}` ? { ...node, name: 'renamed' } : node));
      await nodeRed.deploy(changed, type);
      await nodeRed.inject(`go-${type}`);
      assert.deepEqual(await nodeRed.untilDebugs(`out-${type}`, 2), [{ count: 1 }, { count: 1 }]);
      await nodeRed.untilStatus(`poll-${type}`, 'green dot 1 (sim)');
    });
  }
});

describe('ten deploys', () => {
  const skip = process.platform === 'linux' ? false : 'threads are counted in /proc';
  it('leave no thread behind', { skip }, async () => {
    const nodeRed = await NodeRed.start(FAULTS);
    try {
      const flow = exampleFlow('01-poll-cycle');
      const ready = async () => {
        const page = await nodeRed.request('/wasi');
        return page.status === 200 && (await page.text()).includes('bme680');
      };
      await nodeRed.deploy(flow);
      await nodeRed.until('the first flow runs', ready);
      const running = nodeRed.threads();
      for (let count = 0; count < DEPLOYS; count += 1) {
        await nodeRed.deploy(flow);
        // Every other one comes while the plugins are still loading.
        if (count % 2 === 0) await nodeRed.until('the flow runs', ready);
      }
      await nodeRed.until('the last flow runs', ready);
      await nodeRed.until(`no more than ${running} threads`, () => nodeRed.threads() <= running);
      await nodeRed.deploy([]);
      await nodeRed.until('a flow without plugins has fewer', () => nodeRed.threads() < running);
    } finally {
      await nodeRed.stop();
    }
  });
});

describe('asked to end', () => {
  it('while plugins are loading, Node-RED ends by itself and leaves no process', async () => {
    const nodeRed = await NodeRed.start(FAULTS);
    try {
      await nodeRed.deploy(faultsFlow('early', '[plugins.faults]\nenabled = true\n'));
    } finally {
      await nodeRed.stop();
    }
    assert.doesNotMatch(nodeRed.log, /did not close within|Error stopping node/);
  });
});
