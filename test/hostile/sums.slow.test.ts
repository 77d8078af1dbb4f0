/**
 * Guests that keep each memory within its limit and take room all the same: by many of them, many instances, tables. In a
 * file of its own, since a table that V8 finds no room for ends the whole process.
 */
import { around } from './around';
import { type Attack, attacks } from './attack';
import { sensor } from './wat';

const table: readonly Attack[] = [
  {
    tries: 'has forty memories of 60 MiB in one module',
    file: () => around('(memory 960)'.repeat(40), ''),
    ends: 'PLUGIN_INVALID',
    says: /multiple memories/,
  },
  {
    tries: 'has a hundred instances of a module with 60 MiB',
    file: () => around('', `(core module $big (memory 960)) ${'(core instance (instantiate $big))'.repeat(100)}`),
    ends: 'PLUGIN_INVALID',
    says: /more than once/,
  },
  {
    tries: 'has nine hundred instances of a module with a memory',
    file: () => around('', `(core module $one (memory 16)) ${'(core instance (instantiate $one))'.repeat(900)}`),
    ends: 'PLUGIN_INVALID',
    says: /more than once/,
  },
  {
    tries: 'has a table of ten million entries',
    file: () => around('(table 10000000 funcref)', ''),
    ends: 'PLUGIN_MEMORY',
  },
  {
    tries: 'has a table of four billion entries',
    file: () => around('(table 4294967295 funcref)', ''),
    ends: 'PLUGIN_MEMORY',
  },
  {
    tries: 'grows its table until it gets no more',
    file: () =>
      sensor({
        fields: '(table $t 1 funcref)',
        poll: '(loop $l (br_if $l (i32.ne (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1)))) (table.size $t)',
      }),
    ends: 'answered',
    // From one element on, by a thousand as long as it stays below a hundred thousand.
    values: { 0: 99_001 },
  },
];

attacks('a guest that takes room many times over', table);
