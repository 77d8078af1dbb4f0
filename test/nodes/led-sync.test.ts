import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { FakeRuntime, failing } from './fake-runtime';
import { Flow, OUT, RUNTIME } from './flow';

const NODE = { id: 'leds', type: 'led-sync', runtime: 'runtime', wires: [['out']] };

describe('a message to led-sync', () => {
  let flow: Flow | undefined;
  afterEach(() => flow?.stop());

  it('shows the LEDs and leaves with their colours', async () => {
    const started = await Flow.start([RUNTIME, NODE, OUT], async () => new FakeRuntime());
    flow = started;
    started.send('leds', { mine: 1 });
    await started.until(() => started.messages.length > 0);
    assert.deepEqual(started.messages[0]?.payload, { changed: true, leds: ['#ff0000'] });
    assert.equal(started.messages[0]?.['mine'], 1);
    assert.equal(started.statuses('leds').at(-1), 'green dot status.written');
  });

  it('lays what it has in msg.leds above the colours of plugins, and keeps it', async () => {
    const runtime = new FakeRuntime();
    const started = await Flow.start([RUNTIME, NODE, OUT], async () => runtime);
    flow = started;
    for (const message of [{ leds: ['#0000ff', null] }, { leds: null }, {}]) started.send('leds', message);
    await started.until(() => started.messages.length === 3);
    assert.deepEqual(runtime.overrides, [['#0000ff', null], null, undefined]);
    assert.deepEqual(started.messages[0]?.['leds'], ['#0000ff', null]);
  });

  it('says when there was nothing to change', async () => {
    const runtime = new FakeRuntime();
    runtime.onSync = async () => ({ changed: false, leds: [] });
    flow = await Flow.start([RUNTIME, NODE], async () => runtime);
    flow.send('leds');
    await flow.untilStatus('leds', 'green dot status.unchanged');
  });

  it('that fails ends once, with the code', async () => {
    const runtime = new FakeRuntime();
    runtime.onSync = failing('HARDWARE_PERMISSION');
    flow = await Flow.start([RUNTIME, NODE], async () => runtime);
    flow.send('leds');
    await flow.untilEnds(1);
    assert.equal(flow.ends[0]?.error?.code, 'HARDWARE_PERMISSION');
    assert.equal(flow.statuses('leds').at(-1), 'red ring errors.HARDWARE_PERMISSION');
  });
});
