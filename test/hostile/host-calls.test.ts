/** Calls of host functions, too many, too large, or of what was not granted. */
import { type Attack, attacks } from './attack';
import { call, sensor } from './wat';

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
const UART = call(
  'uart',
  'edge:plugin/uart@1.0.0',
  'read',
  '(param "port" string) (param "max-len" u32) (param "timeout-ms" u32) (result (list u8))',
  '(param i32 i32 i32 i32 i32)',
);
const OPEN = call(
  'open',
  'wasi:sockets/tcp-create-socket@0.2.0',
  'create-tcp-socket',
  '(param "family" u32) (result (result u32 (error u32)))',
  '(param i32 i32)',
);
const EXIT = call('exit', 'wasi:cli/exit@0.2.0', 'exit', '(param "status" (result))', '(param i32)');

/** Times over; the counter is `$n`. */
function times(count: number, body: string): string {
  return `(loop $l ${body} (local.set $n (i32.add (local.get $n) (i32.const 1)))
    (br_if $l (i32.lt_u (local.get $n) (i32.const ${count}))))`;
}

/** What the host answered at byte 256: 1 for an error. */
const ANSWER = '(i32.load8_u (i32.const 256))';
const N = '(local $n i32)';

const table: readonly Attack[] = [
  {
    tries: 'changes LEDs a million times',
    file: () =>
      sensor({
        calls: [SET_LED],
        locals: N,
        poll: `${times(1_000_000, '(call $set (local.get $n) (i32.const 255) (i32.const 0) (i32.const 0))')} (i32.const 1)`,
      }),
    ends: ['answered', 'PLUGIN_DEADLINE', 'PLUGIN_TRAPPED'],
  },
  {
    tries: 'lights every LED, of which it has none',
    file: () =>
      sensor({ calls: [SET_ALL], poll: '(call $all (i32.const 255) (i32.const 255) (i32.const 255)) (i32.const 1)' }),
    ends: 'answered',
    afterwards: async ({ host }) => {
      const { leds } = await host.runtime.runtime.syncLeds();
      if (leds.some((led) => led !== '#000000')) throw new Error(`LEDs were lit: ${leds.join(' ')}`);
    },
  },
  {
    tries: 'beeps for ever',
    file: () =>
      sensor({ calls: [BEEP], poll: '(call $beep (i32.const 255) (i32.const -1) (i32.const -1)) (i32.const 1)' }),
    grants: 'buzzer = true',
    ends: 'answered',
  },
  {
    tries: 'beeps a hundred thousand times',
    file: () =>
      sensor({
        calls: [BEEP],
        locals: N,
        poll: `${times(100_000, '(call $beep (i32.const 1) (i32.const 1) (i32.const 1))')} (i32.const 1)`,
      }),
    grants: 'buzzer = true',
    ends: ['PLUGIN_DEADLINE', 'answered'],
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
        poll: `${times(100_000, '(i32.store (i32.const 64) (local.get $n)) (call $store (i32.const 64) (i32.const 4) (i32.const 1024) (i32.const 4096) (i32.const 256))')} ${ANSWER}`,
      }),
    grants: 'state_store = true',
    ends: ['answered', 'PLUGIN_DEADLINE', 'PLUGIN_TRAPPED'],
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
  {
    tries: 'reads a port by a path through its own',
    file: () =>
      sensor({
        calls: [UART],
        fields: '(data (i32.const 512) "/dev/ttyAMA0/../../etc/passwd")',
        poll: '(call $uart (i32.const 512) (i32.const 29) (i32.const 100) (i32.const 1) (i32.const 256)) (i32.const 1)',
      }),
    grants: 'uart = ["/dev/ttyAMA0"]',
    ends: 'PLUGIN_TRAPPED',
    says: /not granted|denied/,
  },
  {
    tries: 'opens a socket',
    file: () => sensor({ calls: [OPEN], poll: '(call $open (i32.const 0) (i32.const 256)) (i32.const 1)' }),
    ends: ['answered', 'PLUGIN_TRAPPED', 'PLUGIN_INVALID'],
  },
  {
    tries: 'ends the process',
    file: () => sensor({ calls: [EXIT], poll: '(call $exit (i32.const 1)) (i32.const 1)' }),
    ends: 'PLUGIN_TRAPPED',
    says: /ended itself/,
  },
];

attacks('a guest that calls the host and', table);
