/** A component with an asynchronous export runs where Node.js can wait for it, and says what it takes where not. */
import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { hasPromiseIntegration } from '../../src/wasm/async-exports';
import { fromText } from './components';
import { Engine, preparedOnce } from './engine';

const LOGIC = 'test:test/logic';
const LIMIT = { timeout: 60_000 };
const PATIENT_MS = 60_000;
const SHORT_MS = 300;

const engine = new Engine({ after }, { loader: preparedOnce() });
afterEach(() => engine.closeGuests());

/** `poll` answers with what `body` hands to `$return`, and ends with the code that is left: 0 exits, 1 yields for ever. */
function waiting(body: string): Promise<Uint8Array> {
  return fromText(`(component
    (core module $m
      (import "" "return" (func $return (param i32)))
      (func (export "poll") (result i32) ${body})
      (func (export "callback") (param i32 i32 i32) (result i32) i32.const 1))
    (core func $return (canon task.return (result u32)))
    (core instance $i (instantiate $m (with "" (instance (export "return" (func $return))))))
    (func $poll async (result u32) (canon lift (core func $i "poll") async (callback (core func $i "callback"))))
    (instance $logic (export "poll" (func $poll)))
    (export "${LOGIC}" (instance $logic)))`);
}

const ANSWERS = '(call $return (i32.const 5)) i32.const 0';
const skip = hasPromiseIntegration() ? false : `${process.version} has no JavaScript Promise Integration`;

describe('an asynchronous export', () => {
  it('is answered when it is done', { ...LIMIT, skip }, async () => {
    const guest = await engine.start(engine.file(await waiting(ANSWERS)));
    for (const _ of [1, 2]) assert.equal((await guest.call(LOGIC, 'poll', [], PATIENT_MS)).value, 5);
    guest.close();
  });

  it('that traps ends its guest', { ...LIMIT, skip }, async () => {
    const guest = await engine.start(engine.file(await waiting('unreachable')));
    await assert.rejects(guest.call(LOGIC, 'poll', [], PATIENT_MS), { code: 'PLUGIN_TRAPPED' });
    await engine.threadsEnded();
  });

  it('that never ends is stopped at its deadline', { ...LIMIT, skip }, async () => {
    const guest = await engine.start(engine.file(await waiting('i32.const 1')));
    await assert.rejects(guest.call(LOGIC, 'poll', [], SHORT_MS), { code: 'PLUGIN_DEADLINE' });
    await engine.threadsEnded();
  });

  it('is refused with the version that it takes on another Node.js', { ...LIMIT, skip: !skip }, async () => {
    await assert.rejects(engine.start(engine.file(await waiting(ANSWERS))), {
      code: 'PLUGIN_INVALID',
      message: /asynchronous functions.*Node\.js 25 or newer has it, and the newest 24; this is v\d+.*disable-async/,
    });
    await engine.threadsEnded();
  });
});
