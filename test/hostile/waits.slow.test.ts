/** Guests that spin, wait, recurse or have much to compile: further ones than those of time.test.ts. */
import { fromText } from '../wasm/components';
import { type Attack, attacks } from './attack';
import { exported, sensor } from './wat';

const SPIN = '(loop $spin (br $spin)) (unreachable)';
/** A guest with these is ended soon. */
const SHORT = 'deadline_ms = 400';
/** For what a compiler gets through, however slow the machine. */
const PATIENT_LOAD = 'load_deadline_ms = 50000';

const GROWN = '(drop (memory.grow (i32.const 900)))';
const FILL_AND_MOVE = `(memory.fill (i32.const 0) (i32.const 7) (i32.const 58720256))
  (memory.copy (i32.const 1) (i32.const 0) (i32.const 58720255))`;

/** A component that waits on what `wasi:io/poll` gives it. */
function waiting(ns: string, wait: string): Promise<Uint8Array> {
  return fromText(`(component
    (import "wasi:io/poll@0.2.0" (instance $poll
      (export "pollable" (type $p (sub resource)))
      (export "[method]pollable.block" (func (param "self" (borrow $p))))
      (export "poll" (func (param "in" (list (borrow $p))) (result (list u32))))))
    (alias export $poll "pollable" (type $p))
    (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
      (alias outer 1 $p (type $q)) (export "pollable" (type $r (eq $q)))
      (export "subscribe-duration" (func (param "when" u64) (result (own $r))))))
    (core module $libc (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))
    (core instance $libc (instantiate $libc))
    (core func $duration (canon lower (func $clock "subscribe-duration")))
    (core func $block (canon lower (func $poll "[method]pollable.block")))
    (core func $poll-list (canon lower (func $poll "poll") (memory (core memory $libc "memory"))
      (realloc (core func $libc "realloc"))))
    (core module $m
      (import "h" "duration" (func $duration (param i64) (result i32)))
      (import "h" "block" (func $block (param i32)))
      (import "h" "poll-list" (func $poll-list (param i32 i32 i32)))
      (func (export "poll") (result i32) (local $p i32)
        (local.set $p (call $duration (i64.const ${ns}))) ${wait} (i32.const 0)))
    (core instance $i (instantiate $m (with "h" (instance (export "duration" (func $duration))
      (export "block" (func $block)) (export "poll-list" (func $poll-list))))))
    (func $f (result u32) (canon lift (core func $i "poll")))
    ${exported('$f')})`);
}

const table: readonly Attack[] = [
  { tries: 'spins in poll', file: () => sensor({ poll: SPIN }), limits: SHORT, ends: 'PLUGIN_DEADLINE' },
  {
    tries: 'spins at its second poll',
    file: () =>
      sensor({
        fields: '(global $n (mut i32) (i32.const 0))',
        poll: `(global.set $n (i32.add (global.get $n) (i32.const 1)))
          (if (i32.gt_u (global.get $n) (i32.const 1)) (then ${SPIN})) (global.get $n)`,
      }),
    limits: SHORT,
    polls: 2,
    ends: 'PLUGIN_DEADLINE',
  },
  {
    tries: 'sleeps for five centuries',
    file: () => waiting('-1', '(call $block (local.get $p))'),
    limits: SHORT,
    ends: 'PLUGIN_DEADLINE',
  },
  {
    tries: 'waits for nothing at all, with an empty list',
    file: () => waiting('0', '(call $poll-list (i32.const 0) (i32.const 0) (i32.const 64))'),
    ends: 'PLUGIN_TRAPPED',
  },
  {
    tries: 'waits for a list that is longer than its memory',
    file: () => waiting('0', '(call $poll-list (i32.const 0) (i32.const 0x7fffffff) (i32.const 64))'),
    ends: 'PLUGIN_MEMORY',
  },
  {
    tries: 'recurses without end',
    file: () =>
      sensor({ fields: '(func $deep (result i32) (i32.add (call $deep) (i32.const 1)))', poll: '(call $deep)' }),
    ends: 'PLUGIN_TRAPPED',
  },
  {
    tries: 'recurses with a thousand locals a level',
    file: () =>
      sensor({
        fields: `(func $deep (local ${'i64 '.repeat(1_000)}) (call $deep))`,
        poll: '(call $deep) (i32.const 1)',
      }),
    ends: 'PLUGIN_TRAPPED',
  },
  {
    tries: 'fills and moves its whole memory in twenty thousand instructions without a loop',
    file: () => sensor({ poll: `${GROWN} ${FILL_AND_MOVE.repeat(10_000)} (i32.const 0)` }),
    limits: SHORT,
    ends: 'PLUGIN_DEADLINE',
  },
  {
    tries: 'has a function of two hundred thousand instructions for the compiler',
    file: () =>
      sensor({
        fields: `(func (result i32) i32.const 1 ${'i32.const 1 i32.add '.repeat(100_000)})`,
        poll: '(i32.const 3)',
      }),
    limits: PATIENT_LOAD,
    ends: 'answered',
  },
];

attacks('a guest that waits and', table);
