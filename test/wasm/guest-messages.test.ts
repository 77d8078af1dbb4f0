/** What the author of a Python plugin is told of a mistake: what happened, at which line where Python tells it, what to write. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { fixture, REPOSITORY } from './components';
import { Engine, poll, preparedOnce } from './engine';

const LIMIT = { timeout: 60_000 };
/** Longer than any message is: the log and a node's status have to hold it. */
const MAX_LENGTH = 900;
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
const RUST = /unwrap|PyErr|CastError|lib\.rs|wasm trap/;

const engine = new Engine({ after }, { loader: preparedOnce() });
afterEach(() => engine.closeGuests());

const GRANTS = {
  i2c: [
    { bus: 1, address: 0x44 },
    { bus: 1, address: 0x77 },
  ],
};

/** The error of a poll of this fixture with these settings. */
async function errorOf(name: string, settings: Readonly<Record<string, string>>, code: string): Promise<string> {
  const guest = await engine.start(fixture(name), { settings, grants: GRANTS });
  let message = '';
  await assert.rejects(poll(guest), (error: Error & { code?: string }) => {
    assert.equal(error.code, code, error.message);
    message = error.message;
    return true;
  });
  assert.match(message, /^guest(: | crashed and lost its state: )\S/);
  assert.ok(message.length <= MAX_LENGTH, `${message.length} characters`);
  assert.doesNotMatch(message, CONTROLS);
  assert.doesNotMatch(message, RUST);
  return message;
}

const TRAPS: readonly (readonly [fault: string, ...says: readonly RegExp[]])[] = [
  ['float-timestamp', /poll returned a float where an int from 0 to 18446744073709551615 belongs/, /Write int\(…\)/],
  ['negative-timestamp', /poll returned .* where an int from 0 to 18446744073709551615 belongs/, /negative/],
  ['tuple', /poll returned a tuple where a list belongs/, /Write \[…\]/],
  ['one-reading', /poll returned a Reading where a list belongs/, /Write \[Reading\(…\)\]/],
  ['generator', /poll returned a generator where a list belongs/, /Write list\(…\)/],
  ['dictionary', /poll returned a dict where a record belongs/, /timestamp_ms/, /generated class/],
  ['no-return', /poll returned None where a list belongs/, /return is missing/],
  ['returned-error', /poll returned an Err where a list belongs/, /Write raise Err\(…\), not return/],
  ['number-as-error', /poll returned, or raised in Err\(…\), an int where a str belongs/, /raise Err\(str\(…\)\)/],
  [
    'exception-as-error',
    /poll returned, or raised in Err\(…\), a ValueError where a str belongs/,
    /raise Err\(str\(…\)\)/,
  ],
  ['text-as-number', /poll returned a str where a number belongs/, /Write float\(…\)/],
  ['number-as-text', /an int where a str belongs/, /Write str\(…\)/],
  ['number-as-key', /called get with an int where a str belongs/, /Write str\(…\)/],
  ['half-a-character', /surrogates not allowed/, /poll returned/],
  [
    'late-import',
    /ModuleNotFoundError: No module named 'csv' \(mistakes\.py line \d+, in late_import\)/,
    /Import it at the top of the file.*resolved when the component is built/,
  ],
  [
    'exception',
    /ValueError: could not convert string to float: 'warm' \(mistakes\.py line \d+, in exception\)/,
    /Raise componentize_py_types\.Err with a text/,
  ],
  ['exception-of-many-lines', /ValueError: first second third \(mistakes\.py line \d+/],
  ['caused-exception', /RuntimeError: no temperature \(mistakes\.py line \d+, in caused_exception\)/],
  ['spoken-exception', /ValueError: +\[31mred x+…/, /in spoken_exception\)/],
  ['chatter', /ValueError: the real reason \(mistakes\.py line \d+, in chatter\)/],
  ['long-line', /ValueError: after a long line \(mistakes\.py line \d+, in long_line\)/],
  ['exit-with-text', /the sensor is gone; it ended itself \(exit status 1\)/],
];

describe('a mistake in a Python plugin', () => {
  for (const [fault, ...says] of TRAPS) {
    it(`is explained: ${fault}`, LIMIT, async () => {
      const message = await errorOf('faults', { fault }, 'PLUGIN_TRAPPED');
      for (const said of says) assert.match(message, said);
    });
  }

  it('is told with the line that Python names', LIMIT, async () => {
    const source = readFileSync(join(REPOSITORY, 'test', 'fixtures', 'guests', 'faults', 'app.py'), 'utf8');
    const line = source.split('\n').findIndex((each) => each.includes('raise RuntimeError')) + 1;
    const message = await errorOf('faults', { fault: 'trap' }, 'PLUGIN_TRAPPED');
    const place = `RuntimeError: this guest was told to fail (app.py line ${line}, in trap)`;
    assert.ok(message.includes(place), message);
  });

  it('is told when its error has no text', LIMIT, async () => {
    const message = await errorOf('faults', { fault: 'empty-error' }, 'PLUGIN_ERROR');
    assert.match(message, /returned an error with an empty text/);
    assert.match(message, /sentence/);
  });

  it('is not explained by what it printed in an earlier call', LIMIT, async () => {
    const guest = await engine.start(fixture('faults'), {
      settings: { fault: 'hard-exit', fault_at: '2', mutters: 'trying again' },
    });
    await poll(guest);
    await assert.rejects(poll(guest), { code: 'PLUGIN_TRAPPED', message: /lost its state: it ended itself/ });
  });
});

describe('what a device answered and a Python plugin did not catch', () => {
  const at = { address: '0x44' };

  it('is the reason', LIMIT, async () => {
    const message = await errorOf('i2c_reader', { ...at, mistake: 'uncaught' }, 'PLUGIN_TRAPPED');
    assert.match(message, /i2c\.transfer failed and the plugin did not catch it: nothing answers at I²C address 0x44/);
    assert.match(message, /except Err as failure: raise Err\(str\(failure\.value\)\)/);
  });

  it('is the reason too where a grant refused it', LIMIT, async () => {
    const message = await errorOf('i2c_reader', { address: '0x45', mistake: 'uncaught' }, 'PLUGIN_TRAPPED');
    assert.match(message, /i2c\.transfer failed and the plugin did not catch it: I²C address 0x45 is not granted/);
  });

  it('is told beside an exception that stands for it', LIMIT, async () => {
    const message = await errorOf('i2c_reader', { ...at, mistake: 'wrapped' }, 'PLUGIN_TRAPPED');
    assert.match(message, /RuntimeError: no value \(app\.py line \d+, in wrapped\)/);
    assert.match(message, /Before that, i2c\.transfer failed: nothing answers at I²C address 0x44/);
  });

  it('is told where its exception was raised again as the error', LIMIT, async () => {
    const message = await errorOf('i2c_reader', { ...at, mistake: 'passed-on' }, 'PLUGIN_TRAPPED');
    assert.match(message, /raised in Err\(…\), an Err where a str belongs/);
    assert.match(message, /i2c\.transfer failed: nothing answers at I²C address 0x44/);
  });
});

describe('bytes for a device from a Python plugin', () => {
  for (const [mistake, ...says] of [
    ['list', /called transfer with a list where bytes belong/, /Write bytes\(\[0xD0\]\)/],
    ['text', /called transfer with a str where bytes belong/, /Write bytes\(\[0xD0\]\)/],
    ['wide', /called transfer with an int.* where an int from 0 to 255 belongs/],
  ] as const) {
    it(`that are none are explained: ${mistake}`, LIMIT, async () => {
      const message = await errorOf('i2c_reader', { mistake }, 'PLUGIN_TRAPPED');
      for (const said of says) assert.match(message, said);
    });
  }
});
