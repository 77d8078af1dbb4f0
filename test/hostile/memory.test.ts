/** Guests that take room: linear memories, tables, instances. */
import { fromText } from '../wasm/components';
import { type Attack, attacks } from './attack';
import { exported, liftedSensor, sensor } from './wat';

const POLL = '(func (export "poll") (result i32) i32.const 1)';
/** A page is 64 KiB: no more than 64 MiB is allowed to an attack. */
const GIGABYTE_PAGES = 16_384;

/** A plugin of one module, and whatever else its component holds. */
function around(module: string, component: string): Promise<Uint8Array> {
  return fromText(`(component ${component}
    (core module $m ${module} ${POLL}) (core instance $i (instantiate $m))
    (func $poll (result u32) (canon lift (core func $i "poll"))) ${exported('$poll')})`);
}

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
    tries: 'grows until it gets no more, and traps',
    file: () =>
      sensor({
        fields: '(memory $own 1)',
        poll: '(loop $l (br_if $l (i32.ne (memory.grow $own (i32.const 16)) (i32.const -1)))) (unreachable)',
      }),
    ends: ['PLUGIN_MEMORY', 'PLUGIN_TRAPPED', 'PLUGIN_INVALID'],
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
  {
    tries: 'has forty memories of 60 MiB in one module (needs the sum)',
    file: () => around('(memory 960)'.repeat(40), ''),
    ends: ['PLUGIN_MEMORY', 'PLUGIN_INVALID'],
  },
  {
    tries: 'has a hundred instances of a module with 60 MiB (needs the sum)',
    file: () => around('', `(core module $big (memory 960)) ${'(core instance (instantiate $big))'.repeat(100)}`),
    ends: ['PLUGIN_MEMORY', 'PLUGIN_INVALID'],
  },
  {
    tries: 'has a thousand instances of a module with a memory (needs the sum)',
    file: () => around('', `(core module $one (memory 16)) ${'(core instance (instantiate $one))'.repeat(1_000)}`),
    ends: ['PLUGIN_MEMORY', 'PLUGIN_INVALID'],
  },
  {
    tries: 'has a table of ten million entries (needs the sum)',
    file: () => around('(table 10000000 funcref)', ''),
    ends: ['PLUGIN_MEMORY', 'PLUGIN_INVALID'],
  },
  {
    tries: 'has a table of four billion entries',
    file: () => around('(table 4294967295 funcref)', ''),
    ends: ['PLUGIN_INVALID', 'PLUGIN_MEMORY', 'PLUGIN_TRAPPED'],
  },
  {
    tries: 'grows its table until it gets no more (needs the sum)',
    file: () =>
      sensor({
        fields: '(table $t 1 funcref)',
        poll: '(loop $l (br_if $l (i32.ne (table.grow $t (ref.null func) (i32.const 100000)) (i32.const -1)))) (table.size $t)',
      }),
    ends: ['answered', 'PLUGIN_MEMORY', 'PLUGIN_INVALID'],
    afterwards: ({ readings }) => {
      const [entries = 0] = Object.values(readings[0]?.values ?? {}).map(Number);
      if (entries > MAX_TABLE_ENTRIES) throw new Error(`a table of ${entries} entries was made`);
    },
  },
  { tries: 'wants a 64-bit memory', file: () => around('(memory i64 1)', ''), ends: 'PLUGIN_INVALID' },
  { tries: 'wants a shared memory', file: () => around('(memory 1 2 shared)', ''), ends: 'PLUGIN_INVALID' },
  {
    tries: 'has a data segment that lies outside its memory',
    file: () => around('(memory 1) (data (i32.const -1) "outside")', ''),
    ends: ['PLUGIN_TRAPPED', 'PLUGIN_INVALID'],
  },
  {
    tries: 'has a large data segment that lies outside its memory',
    file: () => around(`(memory (export "memory") 1) (data (i32.const 65000) "${'x'.repeat(1_100_000)}")`, ''),
    ends: ['PLUGIN_TRAPPED', 'PLUGIN_INVALID'],
  },
  {
    tries: 'has fifty megabytes of data',
    file: () => around(`(memory 900) (data (i32.const 0) "${'x'.repeat(50_000_000)}")`, ''),
    ends: [RAN, 'PLUGIN_INVALID', 'PLUGIN_LOAD_TIMEOUT'],
  },
  {
    tries: 'has a hundred thousand globals',
    file: () => liftedSensor('(result u32)', `${'(global (mut i64) (i64.const 1))'.repeat(100_000)} ${POLL}`),
    ends: [RAN, 'PLUGIN_INVALID'],
  },
];

/** As many as take a megabyte. */
const MAX_TABLE_ENTRIES = 10_000_000;

attacks('a guest that takes room', table);
