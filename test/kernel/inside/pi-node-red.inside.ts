/**
 * The first example in a real Node-RED, in the memory of a Raspberry Pi Zero 2 W, on the devices of the tests' kernel: one
 * cycle from the sensors' wires to the strip and the page.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ws2812SpiFrame } from '../../../src/leds/ws2812-frame';
import { exampleFlow, theNode } from '../../system/flow-nodes';
import { NodeRed } from '../../system/node-red';
import { bme680Registers } from './bme680-registers';
import { dht22Wire } from './dht22-wire';
import { GpioSim } from './gpio-sim';
import { i2cWire } from './i2c-wire';
import { spiWire } from './spi-wire';
import { ThermalZone } from './thermal-zone';

const BRIGHTNESS = 50;

function property(of: unknown, key: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, key) : undefined;
}

describe('Node-RED on a Raspberry Pi', () => {
  it('polls the four plugins on real devices, writes the strip and serves the page', async (t) => {
    const chip = new GpioSim('pinctrl-bcm2711', 58);
    t.after(() => chip.unplug());
    const zone = await ThermalZone.add(48_200);
    t.after(() => zone.remove());
    t.after(() => i2cWire.reset());
    dht22Wire.measures(4, 21.5, 40.3);
    i2cWire.setChip(0x77, 'answers');
    for (const [first, bytes] of bme680Registers()) i2cWire.setRegisters(0x77, first, bytes);
    const flow = exampleFlow('01-poll-cycle').map((node) =>
      node.type === 'wasi-runtime' ? { ...node, hardware: 'auto' } : node,
    );
    const nodeRed = await NodeRed.start({ linked: true });
    try {
      await nodeRed.deploy(flow);
      const debug = async (name: string) => (await nodeRed.untilDebugs(theNode(flow, 'debug', name).id))[0];
      assert.deepEqual(await debug('room'), { temperature: 21.5, humidity: 40.3 });
      const air = await debug('air');
      assert.deepEqual([property(air, 'temperature'), property(air, 'pressure')], [26.69, 987.12]);
      assert.equal(property(await debug('machine'), 'cpuTemp'), 48.2);
      const leds = property(await debug('LEDs'), 'leds');
      assert.ok(Array.isArray(leds));
      const colors = Uint8Array.from(Buffer.from(leds.join('').replaceAll('#', ''), 'hex'));
      assert.ok(colors.some((byte) => byte > 0));
      assert.deepEqual(spiWire.sent(), ws2812SpiFrame(colors, BRIGHTNESS));
      assert.match(await nodeRed.text('/wasi'), /21\.5/);
      assert.equal(chip.level(27), 1, 'the fan is off');
      // Four guests take longer to start on one emulated core than the example's 5 s between two polls.
      assert.doesNotMatch(nodeRed.log, /\[error\](?!.* is still being polled)|simulated/);
    } finally {
      await nodeRed.stop();
    }
    const dark = new Uint8Array(11 * 3);
    assert.deepEqual(spiWire.sent(), ws2812SpiFrame(dark, BRIGHTNESS), 'the strip is dark once Node-RED has ended');
  });
});
