import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WasiError } from '../../../src/errors/wasi-error';
import { parseDht22Frame } from '../../../src/hardware/dht22/dht22-frame';
import { Dht22Reader } from '../../../src/hardware/dht22/dht22-reader';
import { ManualClock } from '../../support/manual-clock';

const GOOD = Uint8Array.of(0x02, 0x8c, 0x01, 0x5f, 0xee);
const BAD = Uint8Array.of(0x02, 0x8c, 0x01, 0x5f, 0xef);

/** Reads at once, and counts; the frames are used up in order, the last one stays. */
function readerOf(...frames: (Uint8Array | WasiError)[]) {
  const clock = new ManualClock();
  const readAt: number[] = [];
  const startedAt = clock.now();
  const reader = new Dht22Reader(async () => {
    readAt.push(clock.now() - startedAt);
    const frame = frames[Math.min(readAt.length, frames.length) - 1];
    if (!(frame instanceof Uint8Array)) throw frame;
    return parseDht22Frame(frame);
  }, clock);
  return { clock, reader, readAt };
}

describe('reading a DHT22', () => {
  it('is done once for callers who come at the same time', async () => {
    const { reader, readAt } = readerOf(GOOD);
    const [a, b, c] = await Promise.all([reader.read(), reader.read(), reader.read()]);
    assert.equal(a, b);
    assert.equal(b, c);
    assert.equal(readAt.length, 1);
  });

  it('shares the last measurement with callers who come within 2.5 s of it', async () => {
    const { clock, reader, readAt } = readerOf(GOOD);
    await reader.read();
    await clock.advance(2_499);
    await reader.read();
    assert.deepEqual(readAt, [0]);
    await clock.advance(1);
    await reader.read();
    assert.deepEqual(readAt, [0, 2_500]);
  });

  it('tries a failed frame once more, after the pause the sensor needs', async () => {
    const { clock, reader, readAt } = readerOf(BAD, GOOD);
    const measured = reader.read();
    await clock.advance(2_500);
    assert.equal((await measured).temperature, 35.1);
    assert.deepEqual(readAt, [0, 2_500]);
  });

  it('fails with HARDWARE_IO, after two bad frames, before the default deadline of 5 s', async () => {
    const { clock, reader, readAt } = readerOf(BAD);
    const failed = assert.rejects(reader.read(), { code: 'HARDWARE_IO', message: /checksum/ });
    await clock.advance(2_500);
    await failed;
    assert.deepEqual(readAt, [0, 2_500]);
  });

  it('shares a failure too, instead of asking a struggling sensor sooner', async () => {
    const { clock, reader, readAt } = readerOf(BAD);
    const failed = assert.rejects(reader.read());
    await clock.advance(2_500);
    await failed;
    await assert.rejects(reader.read(), { code: 'HARDWARE_IO' });
    assert.equal(readAt.length, 2);
  });

  it('does not wait for a sensor that is not there', async () => {
    const { reader, readAt } = readerOf(new WasiError('HARDWARE_MISSING', 'no such line'));
    await assert.rejects(reader.read(), { code: 'HARDWARE_MISSING' });
    assert.equal(readAt.length, 1);
  });
});
