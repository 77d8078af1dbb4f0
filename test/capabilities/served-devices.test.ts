/** The devices as Node-RED's process serves them to a guest: checked, counted, and remembered where they failed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DeviceCallCount } from '../../src/capabilities/device-call-count';
import { MAX_DEVICE_FAILURES, type ServedCall, ServedDevices } from '../../src/capabilities/served-devices';
import { WasiError } from '../../src/errors/wasi-error';
import type { DeviceCaller, DeviceOutcome } from '../../src/hardware/device-thread';
import { NO_GRANTS } from '../../src/host-config/grants-table';
import type { Grants } from '../../src/host-config/host-config';

const ALL_PINS = Array.from({ length: 100 }, (_, pin) => pin);
const GRANTS: Grants = {
  ...NO_GRANTS,
  gpio: ALL_PINS,
  fan: true,
  i2c: [
    { bus: 1, address: 0x44 },
    { bus: 1, address: 0x45 },
  ],
};
const NO_FAN = { kind: 'failed', error: { code: 'HARDWARE_MISSING', message: 'no fan' } } as const;

/** Devices whose calls end as they are listed: with the text of a failure, or with true. */
function outcomes(...list: readonly (string | true)[]): DeviceCaller['call'] {
  const left = [...list];
  return async () => {
    const outcome = left.shift();
    assert.ok(outcome !== undefined, 'it was called more often than expected');
    if (outcome !== true) throw new WasiError('HARDWARE_IO', outcome);
    return outcome;
  };
}

/** Calls of one guest that end as `call` does; what is read beforehand is a number. */
function calling(call: DeviceCaller['call']): DeviceCaller {
  return { call, read: (methods) => Promise.resolve(methods.map(() => ({ kind: 'result', value: 1 }))) };
}

function failed(message: string): ServedCall {
  return { kind: 'failed', error: { code: 'HARDWARE_IO', message } };
}

describe('devices that a guest calls', () => {
  it('answer with what they brought, or with why they failed', async () => {
    const devices = new ServedDevices(GRANTS, calling(outcomes(true, 'no answer')), new DeviceCallCount());
    assert.deepEqual(await devices.serve('readDht22', [4]), { kind: 'result', value: true });
    assert.deepEqual(await devices.serve('readDht22', [4]), failed('no answer'));
  });

  it('never reject, whatever a driver throws', async () => {
    const call = () => Promise.reject(new TypeError('a driver is at fault'));
    const devices = new ServedDevices(GRANTS, calling(call), new DeviceCallCount());
    assert.deepEqual(await devices.serve('readDht22', [4]), failed('a driver is at fault'));
  });

  it('are not reached by a call that is forbidden, which is neither counted nor remembered', async () => {
    const count = new DeviceCallCount();
    const devices = new ServedDevices(
      NO_GRANTS,
      calling(() => assert.fail('it was reached')),
      count,
    );
    for (const [method, args] of [
      ['readDht22', [4]],
      ['setFan', [true]],
      ['writeLeds', [new Uint8Array(9)]],
      ['close', []],
      ['constructor', []],
      ['cpuTemperature', [1]],
    ] as const)
      assert.equal(await devices.serve(method, args), 'forbidden', method);
    assert.deepEqual(count.counted(), []);
    assert.deepEqual(devices.takeFailures(), []);
  });

  it('are remembered where they failed, each by its first failure, until they are taken', async () => {
    const call = outcomes('no answer', 'wrong sum', 'nothing at 17', 'no fan');
    const devices = new ServedDevices(GRANTS, calling(call), new DeviceCallCount());
    await devices.serve('readDht22', [4]);
    await devices.serve('readDht22', [4]);
    await devices.serve('readDht22', [17]);
    await devices.serve('setFan', [true]);
    assert.deepEqual(devices.takeFailures(), [
      { code: 'HARDWARE_IO', message: 'no answer', reads: true },
      { code: 'HARDWARE_IO', message: 'nothing at 17', reads: true },
      { code: 'HARDWARE_IO', message: 'no fan', reads: false },
    ]);
    assert.deepEqual(devices.takeFailures(), []);
  });

  it('have not failed where a later call of the same device succeeds', async () => {
    const devices = new ServedDevices(GRANTS, calling(outcomes('failure 1', 'failure 2', true)), new DeviceCallCount());
    await devices.serve('i2cTransfer', [1, 0x44, Uint8Array.of(1), 1]);
    await devices.serve('i2cTransfer', [1, 0x45, Uint8Array.of(1), 1]);
    await devices.serve('i2cTransfer', [1, 0x44, Uint8Array.of(2), 6]);
    assert.deepEqual(devices.takeFailures(), [{ code: 'HARDWARE_IO', message: 'failure 2', reads: true }]);
  });

  it('are remembered in a limited number', async () => {
    const call = outcomes(...ALL_PINS.map((pin) => `nothing at ${pin}`));
    const devices = new ServedDevices(GRANTS, calling(call), new DeviceCallCount());
    for (const pin of ALL_PINS) await devices.serve('readDht22', [pin]);
    const failures = devices.takeFailures();
    assert.equal(failures.length, MAX_DEVICE_FAILURES);
    assert.equal(failures[0]?.message, 'nothing at 0', 'the first of them are told');
  });

  it('are counted by call, and their failures by code, over all guests of a plugin', async () => {
    const count = new DeviceCallCount();
    let left = 1;
    const call: DeviceCaller['call'] = async (method) => {
      if (method === 'setFan') throw new WasiError('HARDWARE_MISSING', 'no fan');
      if (left > 0) {
        left -= 1;
        throw new WasiError('HARDWARE_IO', 'no answer');
      }
      return undefined;
    };
    const [one, other] = [
      new ServedDevices(GRANTS, calling(call), count),
      new ServedDevices(GRANTS, calling(call), count),
    ];
    assert.deepEqual(count.counted(), []);
    assert.deepEqual(await one.serve('readDht22', [4]), failed('no answer'));
    await one.serve('readDht22', [4]);
    await other.serve('readDht22', [17]);
    for (let again = 0; again < 2; again += 1) assert.deepEqual(await other.serve('setFan', [true]), NO_FAN);
    assert.deepEqual(count.counted(), [
      { call: 'read_dht22', calls: 3, failures: new Map([['HARDWARE_IO', 1]]) },
      { call: 'set_fan', calls: 2, failures: new Map([['HARDWARE_MISSING', 2]]) },
    ]);
  });
});

describe('devices that a guest has read in its last call', () => {
  const read = (outcome: DeviceOutcome): DeviceCaller => ({
    call: () => Promise.resolve('directly'),
    read: (methods) => Promise.resolve(methods.map(() => outcome)),
  });
  const FAILURE = { kind: 'failed', error: { code: 'HARDWARE_IO', message: 'no zone' } } as const;

  it('are read before the next call, and counted only where the guest asks', async () => {
    const count = new DeviceCallCount();
    const devices = new ServedDevices(GRANTS, read({ kind: 'result', value: 48 }), count);
    assert.deepEqual(await devices.readAhead(), []);
    assert.equal(devices.asked(['cpuTemperature'], []), 'permitted');
    const reply = { kind: 'result', value: 48 };
    assert.deepEqual(await devices.readAhead(), [{ method: 'cpuTemperature', reply }]);
    assert.equal(devices.asked([], []), 'permitted');
    assert.deepEqual(count.counted(), []);
    assert.deepEqual(await devices.readAhead(), [], 'nobody asked for it in the last call');
    devices.asked(['cpuTemperature'], []);
    await devices.readAhead();
    devices.asked(['cpuTemperature'], ['cpuTemperature']);
    assert.deepEqual(count.counted(), [{ call: 'cpu_temperature', calls: 1, failures: new Map() }]);
  });

  it('have failed where the guest asked, and not where it then called them itself', async () => {
    const devices = new ServedDevices(GRANTS, read(FAILURE), new DeviceCallCount());
    devices.asked(['cpuTemperature'], []);
    await devices.readAhead();
    devices.asked(['cpuTemperature'], []);
    assert.deepEqual(devices.takeFailures(), []);
    await devices.readAhead();
    devices.asked(['cpuTemperature'], ['cpuTemperature']);
    assert.deepEqual(devices.takeFailures(), [{ ...FAILURE.error, reads: true }]);
    await devices.readAhead();
    await devices.serve('cpuTemperature', []);
    devices.asked(['cpuTemperature'], ['cpuTemperature']);
    assert.deepEqual(devices.takeFailures(), []);
  });

  it('are no others than it may call, nor any that were not read', async () => {
    const devices = new ServedDevices(NO_GRANTS, read(FAILURE), new DeviceCallCount());
    for (const method of ['fanState', 'memoryUsage', 'readDht22', 'close', '__proto__'])
      assert.equal(devices.asked([method], []), 'forbidden', method);
    assert.equal(devices.asked(['cpuTemperature'], ['cpuTemperature']), 'forbidden');
  });
});
