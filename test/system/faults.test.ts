/** Guests that misbehave, and deploys and stops at the worst moment: Node-RED answers on, and nothing is left behind. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fixture } from '../wasm/components';
import {
  catchNode,
  debugNode,
  exampleFlow,
  type FlowNode,
  injectNode,
  inlineRuntime,
  onTab,
  pollNode,
  TAB,
} from './flow-nodes';
import { type DeploymentType, NodeRed } from './node-red';

const FAULTS = { copies: { 'wasi/plugins/faults.wasm': fixture('faults') } };
/** Long enough for requests and a deploy in the middle of it, on a busy machine too. */
const WHILE_SPINNING_MS = 5_000;
/** For a spin whose end is waited for. */
const SOON_MS = 2_000;
/** No test waits for it. */
const NEVER_MS = 600_000;
const DEPLOYS = 10;

function spinning(deadlineMs: number, atPoll = 1): string {
  return `[plugins.faults]
enabled = true
[plugins.faults.limits]
deadline_ms = ${deadlineMs}
[plugins.faults.settings]
fault = "spin"
fault_at = ${atPoll}
`;
}

/** `name` is part of all ids: /comms repeats old ones. */
function faultsFlow(name: string, toml: string): FlowNode[] {
  return [
    TAB,
    inlineRuntime('runtime', toml),
    injectNode(`go-${name}`, [`poll-${name}`]),
    pollNode(`poll-${name}`, 'faults', [`out-${name}`]),
    debugNode(`out-${name}`, 'payload'),
    catchNode(`caught-${name}`, [`failed-${name}`]),
    debugNode(`failed-${name}`),
    onTab('site', 'dashboard', { runtime: 'runtime', plugin: 'dashboard', path: '/wasi' }),
  ];
}

function codeOf(message: unknown): unknown {
  assert.ok(typeof message === 'object' && message !== null && 'error' in message);
  const { error } = message;
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** Until the guest spins: its worker was told, not only the node asked. */
async function startSpinning(nodeRed: NodeRed, name: string): Promise<void> {
  await nodeRed.untilStatus(`poll-${name}`, 'green dot ready (sim)');
  await nodeRed.inject(`go-${name}`);
  await untilPolling(nodeRed);
}

async function untilPolling(nodeRed: NodeRed): Promise<void> {
  await nodeRed.until('the guest is called', () => isCalled(nodeRed));
}

async function isCalled(nodeRed: NodeRed): Promise<boolean> {
  const plugins: readonly { name: string; state: string }[] = await nodeRed.json('/edge-wasi/runtimes/runtime/plugins');
  return plugins.some(({ name, state }) => name === 'faults' && state === 'polling');
}

describe('a guest', () => {
  let nodeRed: NodeRed;
  before(async () => {
    nodeRed = await NodeRed.start(FAULTS);
  });
  after(() => nodeRed.stop());

  it('that spins is ended at its deadline; page and editor answer meanwhile, and the next poll works', async () => {
    await nodeRed.deploy(faultsFlow('spin', spinning(WHILE_SPINNING_MS)));
    await startSpinning(nodeRed, 'spin');
    assert.equal((await nodeRed.request('/')).status, 200);
    assert.match(await nodeRed.text('/wasi'), /<!doctype html>/);
    assert.equal((await nodeRed.json('/wasi/api/health')).status, 'ok');
    assert.ok(await isCalled(nodeRed), 'it spins still');
    await nodeRed.untilStatus('poll-spin', 'blue dot polling (sim)');
    assert.equal(codeOf((await nodeRed.untilDebugs('failed-spin'))[0]), 'PLUGIN_DEADLINE');
    await nodeRed.untilStatus('poll-spin', 'red ring too slow (sim)');
    await nodeRed.deploy(faultsFlow('spun', spinning(SOON_MS, 2)));
    await nodeRed.inject('go-spun');
    assert.deepEqual(await nodeRed.untilDebugs('out-spun'), [{ count: 1 }]);
    await nodeRed.inject('go-spun');
    assert.equal(codeOf((await nodeRed.untilDebugs('failed-spun'))[0]), 'PLUGIN_DEADLINE');
    await nodeRed.inject('go-spun');
    assert.deepEqual((await nodeRed.untilDebugs('out-spun', 2)).at(-1), { count: 1 }, 'a fresh instance counts anew');
  });

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
