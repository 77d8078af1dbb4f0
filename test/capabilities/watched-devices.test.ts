import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WatchedDevices } from '../../src/capabilities/watched-devices';
import { type ErrorCode, WasiError } from '../../src/errors';

/** Fails with these codes in turn. */
function failing(...codes: readonly ErrorCode[]) {
  const left = [...codes];
  return new WatchedDevices({
    call: () => {
      throw new WasiError(left.shift() ?? 'HARDWARE_IO', `failure ${codes.length - left.length}`);
    },
  });
}

describe('devices that a guest asks for', () => {
  it('are remembered where one is missing or may not be opened, the first one, until asked', () => {
    const devices = failing('HARDWARE_IO', 'HARDWARE_PERMISSION', 'HARDWARE_MISSING', 'HARDWARE_MISSING');
    for (let call = 0; call < 3; call += 1) assert.throws(() => devices.call('fanState'), WasiError);
    assert.deepEqual(devices.takeAbsent(), { code: 'HARDWARE_PERMISSION', message: 'failure 2' });
    assert.equal(devices.takeAbsent(), undefined);
    assert.throws(() => devices.call('fanState'), { code: 'HARDWARE_MISSING' });
    assert.deepEqual(devices.takeAbsent(), { code: 'HARDWARE_MISSING', message: 'failure 4' });
  });

  it('are not where a device that is there fails', () => {
    const devices = failing('HARDWARE_IO');
    assert.throws(() => devices.call('fanState'), { code: 'HARDWARE_IO' });
    assert.equal(devices.takeAbsent(), undefined);
  });
});
