import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { FakeRuntime, failing } from './fake-runtime';
import { Flow, OUT, RUNTIME } from './flow';

const NODE = { id: 'sim', type: 'hardware-sim', runtime: 'runtime', wires: [['out']] };

describe('a message to hardware-sim', () => {
  let flow: Flow | undefined;
  afterEach(() => flow?.stop());

  async function start(runtime: FakeRuntime): Promise<Flow> {
    flow = await Flow.start([RUNTIME, NODE, OUT], async () => runtime);
    return flow;
  }

  function simulated(): FakeRuntime {
    const runtime = new FakeRuntime();
    runtime.hardware = { kind: 'simulated', because: 'of the test' };
    return runtime;
  }

  it('changes the world and leaves with it, its other properties kept', async () => {
    const runtime = simulated();
    const started = await start(runtime);
    started.send('sim', { payload: { dht22_temperature: 31 }, req: 'kept' });
    await started.until(() => started.messages.length > 0);
    assert.deepEqual(runtime.simulated, [{ dht22_temperature: 31 }]);
    const world = { dht22_temperature: 22.412, dht22_humidity: 44.6, buzzer: false, fan: true };
    assert.deepEqual(started.messages[0]?.payload, world);
    assert.equal(started.messages[0]?.['req'], 'kept');
  });

  it('shows the room, and that it is simulated', async () => {
    const started = await start(simulated());
    started.send('sim');
    await started.untilStatus('sim', 'green dot 22.4 °C 45 % (sim)');
  });

  it('with a mistake ends once, with the code', async () => {
    const runtime = simulated();
    runtime.onSimulate = failing('CONFIG_INVALID');
    const started = await start(runtime);
    started.send('sim', { payload: { wind: 3 } });
    await started.untilEnds(1);
    assert.equal(started.ends[0]?.error?.code, 'CONFIG_INVALID');
    assert.equal(started.statuses('sim').at(-1), 'red ring errors.CONFIG_INVALID (sim)');
    assert.deepEqual(started.messages, []);
  });

  it('finds the node grey where devices are real, before and after', async () => {
    const runtime = new FakeRuntime();
    runtime.onSimulate = failing('HARDWARE_MISSING');
    const started = await start(runtime);
    await started.untilStatus('sim', 'grey ring errors.HARDWARE_MISSING');
    started.send('sim');
    await started.untilEnds(1);
    assert.equal(started.ends[0]?.error?.code, 'HARDWARE_MISSING');
    assert.equal(started.statuses('sim').at(-1), 'grey ring errors.HARDWARE_MISSING');
  });
});
