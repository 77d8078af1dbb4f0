import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { I2cAdapter } from '../../../src/hardware/linux/i2c-adapter';
import { KernelError } from '../../../src/hardware/linux/kernel';
import { LinuxI2cBus } from '../../../src/hardware/linux/linux-i2c-bus';
import { JumpingClock } from '../../support/manual-clock';

function busOf(adapter: I2cAdapter): LinuxI2cBus {
  return new LinuxI2cBus(1, '/dev', adapter, new JumpingClock());
}

/** Fails with these codes in turn, then answers. */
function failing(...codes: readonly string[]) {
  let tries = 0;
  const adapter: I2cAdapter = async (_address, _write, readLength) => {
    const code = codes[tries];
    tries += 1;
    if (code !== undefined) throw new KernelError(code, 'ioctl');
    return new Uint8Array(readLength);
  };
  return { bus: busOf(adapter), tries: () => tries };
}

const REGISTER = Uint8Array.of(0);

describe('an I²C bus', () => {
  it('tries a transfer that lost arbitration again, some times', async () => {
    const lost = failing('EAGAIN', 'EAGAIN');
    assert.deepEqual(await lost.bus.transfer(0x77, REGISTER, 2), new Uint8Array(2));
    assert.equal(lost.tries(), 3);
    const hopeless = failing(...Array.from({ length: 100 }, () => 'EAGAIN'));
    await assert.rejects(hopeless.bus.transfer(0x77, REGISTER, 1), {
      code: 'HARDWARE_IO',
      message: /0x77 of bus 1 was not reached in 4 tries.*EAGAIN/,
    });
    assert.equal(hopeless.tries(), 4);
  });

  for (const [code, expected, text] of [
    ['ENXIO', 'HARDWARE_MISSING', /nothing answers at I²C address 0x77 of bus 1 \(ENXIO\)/],
    ['EREMOTEIO', 'HARDWARE_MISSING', /nothing answers.*EREMOTEIO/],
    ['ETIMEDOUT', 'HARDWARE_IO', /the bus is stuck.*SDA or SCL low/],
    ['EBUSY', 'HARDWARE_IO', /kernel driver holds the address, or the bus is stuck/],
    ['EIO', 'HARDWARE_IO', /I²C bus 1 failed.*EIO/],
    ['ENOENT', 'HARDWARE_MISSING', /raspi-config/],
    ['EACCES', 'HARDWARE_PERMISSION', /group "i2c"/],
  ] as const) {
    it(`says what ${code} means, and does not try again`, async () => {
      const { bus, tries } = failing(code);
      await assert.rejects(bus.transfer(0x77, REGISTER, 1), { code: expected, message: text });
      assert.equal(tries(), 1);
    });
  }

  it('serves one transfer at a time, in their order', async () => {
    const events: string[] = [];
    const bus = busOf(async (address) => {
      events.push(`begins ${address}`);
      await new Promise(setImmediate);
      events.push(`ends ${address}`);
      return new Uint8Array(0);
    });
    await Promise.all([bus.transfer(1, REGISTER, 0), bus.transfer(2, REGISTER, 0)]);
    assert.deepEqual(events, ['begins 1', 'ends 1', 'begins 2', 'ends 2']);
  });

  it('refuses callers at once when too many wait for a stuck one, and those that wait when it is closed', async () => {
    let release: () => void = () => undefined;
    const stuck = new Promise<void>((resolve) => {
      release = resolve;
    });
    const bus = busOf(async () => {
      await stuck;
      return new Uint8Array(0);
    });
    const calls = Array.from({ length: 32 }, () => bus.transfer(1, REGISTER, 0));
    const rest = Promise.allSettled(calls.slice(1));
    await assert.rejects(bus.transfer(1, REGISTER, 0), { code: 'HARDWARE_IO', message: /32 calls wait for I²C bus 1/ });
    const closed = bus.close();
    release();
    await closed;
    await calls[0];
    for (const outcome of await rest) {
      assert.ok(outcome.status === 'rejected' && outcome.reason.code === 'RUNTIME_CLOSED');
    }
    await assert.rejects(bus.transfer(1, REGISTER, 0), { code: 'RUNTIME_CLOSED' });
  });
});
