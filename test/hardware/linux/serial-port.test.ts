/** Serial ports against the kernel's pseudo-terminals. */
import assert from 'node:assert/strict';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { loadKernel } from '../../../src/hardware/linux/kernel';
import { SerialPort } from '../../../src/hardware/linux/serial-port';
import { emptyTermios, TCGETS2 } from '../../../src/hardware/linux/termios';
import { systemClock } from '../../../src/platform/clock';
import { ManualClock } from '../../support/manual-clock';
import { until } from '../../support/until';
import { Pty } from './pty';

const skip = process.platform === 'linux' ? false : 'serial ports are driven on Linux only';

function portOf(t: TestContext, clock = systemClock) {
  const pty = new Pty();
  const port = new SerialPort(pty.port, loadKernel, clock);
  t.after(async () => {
    await port.close();
    pty.hangUp();
  });
  return { pty, port };
}

describe('a serial port', { skip }, () => {
  it('passes every byte on as it is, both ways', async (t) => {
    const { pty, port } = portOf(t);
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    assert.equal(await port.write(all), 256);
    assert.deepEqual(pty.received(), all);
    pty.send(all);
    assert.deepEqual(await port.read(4_096, 1_000), all);
  });

  it('gives at most what is asked for and keeps the rest', async (t) => {
    const { pty, port } = portOf(t);
    await port.read(1, 0);
    pty.send(Uint8Array.of(1, 2, 3));
    assert.deepEqual(await port.read(2, 1_000), Uint8Array.of(1, 2));
    assert.deepEqual(await port.read(2, 1_000), Uint8Array.of(3));
    assert.deepEqual(await port.read(0, 0), new Uint8Array(0));
  });

  it('waits for data as long as asked, in no thread, and then gives none', async (t) => {
    const clock = new ManualClock();
    const { pty, port } = portOf(t, clock);
    await port.read(1, 0);
    const waiting = port.read(8, 10_000);
    await clock.advance(9_000);
    assert.equal(clock.sleeping, 1, 'nothing but a timer waits');
    pty.send(Uint8Array.of(7));
    await clock.advance(10);
    assert.deepEqual(await waiting, Uint8Array.of(7));
    const inVain = port.read(8, 10_000);
    await clock.advance(10_000);
    assert.deepEqual(await inVain, new Uint8Array(0));
  });

  it('has the speed that was set, any number, also when it is opened later', async (t) => {
    const { pty, port } = portOf(t);
    await port.setBaud(31_250);
    const settings = emptyTermios();
    loadKernel().ioctl(pty.fd, TCGETS2, settings);
    const view = new DataView(settings.buffer);
    assert.equal(view.getUint32(40, true), 31_250, 'output speed');
    assert.equal(view.getUint32(8, true) & 0x30, 0x30, '8 data bits');
    assert.equal(view.getUint32(12, true), 0, 'no echo, no line editing');
  });

  it('takes no more than its buffer holds when nobody reads, and says how much', async (t) => {
    const clock = new ManualClock();
    const { pty, port } = portOf(t, clock);
    const written: number[] = [];
    for (let block = 0; block < 40 && written.at(-1) !== 0; block += 1) {
      const writing = port.write(new Uint8Array(4_096));
      let settled = false;
      writing.finally(() => {
        settled = true;
      });
      await until(async () => {
        await clock.advance(100);
        return settled;
      });
      written.push(await writing);
    }
    assert.equal(written.at(-1), 0, 'the buffer is bounded');
    assert.ok(pty.received().length > 0);
  });

  it('that is pulled out is missing, and works once it is back', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'serial-'));
    const path = join(folder, 'ttyUSB0');
    const pty = new Pty();
    await symlink(pty.port, path);
    const port = new SerialPort(path, loadKernel, systemClock);
    t.after(async () => {
      await port.close();
      await rm(folder, { recursive: true });
    });
    pty.send(Uint8Array.of(1));
    assert.deepEqual(await port.read(1, 1_000), Uint8Array.of(1));
    pty.hangUp();
    await assert.rejects(port.read(1, 1_000), { code: 'HARDWARE_MISSING', message: /serial port .* is not there/ });
    await assert.rejects(port.write(Uint8Array.of(1)), { code: 'HARDWARE_MISSING' });
    const again = new Pty();
    t.after(() => again.hangUp());
    await rm(path);
    await symlink(again.port, path);
    await systemClock.wait(1_100);
    again.send(Uint8Array.of(2));
    assert.deepEqual(await port.read(1, 1_000), Uint8Array.of(2));
  });

  it('that is pulled out during a read is found gone by a write, and the read reads from nothing else', async (t) => {
    const clock = new ManualClock();
    const { pty, port } = portOf(t, clock);
    await port.read(1, 0);
    const waiting = assert.rejects(port.read(8, 10_000), { code: 'HARDWARE_MISSING' });
    await clock.advance(10);
    pty.hangUp();
    await assert.rejects(port.write(Uint8Array.of(1)), { code: 'HARDWARE_MISSING' });
    // The kernel gives the lowest numbers that are free: those of both sides are among them.
    const others = Array.from({ length: 8 }, () => openSync('/dev/zero', constants.O_RDONLY));
    t.after(() => others.forEach(closeSync));
    await clock.advance(10);
    await waiting;
  });

  it('that is back is not closed by a call that the pulled out one fails', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'serial-'));
    const path = join(folder, 'ttyUSB0');
    const pty = new Pty();
    await symlink(pty.port, path);
    const clock = new ManualClock();
    const port = new SerialPort(path, loadKernel, clock);
    t.after(async () => {
      await port.close();
      await rm(folder, { recursive: true });
    });
    await port.read(1, 0);
    const first = assert.rejects(port.read(1, 10_000), { code: 'HARDWARE_MISSING' });
    await clock.advance(5);
    pty.hangUp();
    await assert.rejects(port.write(Uint8Array.of(1)), { code: 'HARDWARE_MISSING' });
    const again = new Pty();
    t.after(() => again.hangUp());
    await rm(path);
    await symlink(again.port, path);
    again.send(Uint8Array.of(2));
    assert.deepEqual(await port.read(1, 0), Uint8Array.of(2));
    const second = port.read(1, 10_000);
    await clock.advance(10);
    await first;
    again.send(Uint8Array.of(3));
    await clock.advance(10);
    assert.deepEqual(await second, Uint8Array.of(3));
  });

  it('that is no serial port is refused', async (t) => {
    const port = new SerialPort('/dev/null', loadKernel, systemClock);
    t.after(() => port.close());
    await assert.rejects(port.read(1, 0), { code: 'HARDWARE_MISSING', message: /no serial port \(ENOTTY\)/ });
  });

  it('that is absent says how it is turned on', async (t) => {
    const port = new SerialPort('/dev/ttyAMA99', loadKernel, systemClock);
    t.after(() => port.close());
    await assert.rejects(port.read(1, 0), { code: 'HARDWARE_MISSING', message: /do_serial_hw.*enable_uart=1/ });
  });

  it('ends a read that waits when it is closed', async (t) => {
    const { port } = portOf(t);
    await port.read(1, 0);
    const waiting = assert.rejects(port.read(1, 10_000), { code: 'RUNTIME_CLOSED' });
    await port.close();
    await waiting;
    await assert.rejects(port.write(Uint8Array.of(1)), { code: 'RUNTIME_CLOSED' });
  });
});
