/** Guests that take room: linear memories, tables, instances. */

import { around } from './around';
import { type Attack, attacks } from './attack';
import { liftedSensor, POLL, sensor } from './wat';

/** A page is 64 KiB: no more than 64 MiB is allowed to an attack. */
const GIGABYTE_PAGES = 16_384;

/** Its answer is a number, which is no reading: that it came so far is what matters. */
const RAN = 'PLUGIN_ERROR';

const table: readonly Attack[] = [
  {
    tries: 'wants a gigabyte from the start',
    file: () => around(`(memory ${GIGABYTE_PAGES})`, ''),
    ends: 'PLUGIN_MEMORY',
    says: /1024 MiB of memory from the start/,
  },
  { tries: 'wants all four gigabytes', file: () => around('(memory 65536 65536)', ''), ends: 'PLUGIN_MEMORY' },
  { tries: 'wants more pages than there are', file: () => around('(memory 65537)', ''), ends: 'PLUGIN_INVALID' },
  {
    tries: 'has a second memory that it grows',
    file: () =>
      sensor({
        fields: '(memory $own 1)',
        poll: '(loop $l (br_if $l (i32.ne (memory.grow $own (i32.const 16)) (i32.const -1)))) (unreachable)',
      }),
    // Newer engines take several memories; jco takes none of them on any engine.
    ends: 'PLUGIN_INVALID',
  },
  {
    tries: 'grows its exported memory until it gets no more, and traps',
    file: () =>
      sensor({ poll: '(loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (unreachable)' }),
    ends: 'PLUGIN_MEMORY',
  },
  {
    tries: 'asks how much it may grow by, in one step of four gigabytes',
    file: () => sensor({ poll: '(memory.grow (i32.const 65532))' }),
    ends: 'answered',
    values: { 0: 0xffff_ffff },
  },
  { tries: 'wants a 64-bit memory', file: () => around('(memory i64 1)', ''), ends: 'PLUGIN_INVALID' },
  { tries: 'wants a shared memory', file: () => around('(memory 1 2 shared)', ''), ends: 'PLUGIN_INVALID' },
  {
    tries: 'has a data segment that lies outside its memory',
    file: () => around('(memory 1) (data (i32.const -1) "outside")', ''),
    // The engine looks when it instantiates the module …
    ends: 'PLUGIN_TRAPPED',
  },
  {
    tries: 'has a large data segment that lies outside its memory',
    file: () => around(`(memory (export "memory") 1) (data (i32.const 65000) "${'x'.repeat(1_100_000)}")`, ''),
    // … and this package where it has taken the data out of the module.
    ends: 'PLUGIN_INVALID',
    says: /does not fit into its memory/,
  },
  {
    tries: 'has four megabytes of data',
    file: () => around(`(memory 900) (data (i32.const 0) "${'x'.repeat(4_000_000)}")`, ''),
    ends: RAN,
  },
  {
    tries: 'has twenty thousand globals',
    file: () => liftedSensor('(result u32)', `${'(global (mut i64) (i64.const 1))'.repeat(20_000)} ${POLL}`),
    ends: RAN,
  },
];

attacks('a guest that takes room', table);
