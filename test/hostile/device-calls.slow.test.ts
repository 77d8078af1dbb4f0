/** Calls of devices that are not the guest's own, or of its own with more than they take. */
import assert from 'node:assert/strict';
import { type Aftermath, type Attack, attacks } from './attack';
import { call, DEVICE_ERROR, type HostCall, quoted, sensor } from './wat';

/** The old interfaces answer with texts, which need no types of their own. */
const I2C = call(
  'i2c',
  'demo:plugin/i2c@0.2.0',
  'transfer',
  '(param "address" u8) (param "hex" string) (param "read-len" u32) (result (result string (error string)))',
  '(param i32 i32 i32 i32 i32)',
);
const SPI = call(
  'spi',
  'demo:plugin/spi@0.2.0',
  'transfer',
  '(param "data" (list u8)) (result (result (list u8) (error string)))',
  '(param i32 i32 i32)',
);
const PIN = call(
  'pin',
  'edge:plugin/gpio-provider@1.0.0',
  'read-dht22',
  '(param "pin" u8) (result (result (tuple f32 f32) (error string)))',
  '(param i32 i32)',
);
const TYPED_SPI: HostCall = {
  core: 'spi',
  interface: 'edge:plugin/spi@1.0.0',
  func: 'transfer',
  types: DEVICE_ERROR,
  type: '(param "bus" u8) (param "chip-select" u8) (param "data" (list u8)) (result (result (list u8) (error $error)))',
  lowered: '(param i32 i32 i32 i32 i32)',
};
const UART_READ: HostCall = {
  core: 'uart',
  interface: 'edge:plugin/uart@1.0.0',
  func: 'read',
  types: DEVICE_ERROR,
  type: '(param "port" string) (param "max-len" u32) (param "timeout-ms" u32) (result (result (list u8) (error $error)))',
  lowered: '(param i32 i32 i32 i32 i32)',
};
const UART_WRITE: HostCall = {
  ...UART_READ,
  func: 'write',
  type: '(param "port" string) (param "data" (list u8)) (result (result u32 (error $error)))',
};

/** What the host answered at byte 256: 1 for an error. */
const ANSWER = '(i32.load8_u (i32.const 256))';
/** What the host answered there, as a hundred for an error and the case of its `device-error`. */
const DEVICE_ANSWER = '(i32.add (i32.mul (i32.load8_u (i32.const 256)) (i32.const 100)) (i32.load8_u (i32.const 260)))';
const DENIED = 100;

/** Each call, and in the log the first of them. */
function wereRefused(calls: number): (seen: Aftermath) => void {
  return ({ host, plugin, log }) => {
    assert.equal(host.runtime.plugin(plugin).refusedCalls, calls);
    assert.ok(log.some((line) => line.includes('is not granted')));
  };
}

/** All of these calls in one poll, whose answer is the sum of theirs. */
function sumOf(calls: readonly string[], answer: string): string {
  return calls
    .map((each) => `(local.set $n (i32.add (local.get $n) (block (result i32) ${each} ${answer})))`)
    .join(' ')
    .concat(' (local.get $n)');
}

const N = '(local $n i32)';
const OTHER_ADDRESSES = ['0x77', '0x00', '0x78', '0xf0', '0xf7', '0xff'];
const OTHER_SPI = [
  [0, 0],
  [1, 1],
  [255, 255],
] as const;
/** Another port; and its own by paths through it and beside it, and with code behind it. */
const OTHER_PORTS = ['/dev/ttyAMA0/../../etc/passwd', '/dev/ttyS0', '/dev/./ttyAMA0', '/dev/ttyAMA0"]\nspi = ["0.0'];
const PORTS_AT = 512;
const PORT_BYTES = 64;

const table: readonly Attack[] = [
  {
    tries: `talks to the I²C addresses ${OTHER_ADDRESSES.join(', ')}, which are not its own`,
    file: () =>
      sensor({
        calls: [I2C],
        locals: N,
        poll: sumOf(
          OTHER_ADDRESSES.map(
            (address) =>
              `(call $i2c (i32.const ${address}) (i32.const 64) (i32.const 0) (i32.const 4) (i32.const 256))`,
          ),
          ANSWER,
        ),
      }),
    grants: 'i2c = ["0x76"]',
    ends: 'answered',
    values: { 0: OTHER_ADDRESSES.length },
  },
  {
    tries: 'reads four gigabytes of I²C',
    file: () =>
      sensor({
        calls: [I2C],
        poll: `(call $i2c (i32.const 0x76) (i32.const 64) (i32.const 0) (i32.const -1) (i32.const 256)) ${ANSWER}`,
      }),
    grants: 'i2c = ["0x76"]',
    ends: 'answered',
    values: { 0: 1 },
  },
  {
    tries: 'talks to SPI without a grant',
    file: () => sensor({ calls: [SPI], poll: '(i32.const 1)' }),
    ends: 'CAPABILITY_DENIED',
  },
  {
    tries: 'sends more over SPI than a transfer takes',
    file: () =>
      sensor({ calls: [SPI], poll: `(call $spi (i32.const 0) (i32.const 100000) (i32.const 256)) ${ANSWER}` }),
    grants: 'spi = ["0.0"]',
    ends: 'answered',
    values: { 0: 1 },
  },
  {
    tries: 'reads a pin that is not its own',
    file: () => sensor({ calls: [PIN], poll: `(call $pin (i32.const 17) (i32.const 256)) ${ANSWER}` }),
    grants: 'gpio = [4]',
    ends: 'answered',
    values: { 0: 1 },
  },
  {
    tries: 'talks to SPI devices that are not its own',
    file: () =>
      sensor({
        calls: [TYPED_SPI],
        locals: N,
        poll: sumOf(
          OTHER_SPI.map(
            ([bus, chipSelect]) =>
              `(call $spi (i32.const ${bus}) (i32.const ${chipSelect}) (i32.const 0) (i32.const 4) (i32.const 256))`,
          ),
          DEVICE_ANSWER,
        ),
      }),
    grants: 'spi = ["0.1"]',
    ends: 'answered',
    values: { 0: DENIED * OTHER_SPI.length },
    afterwards: wereRefused(OTHER_SPI.length),
  },
  {
    tries: 'reads ports that are not its own, or by another way of writing its own',
    file: () =>
      sensor({
        calls: [UART_READ],
        locals: N,
        fields: OTHER_PORTS.map((port, i) => `(data (i32.const ${PORTS_AT + i * PORT_BYTES}) ${quoted(port)})`).join(
          ' ',
        ),
        poll: sumOf(
          OTHER_PORTS.map(
            (port, i) =>
              `(call $uart (i32.const ${PORTS_AT + i * PORT_BYTES}) (i32.const ${port.length}) (i32.const 100) (i32.const 1) (i32.const 256))`,
          ),
          DEVICE_ANSWER,
        ),
      }),
    grants: 'uart = ["/dev/ttyAMA0"]',
    ends: 'answered',
    values: { 0: DENIED * OTHER_PORTS.length },
    afterwards: wereRefused(OTHER_PORTS.length),
  },
  {
    tries: 'writes to another port than its own',
    file: () =>
      sensor({
        calls: [UART_WRITE],
        fields: '(data (i32.const 512) "/dev/ttyS0")',
        poll: `(call $uart (i32.const 512) (i32.const 10) (i32.const 0) (i32.const 4) (i32.const 256)) ${DEVICE_ANSWER}`,
      }),
    grants: 'uart = ["/dev/ttyAMA0"]',
    ends: 'answered',
    values: { 0: DENIED },
    afterwards: wereRefused(1),
  },
];

attacks('a guest that calls devices and', table);
