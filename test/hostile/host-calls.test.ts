/** Calls of host functions, too many, too large, or of what was not granted. */
import assert from 'node:assert/strict';
import { type Aftermath, type Attack, attacks } from './attack';
import { call, DEVICE_ERROR, type HostCall, quoted, sensor } from './wat';

const SET_LED = call(
  'set',
  'edge:plugin/led-controller@1.0.0',
  'set-led',
  '(param "index" u8) (param "r" u8) (param "g" u8) (param "b" u8)',
  '(param i32 i32 i32 i32)',
);
const SET_ALL = call(
  'all',
  'edge:plugin/led-controller@1.0.0',
  'set-all',
  '(param "r" u8) (param "g" u8) (param "b" u8)',
  '(param i32 i32 i32)',
);
const BEEP = call(
  'beep',
  'edge:plugin/buzzer-controller@1.0.0',
  'beep',
  '(param "count" u8) (param "duration-ms" u32) (param "interval-ms" u32)',
  '(param i32 i32 i32)',
);
const RANDOM = call(
  'random',
  'wasi:random/random@0.2.0',
  'get-random-bytes',
  '(param "len" u64) (result (list u8))',
  '(param i64 i32)',
);
const STORE = call(
  'store',
  'edge:plugin/state-store@1.0.0',
  'set',
  '(param "key" string) (param "value" (list u8)) (result (result (error string)))',
  '(param i32 i32 i32 i32 i32)',
);
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
const EXIT = call('exit', 'wasi:cli/exit@0.2.0', 'exit', '(param "status" (result))', '(param i32)');

/** Times over; the counter is `$n`. */
function times(count: number, body: string): string {
  return `(loop $l ${body} (local.set $n (i32.add (local.get $n) (i32.const 1)))
    (br_if $l (i32.lt_u (local.get $n) (i32.const ${count}))))`;
}

/** What the host answered at byte 256: 1 for an error. */
const ANSWER = '(i32.load8_u (i32.const 256))';
const N = '(local $n i32)';
/** For what a guest gets through in the end, however slow the machine. */
const PATIENT = 'deadline_ms = 50000';

/** What the host answered there, as a hundred for an error and the case of its `device-error`. */
const DEVICE_ANSWER = '(i32.add (i32.mul (i32.load8_u (i32.const 256)) (i32.const 100)) (i32.load8_u (i32.const 260)))';
const DENIED = { 0: 100 };

function wasRefusedOnce({ host, plugin, log }: Aftermath): void {
  assert.equal(host.runtime.plugin(plugin).refusedCalls, 1);
  assert.equal(log.filter((line) => line.includes('is not granted')).length, 1);
}

/** Reads from that port, and from a device behind it. */
function portAttack(tries: string, port: string): Attack {
  return {
    tries,
    file: () =>
      sensor({
        calls: [UART_READ],
        fields: `(data (i32.const 512) ${quoted(port)})`,
        poll: `(call $uart (i32.const 512) (i32.const ${port.length}) (i32.const 100) (i32.const 1) (i32.const 256)) ${DEVICE_ANSWER}`,
      }),
    grants: 'uart = ["/dev/ttyAMA0"]',
    ends: 'answered',
    values: DENIED,
    afterwards: wasRefusedOnce,
  };
}

/** All of them in turn, and 245 that no strip has. */
const LIGHT =
  '(call $set (i32.and (local.get $n) (i32.const 255)) (i32.const 255) (i32.const 0) (i32.const 0)) (local.set $n (i32.add (local.get $n) (i32.const 1)))';

async function isDark({ host }: Aftermath): Promise<void> {
  const { leds } = await host.runtime.runtime.syncLeds();
  assert.ok(
    leds.every((led) => led === '#000000'),
    `LEDs were lit: ${leds.join(' ')}`,
  );
}

const table: readonly Attack[] = [
  {
    tries: 'changes LEDs for ever',
    file: () => sensor({ calls: [SET_LED], poll: `(loop $l ${LIGHT} (br $l)) (i32.const 1)`, locals: N }),
    limits: 'deadline_ms = 400',
    ends: 'PLUGIN_DEADLINE',
    afterwards: isDark,
  },
  {
    tries: 'changes LEDs that are not its own a hundred thousand times',
    file: () =>
      sensor({
        calls: [SET_LED],
        locals: N,
        poll: `(loop $l ${LIGHT} (br_if $l (i32.lt_u (local.get $n) (i32.const 100000)))) (i32.const 1)`,
      }),
    limits: PATIENT,
    ends: 'answered',
    afterwards: async (seen) => {
      await isDark(seen);
      assert.equal(seen.host.runtime.plugin(seen.plugin).refusedCalls, 100_000);
      assert.equal(seen.log.filter((line) => line.includes('was dropped')).length, 1);
    },
  },
  {
    tries: 'lights every LED, of which it has none',
    file: () =>
      sensor({ calls: [SET_ALL], poll: '(call $all (i32.const 255) (i32.const 255) (i32.const 255)) (i32.const 1)' }),
    ends: 'answered',
    afterwards: isDark,
  },
  {
    tries: 'beeps for ever',
    file: () =>
      sensor({ calls: [BEEP], poll: '(call $beep (i32.const 255) (i32.const -1) (i32.const -1)) (i32.const 1)' }),
    grants: 'buzzer = true',
    ends: 'answered',
  },
  {
    tries: 'beeps over and over',
    file: () =>
      sensor({
        calls: [BEEP],
        poll: '(loop $l (call $beep (i32.const 1) (i32.const 1) (i32.const 1)) (br $l)) (i32.const 1)',
      }),
    grants: 'buzzer = true',
    limits: 'deadline_ms = 400',
    ends: 'PLUGIN_DEADLINE',
  },
  {
    tries: 'beeps without a grant',
    file: () => sensor({ calls: [BEEP], poll: '(i32.const 1)' }),
    ends: 'CAPABILITY_DENIED',
    says: /buzzer = true/,
  },
  {
    tries: 'wants four gigabytes of random bytes',
    file: () =>
      sensor({ calls: [RANDOM], poll: '(call $random (i64.const 4294967296) (i32.const 256)) (i32.const 1)' }),
    ends: 'PLUGIN_TRAPPED',
    says: /random bytes/,
  },
  {
    tries: 'wants all random bytes there are',
    file: () => sensor({ calls: [RANDOM], poll: '(call $random (i64.const -1) (i32.const 256)) (i32.const 1)' }),
    ends: 'PLUGIN_TRAPPED',
  },
  {
    tries: 'gives the host a pointer outside its memory for an answer',
    file: () => sensor({ calls: [RANDOM], poll: '(call $random (i64.const 8) (i32.const -4)) (i32.const 1)' }),
    ends: 'PLUGIN_TRAPPED',
  },
  {
    tries: 'gives the host room that lies outside its memory',
    file: () =>
      sensor({
        calls: [RANDOM],
        realloc: '(func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const -8)',
        poll: '(call $random (i64.const 64) (i32.const 256)) (i32.const 1)',
      }),
    ends: 'PLUGIN_TRAPPED',
  },
  {
    tries: 'keeps a hundred thousand values',
    file: () =>
      sensor({
        calls: [STORE],
        locals: N,
        // What it is answered goes to the same place each time; keys are seven bits a byte, which is text.
        realloc: '(func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 65536)',
        poll: `${times(100_000, '(i32.store (i32.const 64) (i32.and (i32.mul (local.get $n) (i32.const 0x01010101)) (i32.const 0x7f7f7f7f))) (i32.store8 (i32.const 68) (i32.and (i32.shr_u (local.get $n) (i32.const 7)) (i32.const 127))) (call $store (i32.const 64) (i32.const 5) (i32.const 1024) (i32.const 4096) (i32.const 256))')} ${ANSWER}`,
      }),
    grants: 'state_store = true',
    limits: PATIENT,
    ends: 'answered',
    values: { 0: 1 },
  },
  {
    tries: 'keeps more than it may',
    file: () =>
      sensor({
        calls: [STORE],
        poll: `(call $store (i32.const 64) (i32.const 4) (i32.const 1024) (i32.const 200000) (i32.const 256)) ${ANSWER}`,
      }),
    grants: 'state_store = true',
    ends: 'answered',
    values: { 0: 1 },
  },
  ...['0x77', '0x00', '0x78', '0xf0', '0xf7', '0xff'].map(
    (address): Attack => ({
      tries: `talks to I²C address ${address}, which is not its own`,
      file: () =>
        sensor({
          calls: [I2C],
          poll: `(call $i2c (i32.const ${address}) (i32.const 64) (i32.const 0) (i32.const 4) (i32.const 256)) ${ANSWER}`,
        }),
      grants: 'i2c = ["0x76"]',
      ends: 'answered',
      values: { 0: 1 },
    }),
  ),
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
  ...(
    [
      [0, 0],
      [1, 1],
      [255, 255],
    ] as const
  ).map(
    ([bus, chipSelect]): Attack => ({
      tries: `talks to SPI device ${bus}.${chipSelect}, which is not its own`,
      file: () =>
        sensor({
          calls: [TYPED_SPI],
          poll: `(call $spi (i32.const ${bus}) (i32.const ${chipSelect}) (i32.const 0) (i32.const 4) (i32.const 256)) ${DEVICE_ANSWER}`,
        }),
      grants: 'spi = ["0.1"]',
      ends: 'answered',
      values: DENIED,
      afterwards: wasRefusedOnce,
    }),
  ),
  portAttack('reads a port by a path through its own', '/dev/ttyAMA0/../../etc/passwd'),
  portAttack('reads another port than its own', '/dev/ttyS0'),
  portAttack('reads its own port by another way of writing it', '/dev/./ttyAMA0'),
  portAttack('reads a port whose name ends in code', '/dev/ttyAMA0"]\nspi = ["0.0'),
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
    values: DENIED,
    afterwards: wasRefusedOnce,
  },
  {
    tries: 'ends the process',
    file: () => sensor({ calls: [EXIT], poll: '(call $exit (i32.const 1)) (i32.const 1)' }),
    ends: 'PLUGIN_TRAPPED',
    says: /ended itself/,
  },
];

attacks('a guest that calls the host and', table);
