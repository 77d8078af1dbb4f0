/**
 * What a guest passes in one call is bounded before it is decoded: in results, errors, arguments of imports and in what it
 * prints, whichever kind of value it is, and also where it is the same memory again and again.
 */
import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { hasPromiseIntegration } from '../../src/wasm/async-exports';
import { LiftBudget, MAX_LIFTED_BYTES, MAX_LIFTED_PARTS } from '../../src/wasm/lift-budget';
import { fromText, polling } from './components';
import { Engine, preparedOnce } from './engine';

const LOGIC = 'test:test/logic';
const LIMIT = { timeout: 120_000 };
const PATIENT_MS = 60_000;
const MEMORY_MB = 160;
const PAGES = 1_900;
const HUGE = 100_000_000;

/** Exceptions as the core specification has them since 3.0. */
const CATCHES = WebAssembly.validate(
  Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
    ...[10, 13, 1, 11, 0, 0x02, 0x40, 0x1f, 0x40, 1, 2, 0, 0x0b, 0x0b, 0x0b],
  ),
);

const engine = new Engine({ after }, { loader: preparedOnce() });
afterEach(() => engine.closeGuests());

/** Memory full of zeros behind its first 65 536 bytes, with `begins` at its beginning. */
function claiming(type: string, begins: string, options = ''): Promise<Uint8Array> {
  return polling(
    `(result ${type})`,
    `(memory (export "memory") ${PAGES}) (func (export "poll") (result i32) (local $n i32) ${begins} (i32.const 0))`,
    ` (memory (core memory $i "memory")) ${options}`,
  );
}

/** A pointer and a length at `at`. */
function place(at: number, pointer: number, length: number): string {
  return `(i32.store (i32.const ${at}) (i32.const ${pointer})) (i32.store (i32.const ${at + 4}) (i32.const ${length}))`;
}

/** From byte 1024 on, the same pointer and length again and again. */
function samePlaces(count: number, pointer: number, length: number): string {
  return `(loop $l
    (i32.store (i32.add (i32.const 1024) (i32.mul (local.get $n) (i32.const 8))) (i32.const ${pointer}))
    (i32.store (i32.add (i32.const 1028) (i32.mul (local.get $n) (i32.const 8))) (i32.const ${length}))
    (local.set $n (i32.add (local.get $n) (i32.const 1)))
    (br_if $l (i32.lt_u (local.get $n) (i32.const ${count}))))`;
}

/** As `claiming`, for types that need a name. */
function claimingNamed(type: string, list: string, begins: string): Promise<Uint8Array> {
  return fromText(`(component
    (core module $m (memory (export "memory") ${PAGES}) (func (export "poll") (result i32) ${begins} (i32.const 0)))
    (core instance $i (instantiate $m))
    (type $named ${type})
    (func $poll (result ${list.replace('$t', '$named')}) (canon lift (core func $i "poll") (memory (core memory $i "memory"))))
    (component $shell
      (type $named ${type})
      (import "named" (type $r (eq $named)))
      (import "poll" (func $poll (result ${list.replace('$t', '$r')})))
      (export $e "named" (type $named))
      (export "poll" (func $poll) (func (result ${list.replace('$t', '$e')}))))
    (instance $logic (instantiate $shell (with "named" (type $named)) (with "poll" (func $poll))))
    (export "test:test/logic" (instance $logic)))`);
}

function nested(depth: number, inner: string): string {
  return `${'(tuple '.repeat(depth)}${inner}${')'.repeat(depth)}`;
}

const record = `(record ${Array.from({ length: 100 }, (_, i) => `(field "f${i}" bool)`).join(' ')})`;
const flags = `(flags ${Array.from({ length: 32 }, (_, i) => `"f${i}"`).join(' ')})`;

/** Each of these fits into its memory, and not into what V8 may have for it. */
const RESULTS: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  'a text of 100 MB': () => claiming('string', place(0, 65_536, HUGE)),
  'a text of 50 million UTF-16 units': () => claiming('string', place(0, 65_536, HUGE / 2), 'string-encoding=utf16'),
  'a list of 100 MB of bytes': () => claiming('(list u8)', place(0, 65_536, HUGE)),
  'numbers of 8 bytes each': () => claiming('(list f64)', place(0, 65_536, HUGE / 8)),
  'a list of 20 million bools': () => claiming('(list bool)', place(0, 65_536, 20_000_000)),
  'a list of 20 million characters': () => claiming('(list char)', place(0, 65_536, 20_000_000)),
  'the same text in a list, 20 times': () =>
    claiming('(list string)', samePlaces(20, 65_536, HUGE) + place(0, 1_024, 20)),
  'the same bytes in a list, 60 times': () =>
    claiming('(list (list u8))', samePlaces(60, 65_536, HUGE) + place(0, 1_024, 60)),
  'the same list in a list, 60 times': () =>
    claiming('(list (list (tuple u8 u8)))', samePlaces(60, 65_536, 1_000_000) + place(0, 1_024, 60)),
  'ten million empty texts': () => claiming('(list string)', place(0, 65_536, 10_000_000)),
  'ten million empty lists of bytes': () => claiming('(list (list u8))', place(0, 65_536, 10_000_000)),
  'a million tuples in each other': () => claiming(`(list ${nested(40, 'u8')})`, place(0, 65_536, 1_000_000)),
  'a million sets of flags': () => claimingNamed(flags, '(list $t)', place(0, 65_536, 1_000_000)),
  'a million records of 100 fields': () => claimingNamed(record, '(list $t)', place(0, 65_536, 1_000_000)),
  'a million variants': () =>
    claimingNamed('(variant (case "a" u8) (case "b"))', '(list $t)', place(0, 65_536, 1_000_000)),
  'a list of a fixed length': () => claiming('(list u8 50000000)', ''),
  'an error of 20 million bytes': () =>
    claiming('(result u8 (error (list u8)))', `(i32.store (i32.const 0) (i32.const 1)) ${place(4, 64, 20_000_000)}`),
  'an error with a text of 100 MB': () =>
    claiming('(result (error string))', `(i32.store (i32.const 0) (i32.const 1)) ${place(4, 65_536, HUGE)}`),
};

/** Calls `get` of the settings with these places of memory, `times` times. */
function asking(pointer: number, length: number, times: number, around = (call: string) => call): Promise<Uint8Array> {
  const call = `(call $g (i32.const ${pointer}) (i32.const ${length}) (i32.const 64))`;
  return fromText(`(component
    (import "edge:plugin/settings@1.0.0" (instance $s (export "get" (func (param "key" string) (result (option string))))))
    (core module $libc (memory (export "memory") ${PAGES})
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))
    (core instance $libc (instantiate $libc))
    (core func $get (canon lower (func $s "get") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
    (core module $m (import "s" "get" (func $g (param i32 i32 i32)))
      (func (export "poll") (result i32) (local $n i32)
        (loop $l ${around(call)}
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br_if $l (i32.lt_u (local.get $n) (i32.const ${times}))))
        (i32.const 1)))
    (core instance $i (instantiate $m (with "s" (instance (export "get" (func $get))))))
    (func $poll (result u32) (canon lift (core func $i "poll")))
    (instance $logic (export "poll" (func $poll)))
    (export "test:test/logic" (instance $logic)))`);
}

/** An asynchronous function that returns a pointer and a length. */
function returningLater(type: string, length: number): Promise<Uint8Array> {
  return fromText(`(component
    (core module $libc (memory (export "memory") ${PAGES}))
    (core instance $libc (instantiate $libc))
    (core func $return (canon task.return (result ${type}) (memory (core memory $libc "memory"))))
    (core module $m (import "task" "return" (func $return (param i32 i32)))
      (func (export "poll") (result i32) (call $return (i32.const 65536) (i32.const ${length})) (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0)))
    (core instance $i (instantiate $m (with "task" (instance (export "return" (func $return))))))
    (func $poll async (result ${type}) (canon lift (core func $i "poll") async (memory (core memory $libc "memory"))
      (callback (core func $i "callback"))))
    (instance $logic (export "poll" (func $poll)))
    (export "test:test/logic" (instance $logic)))`);
}

/** Gives bytes to a device: an argument that is a list. */
function giving(length: number, times: number): Promise<Uint8Array> {
  return fromText(`(component
    (import "demo:plugin/spi@0.2.0" (instance $s (export "transfer" (func (param "data" (list u8)) (result (result (list u8) (error string)))))))
    (core module $libc (memory (export "memory") ${PAGES})
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))
    (core instance $libc (instantiate $libc))
    (core func $transfer (canon lower (func $s "transfer") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
    (core module $m (import "s" "transfer" (func $transfer (param i32 i32 i32)))
      (func (export "poll") (result i32) (local $n i32)
        (loop $l (call $transfer (i32.const 65536) (i32.const ${length}) (i32.const 64))
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br_if $l (i32.lt_u (local.get $n) (i32.const ${times}))))
        (i32.const 1)))
    (core instance $i (instantiate $m (with "s" (instance (export "transfer" (func $transfer))))))
    (func $poll (result u32) (canon lift (core func $i "poll")))
    (instance $logic (export "poll" (func $poll)))
    (export "test:test/logic" (instance $logic)))`);
}

/** Prints one byte again and again, in one write: one line, or nothing but line ends. */
function printing(byte: number, length: number): Promise<Uint8Array> {
  return fromText(`(component
    (import "wasi:io/streams@0.2.0" (instance $streams (export "output-stream" (type $o (sub resource)))
      (type $e (variant (case "last-operation-failed" u32) (case "closed"))) (export "stream-error" (type $error (eq $e)))
      (export "[method]output-stream.write" (func (param "self" (borrow $o)) (param "contents" (list u8)) (result (result (error $error)))))))
    (alias export $streams "output-stream" (type $out))
    (import "wasi:cli/stderr@0.2.0" (instance $so (alias outer 1 $out (type $o)) (export "output-stream" (type $output (eq $o)))
      (export "get-stderr" (func (result (own $output))))))
    (core module $libc (memory (export "memory") ${PAGES})
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 65536))
    (core instance $libc (instantiate $libc))
    (core func $get (canon lower (func $so "get-stderr")))
    (core func $write (canon lower (func $streams "[method]output-stream.write") (memory (core memory $libc "memory"))
      (realloc (core func $libc "realloc"))))
    (core module $m (import "libc" "memory" (memory 1)) (import "host" "get" (func $get (result i32)))
      (import "host" "write" (func $write (param i32 i32 i32 i32)))
      (func (export "poll") (result i32)
        (memory.fill (i32.const 65536) (i32.const ${byte}) (i32.const ${length}))
        (call $write (call $get) (i32.const 65536) (i32.const ${length}) (i32.const 256))
        (i32.const 1)))
    (core instance $i (instantiate $m (with "libc" (instance $libc))
      (with "host" (instance (export "get" (func $get)) (export "write" (func $write))))))
    (func $poll (result u32) (canon lift (core func $i "poll")))
    (instance $logic (export "poll" (func $poll)))
    (export "test:test/logic" (instance $logic)))`);
}

const PASSED: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  'a key of 100 MB, 20 times': () => asking(65_536, HUGE, 20),
  'keys that are only too long together': () => asking(65_536, 1_000_000, 20),
  'bytes to a device': () => giving(HUGE, 1),
  'bytes to a device that are only too many together': () => giving(1_000_000, 20),
  'a line of 100 MB that it prints': () => printing(97, HUGE),
  'a hundred million line ends that it prints': () => printing(10, HUGE),
};

async function refused(component: Uint8Array): Promise<void> {
  const guest = await engine.start(engine.file(component), { memoryMb: MEMORY_MB });
  await assert.rejects(guest.call(LOGIC, 'poll', [], PATIENT_MS), {
    code: 'PLUGIN_MEMORY',
    message: /guest was stopped: it passed more than \d+ (bytes|parts of lists) in one call.*\(a fixed limit\)/,
  });
  assert.equal(guest.alive, false);
  await engine.threadsEnded();
}

describe('what a guest passes in one call', () => {
  for (const [what, make] of Object.entries(RESULTS)) {
    it(`is bounded where it returns ${what}`, LIMIT, async () => refused(await make()));
  }

  for (const [what, make] of Object.entries(PASSED)) {
    it(`is bounded where it passes ${what}`, LIMIT, async () => refused(await make()));
  }

  it('is what it was before, up to the limit, and counted for each call alone', LIMIT, async () => {
    const guest = await engine.start(engine.file(await asking(65_536, 1_000_000, 7)), { memoryMb: MEMORY_MB });
    for (let i = 0; i < 5; i += 1) assert.equal((await guest.call(LOGIC, 'poll', [], PATIENT_MS)).value, 1);
  });

  it('is printed piece by piece: what may be passed is no more as millions of lines', LIMIT, async () => {
    const guest = await engine.start(engine.file(await printing(10, 8_000_000)), { memoryMb: MEMORY_MB });
    for (let i = 0; i < 3; i += 1) assert.equal((await guest.call(LOGIC, 'poll', [], PATIENT_MS)).value, 1);
    assert.match(engine.output.at(-1) ?? '', /\(\d+ lines before this one were not shown/);
  });

  it('is what was refused first, where the guest catches that and returns all the same', {
    ...LIMIT,
    skip: CATCHES ? false : 'this Node.js knows no try_table',
  }, async () => {
    const component = await asking(
      65_536,
      HUGE,
      3,
      (call) => `(block $caught (try_table (catch_all $caught) ${call}))`,
    );
    await refused(component);
  });

  for (const [type, length] of [
    ['(list u8)', HUGE],
    ['string', HUGE],
    ['(list string)', 10_000_000],
    [`(list ${nested(5, 'u8')})`, 100_000],
  ] as const) {
    it(`is bounded where an asynchronous function returns ${type}`, {
      ...LIMIT,
      skip: hasPromiseIntegration() ? false : 'this Node.js has no JavaScript Promise Integration',
    }, async () => {
      await refused(await returningLater(type, length));
      const guest = await engine.start(engine.file(await returningLater(type, 10)), { memoryMb: MEMORY_MB });
      await guest.call(LOGIC, 'poll', [], PATIENT_MS);
    });
  }

  it('does not lie outside its memory: a length that counts from the end of it is none', LIMIT, async () => {
    const guest = await engine.start(engine.file(await giving(-100_000, 1)), { memoryMb: MEMORY_MB });
    await assert.rejects(guest.call(LOGIC, 'poll', [], PATIENT_MS), {
      code: 'PLUGIN_TRAPPED',
      message: /not in its memory/,
    });
    await engine.threadsEnded();
  });
});

describe('a kind of value that no interface of the host has', () => {
  for (const [kind, type] of [
    ['a map', '(map u32 u32)'],
    ['a map', '(option (list (map string u8)))'],
    ['a stream', '(stream u8)'],
    ['a stream', '(tuple u8 (stream))'],
    ['a future', '(future string)'],
    ['an error-context', '(list error-context)'],
  ] as const) {
    it(`is refused before it is translated: ${type}`, LIMIT, async () => {
      const bytes = await claiming(type, place(0, 65_536, 1_000_000));
      await assert.rejects(engine.start(engine.file(bytes), { memoryMb: MEMORY_MB }), {
        code: 'PLUGIN_INVALID',
        message: new RegExp(`a type that is ${kind}, which this host takes from no plugin`),
      });
    });
  }
});

describe('a budget', () => {
  it('holds to the byte and to the part, and stays exceeded until the next call', () => {
    const budget = new LiftBudget();
    budget.list(MAX_LIFTED_BYTES, 1, 0);
    budget.parts(MAX_LIFTED_PARTS);
    assert.equal(budget.exceeded, undefined);
    assert.throws(() => budget.text(new Uint8Array(1)), { name: 'LiftBudgetExceeded' });
    assert.throws(() => budget.text(new Uint8Array(0)), { name: 'LiftBudgetExceeded' });
    assert.ok(budget.exceeded);
    budget.begin();
    assert.equal(budget.exceeded, undefined);
    assert.throws(() => budget.parts(MAX_LIFTED_PARTS + 1), /524288 parts/);
  });
});
