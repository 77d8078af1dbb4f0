/** Answers that are not what they claim: pointers out of memory, texts that are none, cases that do not exist. */
import { fromText } from '../wasm/components';
import { type Attack, attacks } from './attack';
import { exported, liftedSensor } from './wat';

const MEMORY = '(memory (core memory $i "memory"))';
/**
 * A trap, as the component model has it (CanonicalABI.md, load_list). jco's glue alone would cut a list of numbers to what of
 * it lies within the memory.
 */
const OUTSIDE = 'PLUGIN_TRAPPED';

/** A pointer and a length at 0, which `poll` answers with; anything else behind them. */
function pointing(type: string, pointer: number, length: number, data = '', pages = 1): Promise<Uint8Array> {
  return liftedSensor(
    type,
    `(memory (export "memory") ${pages}) ${data} (func (export "poll") (result i32)
      (i32.store (i32.const 0) (i32.const ${pointer})) (i32.store (i32.const 4) (i32.const ${length})) (i32.const 0))`,
    MEMORY,
  );
}

/** One value in one reading: a list of one tuple, of which these bytes are the memory. */
function one(type: string, bytes: string): Promise<Uint8Array> {
  return pointing(`(result (list (tuple ${type})))`, 16, 1, `(data (i32.const 16) "${bytes}")`);
}

/** A record type has to be exported to be used: what bindings generators do with a component around it. */
function typed(type: string, answer: string): Promise<Uint8Array> {
  return fromText(`(component
    (core module $m (memory (export "memory") 1) (func (export "poll") (result i32) ${answer}))
    (core instance $i (instantiate $m))
    (type $t ${type})
    (func $poll (result $t) (canon lift (core func $i "poll") ${MEMORY}))
    (component $shim
      (type $in ${type}) (import "t" (type $ti (eq $in))) (import "poll" (func $f (result $ti)))
      (type $out ${type}) (export $te "t" (type $out)) (export "poll" (func $f) (func (result $te))))
    (instance $logic (instantiate $shim (with "t" (type $t)) (with "poll" (func $poll))))
    (export "edge:plugin/sensor-logic@1.0.0" (instance $logic)))`);
}

const table: readonly Attack[] = [
  { tries: 'a list of four gigabytes', file: () => pointing('(result (list u8))', 100, -1), ends: OUTSIDE },
  {
    tries: 'a list that begins outside its memory',
    file: () => pointing('(result (list u32))', -16, 4),
    ends: OUTSIDE,
  },
  {
    tries: 'a list that ends outside its memory',
    file: () => pointing('(result (list u64))', 65_528, 2),
    ends: OUTSIDE,
  },
  {
    tries: 'a list of a billion empty lists',
    file: () => pointing('(result (list (list u8)))', 8, 1_000_000_000),
    ends: 'PLUGIN_MEMORY',
  },
  {
    tries: 'eight million numbers',
    file: () => pointing('(result (list u32))', 8, 8_000_000, '', 600),
    ends: 'PLUGIN_MEMORY',
    says: /passed more than 8388608 bytes/,
  },
  {
    tries: 'three million lists that are the same one',
    file: () => pointing('(result (list (list u8)))', 8, 3_000_000, '', 600),
    // Three hundred megabytes of small lists, refused before the first is made.
    ends: 'PLUGIN_MEMORY',
    says: /passed more than 8388608 bytes/,
  },
  {
    tries: 'a text of thirty megabytes',
    file: () => pointing('(result string)', 8, 30_000_000, '', 600),
    ends: 'PLUGIN_MEMORY',
    says: /passed more than 8388608 bytes/,
  },
  {
    tries: 'a text that lies outside its memory',
    file: () => pointing('(result string)', 65_530, 100),
    ends: 'PLUGIN_TRAPPED',
  },
  { tries: 'a thousand readings', file: () => pointing('(result (list (tuple u8)))', 8, 1_000), ends: 'PLUGIN_ERROR' },
  {
    tries: 'a pointer that is not aligned',
    file: () =>
      liftedSensor(
        '(result string)',
        '(memory (export "memory") 1) (func (export "poll") (result i32) i32.const 3)',
        MEMORY,
      ),
    // The component model traps; the glue reads there all the same, in the guest's own memory: an empty text here.
    ends: 'PLUGIN_ERROR',
  },
  {
    tries: 'a pointer to the very end',
    file: () =>
      liftedSensor(
        '(result string)',
        '(memory (export "memory") 1) (func (export "poll") (result i32) i32.const 65532)',
        MEMORY,
      ),
    ends: 'PLUGIN_TRAPPED',
  },
  {
    tries: 'a text of invalid UTF-8',
    file: () => one('string', '\\20\\00\\00\\00\\04\\00\\00\\00________\\ff\\fe\\c0\\80'),
    ends: 'PLUGIN_TRAPPED',
    says: /no utf-8/,
  },
  {
    tries: 'half a surrogate as UTF-8',
    file: () => one('string', '\\20\\00\\00\\00\\03\\00\\00\\00________\\ed\\a0\\80'),
    ends: 'PLUGIN_TRAPPED',
    says: /no utf-8/,
  },
  {
    tries: 'half a surrogate as a char',
    file: () => one('char', '\\00\\d8\\00\\00'),
    ends: 'PLUGIN_TRAPPED',
  },
  { tries: 'a char beyond Unicode', file: () => one('char', '\\ff\\ff\\ff\\ff'), ends: 'PLUGIN_TRAPPED' },
  { tries: 'a bool of 255', file: () => one('bool', '\\ff'), ends: 'PLUGIN_TRAPPED' },
  {
    tries: 'an option of a third kind',
    file: () => one('(option u8)', '\\07\\01'),
    ends: 'PLUGIN_TRAPPED',
  },
  {
    tries: 'a result of a third kind',
    file: () => one('(result u8)', '\\07\\01'),
    ends: 'PLUGIN_TRAPPED',
  },
  { tries: 'not a number', file: () => one('f64', '\\01\\00\\00\\00\\00\\00\\f8\\7f'), ends: 'answered', values: {} },
  { tries: 'infinity', file: () => one('f32', '\\00\\00\\80\\7f'), ends: 'answered', values: {} },
  {
    tries: 'the largest u64',
    file: () => one('u64', '\\ff\\ff\\ff\\ff\\ff\\ff\\ff\\ff'),
    ends: 'answered',
    values: { 0: 2 ** 64 },
  },
  {
    tries: 'a case that its enum does not have',
    file: () => typed('(enum "a" "b")', 'i32.const 77'),
    ends: 'PLUGIN_TRAPPED',
  },
  {
    tries: 'a case that its variant does not have',
    file: () => typed('(variant (case "a" u32) (case "b"))', '(i32.store (i32.const 0) (i32.const 9)) (i32.const 0)'),
    ends: 'PLUGIN_TRAPPED',
  },
  {
    tries: 'flags that are not defined',
    file: () => typed('(flags "a" "b")', 'i32.const -1'),
    ends: 'PLUGIN_TRAPPED',
  },
  {
    tries: 'a record with the fields of an object',
    file: () =>
      typed(
        '(record (field "constructor" u32) (field "to-string" u32) (field "value-of" u32))',
        '(i32.store (i32.const 0) (i32.const 5)) (i32.const 0)',
      ),
    ends: 'answered',
    values: { constructor: 5, toString: 0, valueOf: 0 },
  },
  {
    tries: 'a record that could be waited for',
    // A record of one number is that number in the core function's type.
    file: () => typed('(record (field "then" u32))', 'i32.const 5'),
    ends: 'answered',
    values: Object.fromEntries([['then', 5]]),
  },
  {
    tries: 'nothing that can be polled',
    file: () =>
      fromText(
        `(component (core module $m (func (export "poll"))) (core instance $i (instantiate $m)) (func $f (canon lift (core func $i "poll"))) ${exported('$f')})`,
      ),
    ends: 'PLUGIN_ERROR',
  },
];

attacks('an answer of', table);
