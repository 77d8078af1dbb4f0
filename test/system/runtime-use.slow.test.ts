/** Which runtimes run in a real Node-RED: those that a node uses, once each, and no longer than they are used. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fixture } from '../wasm/components';
import { debugNode, exampleFlow, injectNode, inlineRuntime, onTab, pollNode, TAB } from './flow-nodes';
import { NodeRed } from './node-red';

/** A runtime has the thread of its devices; its guests are threads of another process. */
const THREADS_OF_A_RUNTIME = 1;
const EXAMPLES = ['01-poll-cycle', '02-whole-cycle', '04-alarm', '11-cluster'];

const skip = process.platform === 'linux' ? false : 'threads are counted in /proc';

describe('a wasi-runtime node', { skip }, () => {
  let nodeRed: NodeRed;
  let alone: number;
  before(async () => {
    nodeRed = await NodeRed.start({ copies: { 'wasi/plugins/counter.wasm': fixture('counter_v1') } });
    alone = nodeRed.threads();
  });
  after(() => nodeRed?.stop());

  const phaseOf = async (id: string): Promise<unknown> => {
    const view: { readonly phase: string } = await nodeRed.json(`/edge-wasi/runtimes/${id}`);
    return view.phase;
  };
  const untilIdle = async (id: string) => {
    await nodeRed.until('the runtime is closed', async () => (await phaseOf(id)) === 'idle');
    await nodeRed.until(`${alone} threads`, () => nodeRed.threads() <= alone);
  };

  it('that no node uses starts no thread', async () => {
    await nodeRed.deploy([TAB, inlineRuntime('unused'), onTab('comment', 'comment')]);
    assert.equal(await phaseOf('unused'), 'idle');
    assert.ok(nodeRed.threads() <= alone, `${nodeRed.threads()} of ${alone}`);
    const plugins: readonly { readonly name: string }[] = await nodeRed.json('/edge-wasi/runtimes/unused/plugins');
    assert.deepEqual(
      plugins.map(({ name }) => name),
      ['dht22', 'bme680', 'pi_monitor', 'dashboard', 'counter'],
    );
  });

  it('of four imported examples is one, and ends when their tabs are deleted though it stays', async () => {
    const nodes = new Map(EXAMPLES.flatMap(exampleFlow).map((node) => [node.id, node]));
    const runtimes = [...nodes.values()].filter(({ type }) => type === 'wasi-runtime');
    assert.equal(runtimes.length, 1);
    await nodeRed.deploy([...nodes.values()]);
    const [runtime] = runtimes;
    assert.ok(runtime);
    await nodeRed.until('it is open', async () => (await phaseOf(runtime.id)) === 'open');
    assert.ok(nodeRed.threads() > alone);
    await nodeRed.deploy([TAB, runtime], 'nodes');
    await untilIdle(runtime.id);
  });

  it('and three that are the same are one, though a deploy takes the first away', async () => {
    const ids = ['first', 'second', 'third', 'fourth'];
    const flow = (used: readonly string[], name: string) => [
      TAB,
      ...used.map((id) => inlineRuntime(id)),
      ...used.flatMap((id) => [
        injectNode(`go-${name}-${id}`, [`poll-${name}-${id}`]),
        pollNode(`poll-${name}-${id}`, 'counter', [`out-${name}-${id}`], { runtime: id }),
        debugNode(`out-${name}-${id}`, 'payload'),
      ]),
    ];
    await nodeRed.deploy(flow(ids.slice(0, 1), 'one'));
    await nodeRed.inject('go-one-first');
    await nodeRed.untilDebugs('out-one-first');
    const one = nodeRed.threads();
    assert.ok(one >= alone + THREADS_OF_A_RUNTIME, `${one} after ${alone}`);
    await nodeRed.deploy(flow(ids, 'all'));
    for (const [index, id] of ids.entries()) {
      await nodeRed.inject(`go-all-${id}`);
      assert.deepEqual(await nodeRed.untilDebugs(`out-all-${id}`), [{ count: index + 1, version: 1 }]);
    }
    await nodeRed.until('as many threads as one has', () => nodeRed.threads() <= one);
    await nodeRed.deploy(flow(ids.slice(1), 'all'), 'nodes');
    await nodeRed.inject('go-all-second');
    assert.deepEqual((await nodeRed.untilDebugs('out-all-second', 2))[1], { count: 5, version: 1 });
  });

  it('whose users are all made anew by a deploy keeps the state of its guests', async () => {
    const flow = (name: string) => [
      TAB,
      inlineRuntime('kept'),
      injectNode('go-kept', ['poll-kept']),
      { ...pollNode('poll-kept', 'counter', ['out-kept'], { runtime: 'kept' }), name },
      debugNode('out-kept', 'payload'),
    ];
    await nodeRed.deploy(flow('before'));
    await nodeRed.inject('go-kept');
    await nodeRed.untilDebugs('out-kept');
    await nodeRed.deploy(flow('after'), 'nodes');
    await nodeRed.inject('go-kept');
    assert.deepEqual((await nodeRed.untilDebugs('out-kept', 2))[1], { count: 2, version: 1 });
  });

  it('whose only tab is disabled ends, and starts again with it', async () => {
    const flow = (disabled: boolean) => [
      { ...TAB, disabled },
      inlineRuntime('tabbed'),
      injectNode('go-tabbed', ['poll-tabbed']),
      pollNode('poll-tabbed', 'counter', ['out-tabbed'], { runtime: 'tabbed' }),
      debugNode('out-tabbed', 'payload'),
    ];
    await nodeRed.deploy(flow(false));
    await nodeRed.inject('go-tabbed');
    await nodeRed.untilDebugs('out-tabbed');
    await nodeRed.deploy(flow(true), 'nodes');
    await untilIdle('tabbed');
    await nodeRed.deploy(flow(false), 'nodes');
    await nodeRed.inject('go-tabbed');
    assert.deepEqual((await nodeRed.untilDebugs('out-tabbed', 2))[1], { count: 1, version: 1 });
  });
});
