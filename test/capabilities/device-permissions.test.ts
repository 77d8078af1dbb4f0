/** Which device calls Node-RED's process makes for a guest: every method, granted and not, with every wrong argument. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type GuestDeviceMethod, permittedCall } from '../../src/capabilities/device-permissions';
import { NO_GRANTS } from '../../src/host-config/grants-table';
import type { Grants } from '../../src/host-config/host-config';

const PORT = `/dev/serial/by-id/${'x'.repeat(300)}`;
const BYTES = Uint8Array.of(1);
const bytes = (length: number) => new Uint8Array(length);
const BIT = { tag: 'bit', val: true };

interface Case {
  /** Under which each of `good` may be called; undefined: under any. */
  readonly grants: Partial<Grants> | undefined;
  readonly good: readonly (readonly unknown[])[];
  /** Of right types and sizes, but of devices that were not granted. */
  readonly elsewhere: readonly (readonly unknown[])[];
  /** Of a granted device, but of values that no guest's thread sends. */
  readonly outOfRange: readonly (readonly unknown[])[];
}

const I2C = { i2c: [{ bus: 1, address: 0x77 }] };

const CASES: Readonly<Record<GuestDeviceMethod, Case>> = {
  readDht22: { grants: { gpio: [4, 17] }, good: [[4], [17]], elsewhere: [[5], [0], [255]], outOfRange: [[256], [-1]] },
  readBme680: {
    grants: I2C,
    good: [[1, 0x77]],
    elsewhere: [
      [1, 0x76],
      [0, 0x77],
      [0x77, 1],
    ],
    outOfRange: [
      [1, 0x77 + 256],
      [-255, 0x77],
    ],
  },
  i2cTransfer: {
    grants: I2C,
    good: [
      [1, 0x77, BYTES, 1],
      [1, 0x77, bytes(0), 0],
      [1, 0x77, bytes(4_096), 4_096],
    ],
    elsewhere: [
      [1, 0x76, BYTES, 1],
      [0, 0x77, BYTES, 1],
    ],
    outOfRange: [
      [1, 0x77, bytes(4_097), 1],
      [1, 0x77, BYTES, 4_097],
      [1, 0x77, BYTES, -1],
      [257, 0x77, BYTES, 1],
    ],
  },
  spiTransfer: {
    grants: { spi: [{ bus: 0, chipSelect: 1 }] },
    good: [
      [0, 1, BYTES],
      [0, 1, bytes(4_096)],
    ],
    elsewhere: [
      [0, 0, BYTES],
      [1, 1, BYTES],
      [1, 0, BYTES],
    ],
    outOfRange: [
      [0, 1, bytes(4_097)],
      [256, 1, BYTES],
    ],
  },
  uartRead: {
    grants: { uart: ['p', PORT] },
    good: [
      ['p', 1, 0],
      [PORT, 4_096, 10_000],
    ],
    elsewhere: [
      ['q', 1, 0],
      ['p ', 1, 0],
      ['', 1, 0],
      ['__proto__', 1, 0],
    ],
    outOfRange: [
      ['p', 4_097, 0],
      ['p', -1, 0],
      ['p', 1, 10_001],
      ['p', 1, -1],
    ],
  },
  uartWrite: {
    grants: { uart: ['p'] },
    good: [
      ['p', BYTES],
      ['p', bytes(4_096)],
    ],
    elsewhere: [['q', BYTES]],
    outOfRange: [['p', bytes(4_097)]],
  },
  uartSetBaud: {
    grants: { uart: ['p'] },
    good: [
      ['p', 9_600],
      ['p', 0],
      ['p', 2 ** 32 - 1],
    ],
    elsewhere: [['q', 9_600]],
    outOfRange: [
      ['p', -1],
      ['p', 2 ** 32],
    ],
  },
  beep: {
    grants: { buzzer: true },
    good: [
      [1, 10_000, 0],
      [6, 10_000, 0],
      [20, 10, 10],
      [20, 0, 0],
      [0, 100, 50],
      [1, 100, 2 ** 32 - 1],
    ],
    elsewhere: [],
    outOfRange: [
      [21, 10, 10],
      [1, 10_001, 0],
      // Longer than a minute.
      [7, 10_000, 0],
      [2, 100, 2 ** 32 - 1],
      [1, 100, 2 ** 32],
      [-1, 100, 0],
      [1, -1, 0],
      [1, 100, -1],
    ],
  },
  setFan: { grants: { fan: true }, good: [[true], [false]], elsewhere: [], outOfRange: [] },
  fanState: { grants: { fan: true }, good: [[]], elsewhere: [], outOfRange: [] },
  cpuTemperature: { grants: undefined, good: [[]], elsewhere: [], outOfRange: [] },
  memoryUsage: { grants: { systemInfo: true }, good: [[]], elsewhere: [], outOfRange: [] },
  cpuUsage: { grants: { systemInfo: true }, good: [[]], elsewhere: [], outOfRange: [] },
  uptimeSeconds: { grants: { systemInfo: true }, good: [[]], elsewhere: [], outOfRange: [] },
  processImageRead: {
    grants: { processImage: { read: ['Temp_1'], write: ['Relay_1'] } },
    good: [['Temp_1']],
    elsewhere: [['Relay_1'], ['Temp_2'], ['']],
    outOfRange: [],
  },
  processImageWrite: {
    grants: { processImage: { read: ['Temp_1'], write: ['Relay_1'] } },
    good: [
      ['Relay_1', BIT],
      ['Relay_1', { tag: 'bit', val: false }],
      ['Relay_1', { tag: 'unsigned', val: 0 }],
      ['Relay_1', { tag: 'unsigned', val: 2 ** 32 - 1 }],
      ['Relay_1', { tag: 'signed', val: -(2 ** 31) }],
      ['Relay_1', { tag: 'signed', val: 2 ** 31 - 1 }],
    ],
    elsewhere: [
      ['Temp_1', BIT],
      ['Relay_2', BIT],
    ],
    outOfRange: [
      ['Relay_1', { tag: 'unsigned', val: -1 }],
      ['Relay_1', { tag: 'unsigned', val: 2 ** 32 }],
      ['Relay_1', { tag: 'signed', val: 2 ** 31 }],
      ['Relay_1', { tag: 'signed', val: -(2 ** 31) - 1 }],
      ['Relay_1', { tag: 'unsigned', val: true }],
      ['Relay_1', { tag: 'bit', val: 1 }],
      ['Relay_1', { tag: 'other', val: 1 }],
      ['Relay_1', { tag: 'bit' }],
      ['Relay_1', { val: true }],
    ],
  },
};

/** Everything but what is named: a grant of one device is none of another. */
const ALL: Grants = {
  buzzer: true,
  stateStore: true,
  fan: true,
  systemInfo: true,
  gpio: [4, 17],
  i2c: [{ bus: 1, address: 0x77 }],
  spi: [{ bus: 0, chipSelect: 1 }],
  uart: ['p', PORT],
  processImage: { read: ['Temp_1'], write: ['Relay_1'] },
};

/** Of no argument's type; what is of one by chance is left out where it is. */
const STRANGERS: readonly unknown[] = [
  undefined,
  null,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  0.5,
  1n,
  '1',
  [1],
  ['p'],
  {},
  { length: 1 },
  new Uint16Array(1),
  new Uint8ClampedArray(1),
  new ArrayBuffer(1),
  Symbol('p'),
  () => 1,
];

const METHODS = Object.entries(CASES);

describe('a device call of a guest', () => {
  for (const [method, { grants, good, elsewhere, outOfRange }] of METHODS) {
    it(`(${method}) is permitted as it was granted`, () => {
      for (const args of good)
        assert.deepEqual(permittedCall({ ...NO_GRANTS, ...grants }, method, args), { method, args }, String(args));
    });

    it(`(${method}) is not permitted without its grant, whatever else is granted`, () => {
      if (grants === undefined) return;
      const others = {
        ...ALL,
        ...Object.fromEntries(Object.keys(grants).map((key) => [key, Reflect.get(NO_GRANTS, key)])),
      };
      for (const args of good) assert.equal(permittedCall(others, method, args), undefined, String(args));
    });

    it(`(${method}) is not permitted for another device, nor beyond what a guest may ask for`, () => {
      for (const args of [...elsewhere, ...outOfRange])
        assert.equal(permittedCall({ ...NO_GRANTS, ...grants }, method, args), undefined, JSON.stringify(args));
    });

    it(`(${method}) is not permitted with arguments of another type or number`, () => {
      for (const args of good) {
        for (const at of args.keys())
          for (const stranger of STRANGERS) {
            const wrong = args.map((arg, i) => (i === at ? stranger : arg));
            assert.equal(permittedCall(ALL, method, wrong), undefined, `argument ${at}: ${String(stranger)}`);
          }
        assert.equal(permittedCall(ALL, method, [...args, 0]), undefined, 'one more');
        if (args.length > 0) assert.equal(permittedCall(ALL, method, args.slice(0, -1)), undefined, 'one fewer');
      }
    });
  }

  it('is one that the devices know and that guests make', () => {
    const others = ['writeLeds', 'simulate', 'processImageNames', 'close', '', 'ReadDht22', 'setfan'];
    for (const method of [...others, '__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      for (const args of [[], [new Uint8Array(9)], [{ simulation: {} }]])
        assert.equal(permittedCall(ALL, method, args), undefined, method);
  });
});
