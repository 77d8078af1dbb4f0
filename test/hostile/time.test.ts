/**
 * Guests that do not come back from where a host may not expect it: each is ended at its deadline, and nobody else waits for
 * it. Further ways to take time are in waits.slow.test.ts.
 */
import { type Attack, attacks } from './attack';
import { type HostCall, liftedSensor, sensor } from './wat';

const SPIN = '(loop $spin (br $spin)) (unreachable)';
/** A guest with these is ended soon. */
const SHORT = 'deadline_ms = 400';
const SHORT_LOAD = 'load_deadline_ms = 2500';
/** For what a compiler gets through, however slow the machine. */
const PATIENT_LOAD = 'load_deadline_ms = 50000';

const GROWN = '(drop (memory.grow (i32.const 900)))';
const FILL_AND_MOVE = `(memory.fill (i32.const 0) (i32.const 7) (i32.const 58720256))
  (memory.copy (i32.const 1) (i32.const 0) (i32.const 58720255))`;

const SETTING: HostCall = {
  core: 'get',
  interface: 'edge:plugin/settings@1.0.0',
  func: 'get',
  type: '(param "key" string) (result (option string))',
  lowered: '(param i32 i32 i32)',
};

/** Asks for the setting `led`. */
const ASK =
  '(i32.store (i32.const 64) (i32.const 0x64656c)) (call $get (i32.const 64) (i32.const 3) (i32.const 128)) (i32.const 1)';

const table: readonly Attack[] = [
  {
    tries: 'spins in its start function',
    file: () => sensor({ poll: '(i32.const 0)', fields: `(func $s ${SPIN}) (start $s)` }),
    limits: SHORT_LOAD,
    ends: 'PLUGIN_LOAD_TIMEOUT',
  },
  {
    tries: 'spins where the host asks it for room, in realloc',
    file: () =>
      sensor({
        calls: [SETTING],
        realloc: `(func (export "realloc") (param i32 i32 i32 i32) (result i32) ${SPIN})`,
        poll: ASK,
      }),
    settings: 'led = "lit"',
    limits: SHORT,
    ends: 'PLUGIN_DEADLINE',
  },
  {
    tries: 'traps where the host asks it for room, in realloc, which shows that the host comes there',
    file: () =>
      sensor({
        calls: [SETTING],
        realloc: '(func (export "realloc") (param i32 i32 i32 i32) (result i32) (unreachable))',
        poll: ASK,
      }),
    settings: 'led = "lit"',
    ends: 'PLUGIN_TRAPPED',
  },
  {
    tries: 'spins after its answer, in post-return',
    file: () =>
      liftedSensor(
        '(result u32)',
        `(func (export "poll") (result i32) i32.const 0) (func (export "post") (param i32) ${SPIN})`,
        '(post-return (core func $i "post"))',
      ),
    limits: SHORT,
    ends: 'PLUGIN_DEADLINE',
  },
  {
    tries: 'fills and moves its whole memory, over and over, in single instructions',
    file: () => sensor({ poll: `${GROWN} (loop $l ${FILL_AND_MOVE} (br $l)) (i32.const 0)` }),
    limits: SHORT,
    ends: 'PLUGIN_DEADLINE',
  },
  {
    tries: 'has thirty thousand functions',
    file: () => sensor({ fields: '(func)'.repeat(30_000), poll: '(i32.const 3)' }),
    limits: PATIENT_LOAD,
    ends: 'answered',
  },
];

attacks('a guest that takes time', table);
