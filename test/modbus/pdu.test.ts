import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Allocation } from '../../src/modbus/allocation';
import { type AddressedUnit, answerPdu } from '../../src/modbus/pdu';
import { RegisterImage } from '../../src/modbus/register-image';
import { Units } from '../../src/modbus/units';
import { type WritablePoint, WritablePoints, type Written } from '../../src/modbus/writable-points';
import { readingOf } from '../readings/reading-of';

const POINTS: readonly WritablePoint[] = [
  { address: 0, kind: 'coil', topic: 'relay' },
  { address: 1, kind: 'coil', topic: 'fan' },
  { address: 9, kind: 'coil', topic: 'lamp' },
  { address: 48, kind: 'register', topic: 'low' },
  { address: 49, kind: 'register', topic: 'high' },
  { address: 65_535, kind: 'register', topic: 'last' },
];

let nowMs = 0;
let mayWrite = true;

function world(points = POINTS): { unit: AddressedUnit; other: AddressedUnit | undefined; written: Written[] } {
  const written: Written[] = [];
  const clock = { monotonic: () => nowMs, now: () => nowMs };
  const image = new RegisterImage({ unitId: 1, wordOrder: 'ABCD', staleAfterSeconds: 60 }, clock);
  const allocation = new Allocation();
  const readings = [readingOf(), readingOf({ node: 'pi5', timestamp: 0 })];
  allocation.place(readings, 'pi4', new Set());
  image.adopt(allocation.nodes());
  image.update(readings, 'pi4');
  const units = new Units(
    image,
    new WritablePoints(points, {
      onWrite: (write) => written.push(write),
      now: clock.now,
      mayWrite: () => mayWrite,
    }),
  );
  const unit = units.find(1);
  assert.ok(unit !== undefined);
  return { unit, other: units.find(2), written };
}

function ask(unit: AddressedUnit | undefined, request: string): string {
  assert.ok(unit !== undefined);
  return answerPdu(Buffer.from(request.replaceAll(' ', ''), 'hex'), unit).toString('hex');
}

describe('a read', () => {
  it('of holding and of input registers has the same answer', () => {
    const { unit } = world();
    assert.equal(ask(unit, '03 0020 0002'), '030441ac0000');
    assert.equal(ask(unit, '04 0020 0002'), '040441ac0000');
  });

  it('takes 125 registers and no more; none is no number of registers', () => {
    const { unit } = world(
      Array.from({ length: 125 }, (_, at) => ({ address: 9_000 + at, kind: 'register', topic: '' })),
    );
    assert.match(ask(unit, '03 2328 007d'), /^03fa(0000){125}$/);
    assert.equal(ask(unit, '03 2328 007e'), '8303');
    assert.equal(ask(unit, '04 2328 0000'), '8403');
    assert.equal(ask(unit, '03 2328 ffff'), '8303');
  });

  it('of what is no register is exception 2, also in part and beyond the last address', () => {
    const { unit, other } = world();
    for (const range of ['0064 0001', '002f 0008', 'ffff 0002', '2000 0001'])
      assert.equal(ask(unit, `03 ${range}`), '8302', range);
    assert.equal(ask(other, '03 0030 0001'), '8302');
  });

  it('of a range that touches sensors and points alike has both', () => {
    const { unit } = world();
    ask(unit, '06 0030 1234');
    assert.equal(ask(unit, '03 002d 0004'), '0308006400000000' + '1234');
  });

  it('of coils is packed from the lowest bit up; discrete inputs are the same', () => {
    const { unit } = world(Array.from({ length: 10 }, (_, address) => ({ address, kind: 'coil', topic: '' })));
    ask(unit, '0f 0000 000a 02 cd01');
    assert.equal(ask(unit, '01 0000 000a'), '0102cd01');
    assert.equal(ask(unit, '02 0000 0009'), '0202cd01');
    assert.equal(ask(unit, '01 0001 0003'), '010106');
    assert.equal(ask(unit, '01 000a 0001'), '8102');
    assert.equal(ask(unit, '01 0000 07d1'), '8103');
    assert.equal(ask(unit, '02 0000 0000'), '8203');
  });
});

describe('a write', () => {
  it('of a granted point is answered, goes to the flow and is read back', () => {
    const { unit, written } = world();
    assert.equal(ask(unit, '05 0000 ff00'), '050000ff00');
    assert.equal(ask(unit, '06 0030 fffe'), '060030fffe');
    assert.equal(ask(unit, '10 0030 0002 04 00010002'), '1000300002');
    assert.equal(ask(unit, '0f 0000 0002 01 02'), '0f00000002');
    assert.deepEqual(written, [
      { topic: 'relay', payload: true, address: 0 },
      { topic: 'low', payload: 65_534, address: 48 },
      { topic: 'low', payload: 1, address: 48 },
      { topic: 'high', payload: 2, address: 49 },
      { topic: 'relay', payload: false, address: 0 },
      { topic: 'fan', payload: true, address: 1 },
    ]);
    assert.equal(ask(unit, '03 0030 0002'), '030400010002');
    assert.equal(ask(unit, '01 0000 0002'), '010102');
  });

  it('of anything else is exception 2 and changes nothing, in part granted or not', () => {
    const { unit, other, written } = world();
    for (const [request, answer] of [
      ['05 0002 ff00', '8502'],
      ['06 0020 0001', '8602'],
      ['06 0001 0001', '8602'],
      ['0f 0008 0002 01 03', '8f02'],
      ['10 002f 0002 04 00010002', '9002'],
      ['10 ffff 0002 04 00010002', '9002'],
    ] as const)
      assert.equal(ask(unit, request), answer, request);
    assert.equal(ask(other, '06 0030 0001'), '8602');
    assert.equal(ask(other, '05 0000 ff00'), '8502');
    assert.deepEqual(written, []);
    assert.equal(ask(unit, '01 0009 0001'), '010100');
  });

  it('whose value, quantity or length is wrong is exception 3 and changes nothing', () => {
    const { unit, written } = world();
    for (const [request, answer] of [
      ['05 0000 0001', '8503'],
      ['05 0000 ff', '8503'],
      ['06 0030 01', '8603'],
      ['06 0030 0001 00', '8603'],
      ['0f 0000 0000 00', '8f03'],
      ['0f 0000 0002 02 0000', '8f03'],
      ['0f 0000 07b1 f7', '8f03'],
      ['10 0030 0002 04 000100', '9003'],
      ['10 0030 0002 04 0001000200', '9003'],
      ['10 0030 0002 02 0001', '9003'],
      ['10 0030 007c f8', '9003'],
      ['10 0030', '9003'],
      ['03 0000', '8303'],
      ['03 0000 0001 00', '8303'],
      ['03', '8303'],
    ] as const)
      assert.equal(ask(unit, request), answer, request);
    assert.deepEqual(written, []);
  });

  it('is refused as busy beyond what a flow is given in a second', () => {
    nowMs = 0;
    const { unit, written } = world();
    const write = () => ask(unit, '05 0000 ff00');
    while (write() === '050000ff00') assert.ok(written.length < 1_000);
    assert.equal(write(), '8506');
    assert.equal(written.length, 256);
    nowMs += 1_000;
    assert.equal(write(), '050000ff00');
  });

  it('is refused as busy while another node of the cluster writes; what nobody may write stays illegal', (test) => {
    const { unit, written } = world();
    mayWrite = false;
    test.after(() => {
      mayWrite = true;
    });
    assert.equal(ask(unit, '05 0000 ff00'), '8506');
    assert.equal(ask(unit, '06 0030 0001'), '8606');
    assert.equal(ask(unit, '06 0000 0001'), '8602');
    assert.equal(ask(unit, '01 0000 0001'), '010100');
    mayWrite = true;
    assert.equal(ask(unit, '05 0000 ff00'), '050000ff00');
    assert.equal(written.length, 1);
  });
});

describe('a function that is not there', () => {
  it('is exception 1', () => {
    const { unit } = world();
    for (const code of ['07', '08', '0b', '14', '16', '17', '18', '2b', '00', '7f'])
      assert.equal(ask(unit, `${code}0000`), `${(Number.parseInt(code, 16) | 0x80).toString(16)}01`, code);
  });
});

describe('points', () => {
  const make = (points: readonly WritablePoint[]) => () =>
    new WritablePoints(points, { onWrite: () => undefined, now: () => 0, mayWrite: () => true });

  it('that are twice, or in the header, are refused with the next step', () => {
    const twice = [
      { address: 5, kind: 'coil', topic: 'a' } as const,
      { address: 5, kind: 'coil', topic: 'b' } as const,
    ];
    assert.throws(make(twice), { code: 'CONFIG_INVALID', message: /"writable": one coil is there twice/ });
    assert.throws(make([{ address: 31, kind: 'register', topic: '' }]), { code: 'CONFIG_INVALID', message: /header/ });
    assert.doesNotThrow(
      make([
        { address: 31, kind: 'coil', topic: '' },
        { address: 31 + 1, kind: 'register', topic: '' },
      ]),
    );
  });

  it('that are a sensor’s already are refused by its name', () => {
    const allocation = new Allocation();
    allocation.place([readingOf()], 'pi4', new Set());
    const points = make([{ address: 47, kind: 'register', topic: '' }])();
    assert.throws(() => points.assertApart(allocation.nodes()), { message: /register 47 belongs to humidity of room/ });
  });
});
