/** What runtimes print before they end an instance, recorded from real ones, and what no runtime prints. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CrashEvidence, crashOf } from '../../src/wasm/guest-crash';

const UNREACHABLE = 'wasm trap: wasm `unreachable` instruction executed';

function said(text: string, more: Partial<CrashEvidence> = {}) {
  return crashOf({ lines: text.split('\n'), trap: UNREACHABLE, frames: [], func: 'poll', refusal: undefined, ...more });
}

const panicked = (message: string, at = 'runtime/src/lib.rs:1456:67') =>
  `\nthread '<unnamed>' (1) panicked at ${at}:\n${message}\nnote: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace`;

describe('a crash in Rust', () => {
  it('is its panic, with the line', () => {
    const { text } = said(panicked('index out of bounds: the len is 1 but the index is 7', 'src/lib.rs:12:9'));
    assert.match(
      text,
      /^index out of bounds: the len is 1 but the index is 7 \(src\/lib\.rs line 12\)\. Return an Err/,
    );
  });

  it('keeps the folders of the machine that built it out', () => {
    const { text } = said(panicked('no', '/home/me/.cargo/registry/src/x/bme280-0.5/src/lib.rs:12:9'));
    assert.match(text, /^no \(lib\.rs line 12\)/);
  });

  it('for want of memory is known as that', () => {
    assert.equal(said('memory allocation of 8388608 bytes failed').outOfMemory, true);
    assert.equal(said('memory is fine').outOfMemory, false);
  });
});

describe('a crash in Go', () => {
  const trace = `
goroutine 1 [running]:
panic({0xf2a0, 0x2e000})
	/usr/local/go/src/runtime/panic.go:860 +0x1c
main.deep(...)
	/home/me/sensor/main.go:3
main.fail({0x20e008, 0x5})
	/home/me/sensor/main.go:12 +0x4f`;

  it('is its panic, with the line and without what the runtime does', () => {
    const { text } = said(`panic: runtime error: index out of range [7] with length 1\n${trace}`);
    assert.match(
      text,
      /^panic: runtime error: index out of range \[7\] with length 1 \(main\.go line 3, in main\.deep\)/,
    );
    assert.match(text, /Return an error instead of panicking/);
  });

  it('of several lines is told whole', () => {
    const { text } = said(`panic: first [recovered]\n\tpanic: again: first\n${trace}`);
    assert.match(text, /^panic: first \[recovered\] panic: again: first \(main\.go line 3/);
  });

  it('for want of memory is known as that', () => {
    const { text, outOfMemory } = said(`runtime: out of memory\nfatal error: out of memory\n${trace}`);
    assert.match(text, /^fatal error: out of memory/);
    assert.equal(outOfMemory, true);
  });

  it('is its panic in TinyGo, which prints no more', () => {
    assert.match(said('panic: the sensor is unplugged').text, /^panic: the sensor is unplugged\. /);
  });
});

describe('a crash in JavaScript', () => {
  const starling = (message: string, places = '  export_poll@/tmp/x/sources/initializer.js:355:45') =>
    `${message}\nStack:\n${places}\n\nRedirecting call to abort() to mozalloc_abort\n`;

  it('for an Error in StarlingMonkey says that its text is lost, and how to keep it', () => {
    const { text } = said(starling('expected a string, received [object]'));
    assert.match(text, /^it threw or gave an object where a text belongs\. .*loses the text of a thrown Error/);
    assert.match(text, /throw String\(error\.payload\?\.val \?\? error\)/);
  });

  it('says what the host had answered', () => {
    const refusal = { call: 'i2c.transfer', text: 'nothing answers at 0x44' };
    const { text } = said(starling('expected a string, received [object]'), { refusal });
    assert.match(text, /Before that, i2c\.transfer failed: nothing answers at 0x44\./);
  });

  it('is told with the line where StarlingMonkey tells it', () => {
    const { text } = said(starling('can\'t access property "foo", x is null', '  poll@guest.js:5:9\n  a@b.js:1:1'));
    assert.match(text, /^can't access property "foo", x is null \(guest\.js line 5, in poll\)/);
  });

  it('in QuickJS is told by the types', () => {
    const at = 'crates/runtime/src/call.rs:88:36';
    const bigint = said(panicked('expected number: FromJs { from: "big_int", to: "f64", message: None }', at));
    assert.match(bigint.text, /^it gave a BigInt where a number belongs\. Write Number\(…\)/);
    const object = said(panicked('expected string: FromJs { from: "object", to: "string", message: None }', at));
    assert.match(object.text, /^it gave an object where a string belongs\. Throw an Error or a text/);
    assert.match(said(panicked('expected array', at)).text, /^it gave something else where an array belongs\. Check/);
  });
});

describe('a crash in Python', () => {
  it('of a component without names of functions is told by what Python says', () => {
    const raised = (said: string) =>
      panicked(
        `called \`Result::unwrap()\` on an \`Err\` value: PyErr { type: <class 'TypeError'>, value: TypeError("${said}"), traceback: None }`,
      );
    assert.match(
      said(raised("'float' object cannot be interpreted as an integer")).text,
      /a float where an int belongs/,
    );
    assert.match(said(raised('must be real number, not str')).text, /a str where a number belongs/);
    assert.match(said(raised("'Foo' object is not an instance of 'str'")).text, /a Foo where a str belongs/);
  });

  it('in a library is told with the line of the library', () => {
    const { text } = said(
      `Traceback (most recent call last):\n  File "/0/app.py", line 9, in poll\n  File "/1/drivers/bme280.py", line 50, in read\n  File "/python/json/decoder.py", line 338, in decode\njson.decoder.JSONDecodeError: Expecting value${panicked('Python function threw an unexpected exception')}`,
    );
    assert.match(text, /^json\.decoder\.JSONDecodeError: Expecting value \(drivers\/bme280\.py line 50, in read\)/);
  });

  it('of memory is known as that, and not of a word that was printed', () => {
    const traceback = (exception: string) =>
      `MemoryError\nTraceback (most recent call last):\n  File "/0/app.py", line 9, in poll\n${exception}${panicked('Python function threw an unexpected exception')}`;
    assert.equal(said(traceback('MemoryError')).outOfMemory, true);
    assert.equal(said(traceback('ValueError: no')).outOfMemory, false);
  });
});

describe('a crash that nothing explains', () => {
  it('is what the engine says, with the last line that was written', () => {
    assert.match(said('').text, /^wasm trap: wasm `unreachable` instruction executed\. It wrote no reason to stderr/);
    assert.equal(said('', { trap: 'it ended itself' }).text, 'it ended itself');
    assert.equal(said('one\nabout to read\n\n').text, `about to read; ${UNREACHABLE}`);
  });
});

describe('what a hostile guest writes', () => {
  const texts = [
    '\\'.repeat(900),
    `called \`Result::unwrap()\` on an \`Err\` value: PyErr { type: <class 'X'>, value: X("${'\\'.repeat(800)}, traceback: `,
    `called \`Result::unwrap()\` on an \`Err\` value: CastError { from: ${', classinfo: <class '.repeat(40)}`,
    `  File "${'a", line 1, in '.repeat(60)}`,
    `\x1b]0;owned\x07\u202e${'\ud800'.repeat(800)}`,
    `panic: ${'\u2028'.repeat(890)}`,
  ];
  for (const [i, text] of texts.entries()) {
    it(`is read in no time and shown in few clean characters (${i})`, () => {
      const flood = Array.from({ length: 120 }, () => text).join('\n');
      for (const lines of [flood, panicked(flood), `${flood}\nStack:\nRedirecting call to abort() to mozalloc_abort`]) {
        const refusal = { call: 'i2c.transfer', text: 'x'.repeat(250) };
        const shown = said(lines, { trap: 'y'.repeat(500), refusal }).text;
        assert.ok(shown.length <= 900, `${shown.length} characters`);
        assert.doesNotMatch(shown, /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      }
    });
  }
});
