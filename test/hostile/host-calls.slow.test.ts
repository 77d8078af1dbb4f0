/** Calls of host functions, too many, too large, or of what was not granted; those of devices are device-calls.test.ts's. */
import assert from 'node:assert/strict';
import { type Aftermath, type Attack, attacks } from './attack';
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
        poll: `${times(100_000, '(i32.store (i32.const 64) (i32.and (i32.mul (local.get $n) (i32.const 0x01010101)) (i32.const 0x7f7f7f7f))) (i32.store8 (i32.const 68) (i32.and (i32.shr_u (local.get $n) (i32.const 7)) (i32.const 127))) (call $store (i32.const 64) (i32.const 5) (i32.const 1024) (i32.const 64) (i32.const 256))')} ${ANSWER}`,
      }),
    grants: 'state_store = true',
    limits: PATIENT,
    ends: 'answered',
    values: { 0: 1 },
  },
  {
    tries: 'keeps a hundred thousand values of 4 KiB',
    file: () =>
      sensor({
        calls: [STORE],
        locals: N,
        realloc: '(func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 65536)',
        poll: `${times(100_000, '(i32.store (i32.const 64) (i32.and (i32.mul (local.get $n) (i32.const 0x01010101)) (i32.const 0x7f7f7f7f))) (i32.store8 (i32.const 68) (i32.and (i32.shr_u (local.get $n) (i32.const 7)) (i32.const 127))) (call $store (i32.const 64) (i32.const 5) (i32.const 1024) (i32.const 4096) (i32.const 256))')} ${ANSWER}`,
      }),
    grants: 'state_store = true',
    limits: PATIENT,
    ends: 'PLUGIN_MEMORY',
    says: /passed more than 8388608 bytes/,
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
  {
    tries: 'ends the process',
    file: () => sensor({ calls: [EXIT], poll: '(call $exit (i32.const 1)) (i32.const 1)' }),
    ends: 'PLUGIN_TRAPPED',
    says: /ended itself/,
  },
];

attacks('a guest that calls the host and', table);
