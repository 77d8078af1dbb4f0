/** Texts of a guest that are none: in an answer, and in what it passes to the host. */
import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { quoted } from '../hostile/wat';
import { fromText, polling } from './components';
import { Engine, preparedOnce } from './engine';

const LOGIC = 'test:test/logic';
const LIMIT = { timeout: 60_000 };
const PATIENT_MS = 60_000;

const engine = new Engine({ after }, { loader: preparedOnce() });
afterEach(() => engine.closeGuests());

/** Unicode 15, table 3-7: what no sequence of UTF-8 is. */
const NO_UTF8: Readonly<Record<string, readonly number[]>> = {
  'a byte that no text has': [0x61, 0xff],
  'an overlong NUL': [0xc0, 0x80],
  'half a surrogate': [0xed, 0xa0, 0x80],
  'a character cut short': [0xe2, 0x82],
  'a code point beyond Unicode': [0xf4, 0x90, 0x80, 0x80],
};

function answering(bytes: Uint8Array, units = bytes.length, encoding = ''): Promise<Uint8Array> {
  return polling(
    '(result string)',
    `(memory (export "memory") 1) (data (i32.const 16) ${quoted(bytes)}) (func (export "poll") (result i32)
      (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const ${units})) (i32.const 0))`,
    ` (memory (core memory $i "memory")) ${encoding}`,
  );
}

/** Asks for a setting whose name is these bytes. */
function asking(bytes: Uint8Array): Promise<Uint8Array> {
  return fromText(`(component
    (import "edge:plugin/settings@1.0.0" (instance $s (export "get" (func (param "key" string) (result (option string))))))
    (core module $libc (memory (export "memory") 1) (data (i32.const 16) ${quoted(bytes)})
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))
    (core instance $libc (instantiate $libc))
    (core func $get (canon lower (func $s "get") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
    (core module $m (import "s" "get" (func $g (param i32 i32 i32)))
      (func (export "poll") (result i32) (call $g (i32.const 16) (i32.const ${bytes.length}) (i32.const 64)) (i32.const 1)))
    (core instance $i (instantiate $m (with "s" (instance (export "get" (func $get))))))
    (func $poll (result u32) (canon lift (core func $i "poll")))
    (instance $logic (export "poll" (func $poll)))
    (export "test:test/logic" (instance $logic)))`);
}

describe('a text', () => {
  for (const [what, bytes] of Object.entries(NO_UTF8)) {
    for (const [place, make] of [
      ['answered', answering],
      ['passed', asking],
    ] as const) {
      it(`(${what}, ${place}) that is no UTF-8 ends the guest`, LIMIT, async () => {
        const guest = await engine.start(engine.file(await make(Uint8Array.from(bytes))));
        await assert.rejects(guest.call(LOGIC, 'poll', [], PATIENT_MS), {
          code: 'PLUGIN_TRAPPED',
          message: /it passed a text that is no utf-8/,
        });
        await engine.threadsEnded();
      });
    }
  }

  it('that is one is kept as it is, with its byte order mark', LIMIT, async () => {
    const text = '\ufeff21 °C, \u{1f321}\0';
    for (const file of [
      await answering(Buffer.from(text)),
      await answering(Buffer.from(text, 'utf16le'), text.length, 'string-encoding=utf16'),
    ]) {
      const guest = await engine.start(engine.file(file));
      const { value } = await guest.call(LOGIC, 'poll', [], PATIENT_MS);
      assert.equal(value, text);
      guest.close();
    }
  });
});
