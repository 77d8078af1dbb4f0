/**
 * Components of a few hundred bytes that used to take Node-RED's memory, hold its loop up or end its process, when guests ran in
 * threads of it: values larger than any heap, code that is expensive to compile, names without end, work without end before
 * anything runs. What each may still do is end itself.
 */
import { fromText } from '../wasm/components';
import { type Attack, attacks } from './attack';
import { call, exported, liftedSensor, POLL, sensor } from './wat';

const ROOM = 'memory_mb = 400\n';
const MEMORY = '(memory (core memory $i "memory"))';
const HUNDRED_MB = 100_000_000;
const PAGES = 1_600;

/** `poll` answers with what 8 bytes at 0 point to, in a memory of 100 MB that is filled with a letter. */
function pointing(type: string, pointer: number, length: number): Promise<Uint8Array> {
  return liftedSensor(
    type,
    `(memory (export "memory") ${PAGES}) (func (export "poll") (result i32)
      (memory.fill (i32.const 4096) (i32.const 97) (i32.const ${HUNDRED_MB}))
      (i32.store (i32.const 0) (i32.const ${pointer})) (i32.store (i32.const 4) (i32.const ${length})) (i32.const 0))`,
    MEMORY,
  );
}

/** A list of `times` pairs of pointer and length, all of which name the same bytes. */
function sameBytes(element: string, times: number, bytes: number): Promise<Uint8Array> {
  return liftedSensor(
    `(result (list ${element}))`,
    `(memory (export "memory") ${PAGES}) (func (export "poll") (result i32) (local $n i32)
      (memory.fill (i32.const 1048576) (i32.const 97) (i32.const 90000000))
      (loop $l
        (i32.store (i32.add (i32.const 16) (i32.mul (local.get $n) (i32.const 8))) (i32.const 1048576))
        (i32.store (i32.add (i32.const 20) (i32.mul (local.get $n) (i32.const 8))) (i32.const ${bytes}))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_if $l (i32.lt_u (local.get $n) (i32.const ${times}))))
      (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const ${times})) (i32.const 0))`,
    MEMORY,
  );
}

const GET = call(
  'get',
  'edge:plugin/settings@1.0.0',
  'get',
  '(param "key" string) (result (option string))',
  '(param i32 i32 i32)',
);
const TRANSFER = call(
  'transfer',
  'demo:plugin/i2c@0.2.0',
  'transfer',
  '(param "addr" u8) (param "data" string) (param "read-len" u32) (result (result string (error string)))',
  '(param i32 i32 i32 i32 i32)',
);

const grows = (bytes: number) =>
  `(drop (memory.grow (i32.const ${Math.ceil(bytes / 65_536)}))) (memory.fill (i32.const 65536) (i32.const 97) (i32.const ${bytes}))`;

/** So many blocks within each other in a function with so many locals: each block costs V8's first compiler all locals. */
function nested(locals: number, blocks: number): Promise<Uint8Array> {
  const body = `${'(if (i32.const 1) (then '.repeat(blocks)}${'))'.repeat(blocks)} (i32.const 1)`;
  return liftedSensor('(result u32)', `(func (export "poll") (result i32) (local ${'i64 '.repeat(locals)}) ${body})`);
}

const table: readonly Attack[] = [
  {
    tries: 'asks for settings by keys of 100 MB',
    file: () =>
      sensor({
        calls: [GET],
        locals: '(local $n i32)',
        poll: `${grows(HUNDRED_MB)} (loop $l (call $get (i32.const 65536) (i32.const ${HUNDRED_MB}) (i32.const 256))
          (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $l (i32.lt_u (local.get $n) (i32.const 20)))) (i32.const 1)`,
      }),
    limits: ROOM,
    ends: 'PLUGIN_MEMORY',
  },
  {
    tries: 'sends hexadecimal text of 100 MB to a device of demo:plugin',
    grants: 'i2c = ["0x76"]\n',
    file: () =>
      sensor({
        calls: [TRANSFER],
        poll: `${grows(HUNDRED_MB)} (call $transfer (i32.const 118) (i32.const 65536) (i32.const ${HUNDRED_MB}) (i32.const 0) (i32.const 256)) (i32.const 1)`,
      }),
    limits: ROOM,
    ends: 'PLUGIN_MEMORY',
  },
  {
    tries: 'answers with one text of 100 MB',
    file: () => pointing('(result string)', 4_096, HUNDRED_MB),
    limits: ROOM,
    ends: 'PLUGIN_MEMORY',
  },
  {
    tries: 'answers with the same text of 90 MB twenty times',
    file: () => sameBytes('string', 20, 90_000_000),
    limits: ROOM,
    ends: 'PLUGIN_MEMORY',
  },
  {
    tries: 'answers with the same text of 8 KB a hundred thousand times',
    file: () => sameBytes('string', 100_000, 8_192),
    limits: ROOM,
    ends: 'PLUGIN_MEMORY',
  },
  {
    tries: 'answers with ten million numbers',
    file: () => pointing('(result (list u64))', 4_096, 10_000_000),
    limits: ROOM,
    ends: 'PLUGIN_MEMORY',
  },
  {
    tries: 'fails with an error of twenty million numbers',
    file: () =>
      liftedSensor(
        '(result (result (error (list u8))))',
        `(memory (export "memory") ${PAGES}) (func (export "poll") (result i32)
          (i32.store (i32.const 0) (i32.const 1)) (i32.store (i32.const 4) (i32.const 4096))
          (i32.store (i32.const 8) (i32.const 20000000)) (i32.const 0))`,
        MEMORY,
      ),
    limits: ROOM,
    ends: 'PLUGIN_MEMORY',
  },
  {
    tries: 'has 49 000 locals and 3 000 blocks within each other',
    file: () => nested(49_000, 3_000),
    ends: 'PLUGIN_INVALID',
  },
  {
    tries: 'has a thousand functions of 40 000 locals',
    file: () => liftedSensor('(result u32)', `${`(func (local ${'i64 '.repeat(40_000)}) nop)`.repeat(20)} ${POLL}`),
    ends: 'PLUGIN_INVALID',
  },
  {
    tries: 'imports twenty thousand names',
    file: () =>
      fromText(
        `(component ${Array.from({ length: 20_000 }, (_, i) => `(import "n${i}" (func))`).join('')}
          (core module $m ${POLL}) (core instance $i (instantiate $m))
          (func $poll (result u32) (canon lift (core func $i "poll"))) ${exported('$poll')})`,
      ),
    ends: 'PLUGIN_INVALID',
  },
  {
    tries: 'grows to its limit and computes until its deadline',
    file: () => sensor({ poll: `${grows(20_000_000)} (loop $l (br $l)) (i32.const 1)` }),
    limits: 'deadline_ms = 1000\nmemory_mb = 64\n',
    ends: 'PLUGIN_DEADLINE',
  },
];

attacks('a component that used to reach Node-RED’s own process', table);
