/** Components that no tool makes: their own types for what they import, lengths that are not true. */
import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { fromText, polling } from './components';
import { Engine, preparedOnce } from './engine';

const LOGIC = 'test:test/logic';
const LIMIT = { timeout: 60_000 };
const PATIENT_MS = 60_000;

const engine = new Engine({ after }, { loader: preparedOnce() });
afterEach(() => engine.closeGuests());

describe('a crafted component', () => {
  it('that declares other types for what it imports never reaches the host with them', LIMIT, async () => {
    const bytes = await fromText(`(component
      (import "edge:plugin/settings@1.0.0" (instance $s (export "get" (func (param "key" f64) (result u32)))))
      (core func $get (canon lower (func $s "get")))
      (core module $m (import "s" "get" (func $g (param f64) (result i32)))
        (func (export "poll") (result i32) (call $g (f64.const nan))))
      (core instance $i (instantiate $m (with "s" (instance (export "get" (func $get))))))
      (func $poll (result u32) (canon lift (core func $i "poll")))
      (instance $logic (export "poll" (func $poll)))
      (export "test:test/logic" (instance $logic)))`);
    const guest = await engine.start(engine.file(bytes));
    await assert.rejects(guest.call(LOGIC, 'poll', [], PATIENT_MS), {
      code: 'PLUGIN_TRAPPED',
      message: /settings get was called with other arguments than \(string\)/,
    });
    assert.equal(guest.alive, false);
    await engine.threadsEnded();
  });

  it('that claims four gigabytes for its answer gets no further than its memory', LIMIT, async () => {
    const bytes = await polling(
      '(result (list u8))',
      `(memory (export "memory") 1) (func (export "poll") (result i32)
         (i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const -1)) (i32.const 0))`,
      ' (memory (core memory $i "memory"))',
    );
    const guest = await engine.start(engine.file(bytes));
    const answer = await guest.call(LOGIC, 'poll', [], PATIENT_MS).catch(() => undefined);
    assert.ok(answer === undefined || (answer.value instanceof Uint8Array && answer.value.length < 65_536));
    guest.close();
    await engine.threadsEnded();
  });

  it('is not let by its long field names send more than the caller can take in at once', LIMIT, async () => {
    // As long as a name may be.
    const field = 'a'.repeat(1_024);
    const record = `(record (field "${field}" bool))`;
    const bytes = await fromText(`(component
      (core module $m (memory (export "memory") 1)
        (func (export "poll") (result i32) (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 8000))
          (i32.const 0)))
      (core instance $i (instantiate $m))
      (type $record ${record})
      (func $poll (result (list $record)) (canon lift (core func $i "poll") (memory (core memory $i "memory"))))
      (component $shell
        (type $record ${record})
        (import "record" (type $r (eq $record)))
        (import "poll" (func $poll (result (list $r))))
        (export $e "record" (type $record))
        (export "poll" (func $poll) (func (result (list $e)))))
      (instance $logic (instantiate $shell (with "record" (type $record)) (with "poll" (func $poll))))
      (export "test:test/logic" (instance $logic)))`);
    const guest = await engine.start(engine.file(bytes));
    await assert.rejects(guest.call(LOGIC, 'poll', [], PATIENT_MS), {
      code: 'PLUGIN_ERROR',
      message: /returned more than/,
    });
    guest.close();
    await engine.threadsEnded();
  });

  it('whose types double with each name is refused before its megabytes of JavaScript are read', LIMIT, async () => {
    const depth = 16;
    const types = Array.from({ length: depth }, (_, i) => `(type $t${i + 1} (tuple $t${i} $t${i}))`);
    const bytes = await fromText(`(component
      (core module $m (memory (export "memory") 2) (func (export "poll") (result i32) i32.const 0))
      (core instance $i (instantiate $m))
      (type $t0 u8) ${types.join('')}
      (func $poll (result $t${depth}) (canon lift (core func $i "poll") (memory (core memory $i "memory"))))
      (instance $logic (export "poll" (func $poll)))
      (export "test:test/logic" (instance $logic)))`);
    assert.ok(bytes.length < 1_000, `${bytes.length} bytes`);
    await assert.rejects(engine.start(engine.file(bytes)), { code: 'PLUGIN_INVALID', message: /bytes of JavaScript/ });
  });
});
