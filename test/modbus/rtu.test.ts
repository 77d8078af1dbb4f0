/** Frames as a line that others share gives them to a program: cut, joined, disturbed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc16, isIntact, rtuFrame } from '../../src/modbus/rtu-frame';
import { RtuServer, silenceMs } from '../../src/modbus/rtu-server';

const OURS = 17;
const OTHER = 18;

function frame(unitId: number, pdu: string): Buffer {
  return rtuFrame(unitId, Buffer.from(pdu, 'hex'));
}

/** A line whose time is the test's: silence begins anew with each piece that is heard. */
class Line {
  readonly asked: string[] = [];
  readonly sent: string[] = [];
  #due: { at: number; readonly run: () => void } | undefined;
  #now = 0;
  readonly server = new RtuServer(
    { write: (bytes) => this.sent.push(bytes.toString('hex')) },
    19_200,
    (unitId) => unitId === OURS,
    (unitId, pdu) => {
      if (unitId !== OURS && unitId !== 0) return undefined;
      this.asked.push(`${unitId} ${pdu.toString('hex')}`);
      return Buffer.from('0400', 'hex');
    },
    (ms, run) => {
      const due = { at: this.#now + ms, run };
      this.#due = due;
      return () => {
        if (this.#due === due) this.#due = undefined;
      };
    },
  );

  rest(ms: number): void {
    this.#now += ms;
    const due = this.#due;
    if (due === undefined || due.at > this.#now) return;
    this.#due = undefined;
    due.run();
  }

  hear(...pieces: readonly Buffer[]): void {
    for (const piece of pieces) this.server.onBytes(piece);
  }
}

const READ = '0300000001';

describe('the CRC', () => {
  it('is that of the specification’s tables and of known frames', () => {
    // Modbus over Serial Line V1.02, 6.2.2: "4B37" for the bytes 02 07 is sent as 41 12.
    assert.equal(crc16(Buffer.from('0207', 'hex')), 0x1241);
    assert.equal(crc16(Buffer.from('123456789', 'latin1')), 0x4b37);
    assert.equal(rtuFrame(1, Buffer.from('030000000a', 'hex')).toString('hex'), '01030000000ac5cd');
  });

  it('does not let a single wrong bit pass', () => {
    const good = frame(OURS, READ);
    for (let bit = 0; bit < good.length * 8; bit += 1) {
      const wrong = Buffer.from(good);
      wrong[Math.floor(bit / 8)] = (wrong[Math.floor(bit / 8)] ?? 0) ^ (1 << (bit % 8));
      assert.equal(isIntact(wrong), false, String(bit));
    }
  });
});

describe('a request on the line', () => {
  it('is answered after the silence that ends it, not before', () => {
    const line = new Line();
    line.hear(frame(OURS, READ));
    line.rest(2);
    assert.deepEqual(line.sent, []);
    line.rest(1);
    assert.deepEqual(line.sent, [frame(OURS, '0400').toString('hex')]);
  });

  it('is answered when it came in pieces with pauses', () => {
    const line = new Line();
    for (const byte of frame(OURS, READ)) {
      line.hear(Buffer.from([byte]));
      line.rest(20);
    }
    line.rest(50);
    assert.deepEqual(line.asked, [`${OURS} ${READ}`]);
  });

  it('that stopped in the middle is forgotten, and the next one is answered', () => {
    const line = new Line();
    line.hear(frame(OURS, READ).subarray(0, 5));
    line.rest(50);
    line.hear(frame(OURS, '0400000002'));
    line.rest(50);
    assert.deepEqual(line.asked, [`${OURS} 0400000002`]);
  });

  it('whose CRC is wrong is neither carried out nor answered', () => {
    const line = new Line();
    const wrong = frame(OURS, '0600051234');
    wrong[4] = 0xff;
    line.hear(wrong);
    line.rest(50);
    assert.deepEqual([line.asked, line.sent], [[], []]);
  });

  it('to another unit is met with silence', () => {
    const line = new Line();
    line.hear(frame(OTHER, READ));
    line.rest(50);
    assert.deepEqual([line.asked, line.sent], [[], []]);
  });

  it('to all is carried out and not answered', () => {
    const line = new Line();
    line.hear(frame(0, '0600051234'));
    line.rest(50);
    assert.deepEqual([line.asked, line.sent], [['0 0600051234'], []]);
  });

  it('right behind what others said, or noise, is answered', () => {
    const line = new Line();
    line.hear(frame(OTHER, READ), frame(OTHER, '0302002a'), Buffer.from([0, 255]), frame(OURS, READ));
    line.rest(5);
    assert.deepEqual(line.asked, [`${OURS} ${READ}`]);
    line.hear(Buffer.alloc(5_000, 0x55), frame(OURS, '1000050001021234'));
    line.rest(5);
    assert.deepEqual(line.asked.at(-1), `${OURS} 1000050001021234`);
  });

  it('behind a broadcast or another request, in one read, is carried out after it', () => {
    const line = new Line();
    line.hear(Buffer.concat([frame(0, '0600051234'), frame(OURS, READ)]));
    line.rest(5);
    assert.deepEqual(line.asked, ['0 0600051234', `${OURS} ${READ}`]);
    assert.deepEqual(line.sent, [frame(OURS, '0400').toString('hex')]);
    const write = '1000050001021234';
    line.hear(
      Buffer.concat([frame(OURS, write), frame(OTHER, READ), frame(OTHER, '0302002a'), frame(OURS, '0400000002')]),
    );
    line.rest(5);
    assert.deepEqual(line.asked.slice(2), [`${OURS} ${write}`, `${OURS} 0400000002`]);
    assert.equal(line.sent.length, 3);
  });

  it('whose second half is still on its way behind another one is waited for', () => {
    const line = new Line();
    const second = frame(OURS, '0400000002');
    line.hear(Buffer.concat([frame(0, '0600051234'), second.subarray(0, 3)]));
    line.rest(20);
    line.hear(second.subarray(3));
    line.rest(5);
    assert.deepEqual(line.asked, ['0 0600051234', `${OURS} 0400000002`]);
  });

  for (const [said, pdu] of [
    ['is asked', '100000000408'],
    ['answers', '0308'],
  ] as const) {
    it(`inside what another unit ${said} is none, alone or in one read with a request`, () => {
      const line = new Line();
      const inner = frame(OURS, '0600051234').toString('hex');
      line.hear(frame(OTHER, `${pdu}${inner}`));
      line.rest(50);
      assert.deepEqual([line.asked, line.sent], [[], []]);
      line.hear(Buffer.concat([frame(OTHER, READ), frame(OTHER, `${pdu}${inner}`), frame(OURS, READ)]));
      line.rest(50);
      assert.deepEqual(line.asked, [`${OURS} ${READ}`]);
    });
  }

  it('of a function that is not there is answered too', () => {
    const line = new Line();
    line.hear(frame(OURS, '2b0e0100'));
    line.rest(50);
    assert.deepEqual(line.asked, [`${OURS} 2b0e0100`]);
  });
});

describe('a line full of bytes', () => {
  it('is forgotten but for the last two frames, and the next request is answered', () => {
    const line = new Line();
    for (let piece = 0; piece < 1_000; piece += 1) line.hear(Buffer.alloc(4_096, OURS));
    line.rest(50);
    assert.deepEqual(line.asked, []);
    line.hear(frame(OURS, READ));
    line.rest(50);
    assert.equal(line.asked.length, 1);
  });

  it('that is closed says nothing more', () => {
    const line = new Line();
    line.hear(frame(OURS, READ));
    line.server.close();
    line.rest(50);
    assert.deepEqual(line.sent, []);
  });
});

describe('the silence between frames', () => {
  it('is three and a half characters, and never less than 1.75 ms', () => {
    assert.equal(silenceMs(9_600).toFixed(2), '4.01');
    assert.equal(silenceMs(19_200).toFixed(2), '2.01');
    assert.equal(silenceMs(115_200), 1.75);
  });
});
