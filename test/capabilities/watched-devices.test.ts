import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Devices } from '../../src/capabilities/capability-context';
import { deviceCallsIn, newDeviceCallCount } from '../../src/capabilities/device-call-count';
import { MAX_DEVICE_FAILURES, WatchedDevices } from '../../src/capabilities/watched-devices';
import { WasiError } from '../../src/errors';

/** Devices of which those at GPIO 4 fail as often as there are texts, and then work. */
function failing(...texts: readonly string[]) {
  const left = [...texts];
  const call: Devices['call'] = (method, ...args) => {
    const text = method === 'readDht22' && args[0] !== 4 ? undefined : left.shift();
    if (text !== undefined) throw new WasiError('HARDWARE_IO', text);
    throw new WasiError('HARDWARE_MISSING', `no device (${method})`);
  };
  return new WatchedDevices({ call }, newDeviceCallCount());
}

describe('devices that a guest calls', () => {
  it('are remembered where they failed, each by its first failure, until they are taken', () => {
    const devices = failing('no answer', 'wrong sum');
    for (let call = 0; call < 2; call += 1) assert.throws(() => devices.call('readDht22', 4), WasiError);
    assert.throws(() => devices.call('readDht22', 17), WasiError);
    assert.throws(() => devices.call('setFan', true), WasiError);
    assert.deepEqual(devices.takeFailures(), [
      { code: 'HARDWARE_IO', message: 'no answer', reads: true },
      { code: 'HARDWARE_MISSING', message: 'no device (readDht22)', reads: true },
      { code: 'HARDWARE_MISSING', message: 'no device (setFan)', reads: false },
    ]);
    assert.deepEqual(devices.takeFailures(), []);
  });

  it('have not failed where a later call of the same device succeeds', () => {
    let calls = 0;
    const call = () => {
      calls += 1;
      if (calls < 3) throw new WasiError('HARDWARE_IO', `failure ${calls}`);
      return undefined as never;
    };
    const devices = new WatchedDevices({ call }, newDeviceCallCount());
    assert.throws(() => devices.call('i2cTransfer', 1, 0x44, Uint8Array.of(1), 1), WasiError);
    assert.throws(() => devices.call('i2cTransfer', 1, 0x45, Uint8Array.of(1), 1), WasiError);
    devices.call('i2cTransfer', 1, 0x44, Uint8Array.of(2), 6);
    assert.deepEqual(devices.takeFailures(), [{ code: 'HARDWARE_IO', message: 'failure 2', reads: true }]);
  });

  it('are remembered in a limited number', () => {
    const devices = failing();
    for (let pin = 0; pin < 100; pin += 1) assert.throws(() => devices.call('readDht22', pin), WasiError);
    assert.equal(devices.takeFailures().length, MAX_DEVICE_FAILURES);
  });

  it('are counted by call, and their failures by code, over all guests of a plugin', () => {
    const count = newDeviceCallCount();
    let left = 1;
    const call: Devices['call'] = (method, ..._args) => {
      if (method === 'setFan') throw new WasiError('HARDWARE_MISSING', 'no fan');
      if (left > 0) {
        left -= 1;
        throw new WasiError('HARDWARE_IO', 'no answer');
      }
      return undefined as never;
    };
    const [one, other] = [new WatchedDevices({ call }, count), new WatchedDevices({ call }, count)];
    assert.deepEqual(deviceCallsIn(count), []);
    assert.throws(() => one.call('readDht22', 4), WasiError);
    one.call('readDht22', 4);
    other.call('readDht22', 17);
    for (let again = 0; again < 2; again += 1) assert.throws(() => other.call('setFan', true), WasiError);
    assert.deepEqual(deviceCallsIn(count), [
      { call: 'read_dht22', calls: 3, failures: new Map([['HARDWARE_IO', 1]]) },
      { call: 'set_fan', calls: 2, failures: new Map([['HARDWARE_MISSING', 2]]) },
    ]);
  });
});
