import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Journal, readingText } from '../../src/runtime/journal';
import type { LogLine } from '../../src/runtime-api/runtime-api';
import { parsed } from '../host-config/host-toml';
import { readingOf } from '../readings/reading-of';

const LEVELS = ['error', 'warn', 'info', 'debug', 'trace'] as const;

function journal(level: string): { journal: Journal; sink: LogLine[] } {
  const sink: LogLine[] = [];
  return { journal: new Journal(parsed(`[logging]\nlevel = "${level}"`), (line) => sink.push(line)), sink };
}

describe('what the runtime says', () => {
  for (const [at, level] of LEVELS.entries()) {
    it(`goes to both logs from the level that is configured (${level})`, () => {
      const { journal: written, sink } = journal(level);
      for (const each of LEVELS) written.write(each, each);
      assert.deepEqual(
        sink.map(({ text }) => text),
        LEVELS.slice(0, at + 1),
      );
      assert.deepEqual(written.lines(), sink);
    });
  }

  it('names the plugin it is about, if any, and is clean text in both', () => {
    const { journal: written, sink } = journal('info');
    written.write('info', 'one\n\x1b[2Jtwo', 'dht22');
    written.write('info', 'nobody');
    assert.deepEqual(
      sink.map(({ text, plugin }) => [text, plugin]),
      [
        ['one [2Jtwo', 'dht22'],
        ['nobody', undefined],
      ],
    );
    assert.ok(!('plugin' in (sink[1] ?? {})));
  });
});

describe('a reading in the log', () => {
  it('is one line of its values with units, rounded to what people read', () => {
    const reading = readingOf({ values: { temperature: 21.456789, humidity: 40, note: 'open' } });
    assert.equal(readingText(reading), 'room: temperature 21.46 °C, humidity 40 %, note open');
  });
});
