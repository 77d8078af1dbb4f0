/** Each case is a text and where its keys stand; the parser must accept every one of them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeyLines, type KeyPath } from '../../src/host-config/key-lines';
import { parse } from '../../src/host-config/toml';

interface Case {
  readonly promise: string;
  readonly lines: readonly string[];
  readonly keys: readonly (readonly [KeyPath, number])[];
}

const CASES: readonly Case[] = [
  {
    promise: 'a key in a table',
    lines: ['# comment', '[leds]', '', 'count = 1 # count = 2', 'driver = "spi"'],
    keys: [
      [['leds'], 2],
      [['leds', 'count'], 4],
      [['leds', 'driver'], 5],
    ],
  },
  {
    promise: 'dotted and quoted keys, with escapes and spaces',
    lines: ['sensors . dht22.gpio_pin = 4', '[plugins."my.sensor"]', "'a\"b' = 1", '"t\\u0061b" = 2'],
    keys: [
      [['sensors'], 1],
      [['sensors', 'dht22', 'gpio_pin'], 1],
      [['plugins', 'my.sensor', 'a"b'], 3],
      [['plugins', 'my.sensor', 'tab'], 4],
    ],
  },
  {
    promise: 'keys after strings of several lines that look like keys and tables',
    lines: ['a = """', '[x]', 'b = 1 \\""" # no end', '""""', "c = '''", "it's", '[y]', "'''", 'd = 4'],
    keys: [
      [['a'], 1],
      [['c'], 5],
      [['d'], 9],
    ],
  },
  {
    promise: 'inline tables, in one line and nested',
    lines: ['', 'signal = { mean = 22, "noise" = { of = [1, 2] } }', 'next = 1979-05-27 07:32:00', 'last = 1'],
    keys: [
      [['signal', 'mean'], 2],
      [['signal', 'noise', 'of'], 2],
      [['signal', 'noise', 'of', 1], 2],
      [['next'], 3],
      [['last'], 4],
    ],
  },
  {
    promise: 'entries of an array over several lines with comments',
    lines: ['i2c = [ # ]', '  "0x76", # , "', '  # "0x75",', '  "]",', ']', 'empty = []', 'spi = [', ']', 'fan = true'],
    keys: [
      [['i2c', 0], 2],
      [['i2c', 1], 4],
      [['empty'], 6],
      [['fan'], 9],
    ],
  },
  {
    promise: 'arrays of tables and the tables below them',
    lines: ['[[bus]]', 'id = 1', '[[bus]]', 'id = 2', '[bus.device]', 'name = "x"', '[[bus.pin]]', 'n = 1'],
    keys: [
      [['bus', 0, 'id'], 2],
      [['bus', 1, 'id'], 4],
      [['bus', 1, 'device', 'name'], 6],
      [['bus', 1, 'pin', 0, 'n'], 8],
    ],
  },
];

describe('the line of a key', () => {
  for (const { promise, lines, keys } of CASES) {
    for (const [ending, name] of [
      ['\n', 'LF'],
      ['\r\n', 'CRLF'],
    ] as const) {
      it(`is found for ${promise} (${name})`, () => {
        const text = lines.join(ending);
        parse(text);
        const found = new KeyLines(text);
        for (const [path, line] of keys) assert.equal(found.lineOf(path), line, path.join(' / '));
      });
    }
  }

  it('is that of its table for a key that is not there, and unknown for an unknown table', () => {
    const lines = new KeyLines('\n[leds]\ncount = 1\n');
    assert.equal(lines.lineOf(['leds', 'driver']), 2);
    assert.equal(lines.lineOf(['fan', 'gpio_pin']), undefined);
  });

  it('is counted from the first line of a file with a byte order mark', () => {
    assert.equal(new KeyLines('\ufeffa = 1\nb = 2').lineOf(['b']), 2);
    assert.equal(new KeyLines('\ufeffa = 1\nb = 2').lineOf(['a']), 1);
  });
});
