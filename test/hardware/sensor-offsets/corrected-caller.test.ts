/** Which answers of the devices are corrected: those of the sensors where host.toml has them, and no others. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeviceCaller } from '../../../src/hardware/device-thread';
import {
  type Correction,
  correctedCaller,
  type SensorTables,
} from '../../../src/hardware/sensor-offsets/corrected-caller';

const AIR = Object.freeze({ temperature: 23, humidity: 42, pressure: 1_000, gasResistance: 120 });
const BYTES = Uint8Array.of(1, 2, 3);
const NONE = { temperature: 0, humidity: 0 };
const WARM = { temperature: -2, humidity: 1 };

const DEVICES: DeviceCaller = {
  call: async (method) => (method === 'i2cTransfer' ? BYTES : AIR),
  read: async (methods) => methods.map(() => ({ kind: 'result', value: 48 })),
};

function tables(dht22 = WARM, bme680 = WARM): SensorTables {
  return { dht22: { gpioPin: 4, offsets: dht22 }, bme680: { bus: 1, address: 0x77, offsets: bme680 } };
}

describe('the devices of a guest', () => {
  it('answer with the offsets of the sensors where host.toml has them', async () => {
    const heard: Correction[] = [];
    const devices = correctedCaller(DEVICES, tables, (correction) => heard.push(correction));
    assert.deepEqual(await devices.call('readDht22', [4]), { temperature: 21, humidity: 43 });
    const corrected = await devices.call('readBme680', [1, 0x77]);
    assert.deepEqual({ ...(corrected as object), humidity: 0 }, { ...AIR, temperature: 21, humidity: 0 });
    assert.deepEqual(
      heard.map(({ sensor, measured }) => [sensor, measured]),
      [
        ['dht22', AIR],
        ['bme680', AIR],
      ],
    );
  });

  it('answer as they are for other sensors, for bytes, and for what is read beforehand', async () => {
    const devices = correctedCaller(DEVICES, tables, () => assert.fail('nothing is corrected'));
    assert.equal(await devices.call('readDht22', [17]), AIR);
    assert.equal(await devices.call('readBme680', [0, 0x77]), AIR);
    assert.equal(await devices.call('readBme680', [1, 0x76]), AIR);
    assert.equal(await devices.call('i2cTransfer', [1, 0x77, BYTES, 3]), BYTES);
    assert.deepEqual(await devices.read(['cpuTemperature']), [{ kind: 'result', value: 48 }]);
  });

  it('answer with the offsets that hold when the answer comes', async () => {
    let now = tables(NONE, NONE);
    const devices = correctedCaller(
      DEVICES,
      () => now,
      () => undefined,
    );
    assert.equal(await devices.call('readDht22', [4]), AIR);
    now = tables();
    assert.deepEqual(await devices.call('readDht22', [4]), { temperature: 21, humidity: 43 });
  });

  it('fail as they do', async () => {
    const failing: DeviceCaller = { ...DEVICES, call: () => Promise.reject(new Error('no answer')) };
    const devices = correctedCaller(failing, tables, () => assert.fail('nothing was measured'));
    await assert.rejects(devices.call('readDht22', [4]), /no answer/);
  });
});
