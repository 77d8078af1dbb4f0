/** What a guest prints reaches the log in lines, and no faster than a person can read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OutputLines } from '../../src/wasm/wasi/output-lines';

function printer() {
  const shown: string[] = [];
  const clock = { now: 1_000 };
  const lines = new OutputLines(
    (stream, line) => shown.push(`${stream}: ${line}`),
    () => clock.now,
  );
  const print = (text: string | Uint8Array, stream: 'stdout' | 'stderr' = 'stdout') =>
    lines.write(stream, typeof text === 'string' ? Buffer.from(text) : text);
  return { shown, clock, lines, print };
}

const numbered = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => `line ${from + i}\n`).join('');

describe('what a guest prints', () => {
  it('is shown line by line, each stream for itself, however it was cut', () => {
    const { shown, print } = printer();
    print('one\r\ntw');
    print('oops\n', 'stderr');
    print('o\n');
    assert.deepEqual(shown, ['stdout: one', 'stderr: oops', 'stdout: two']);
  });

  it('keeps letters whose bytes came in two pieces', () => {
    const { shown, print } = printer();
    const bytes = Buffer.from('21 °C\n');
    print(bytes.subarray(0, 4));
    print(bytes.subarray(4));
    assert.deepEqual(shown, ['stdout: 21 °C']);
  });

  it('is shown without a line end too, when the call is over', () => {
    const { shown, lines, print } = printer();
    print('no end');
    assert.deepEqual(shown, []);
    lines.flush();
    lines.flush();
    assert.deepEqual(shown, ['stdout: no end']);
  });

  it('is cut where a line is too long', () => {
    const { shown, print } = printer();
    print(`${'x'.repeat(10_000)}\n`);
    assert.equal(shown[0], `stdout: ${'x'.repeat(500)}…`);
  });

  it('does not pile up when a line never ends', () => {
    const { shown, lines, print } = printer();
    for (let i = 0; i < 1_000; i += 1) print('y'.repeat(1_000));
    lines.flush();
    assert.equal(shown.length, 1);
    assert.ok((shown[0] ?? '').length <= 'stdout: '.length + 501);
  });

  it('is held back after a burst, and how much was is said', () => {
    const { shown, clock, print } = printer();
    print(numbered(0, 1_000));
    assert.equal(shown.length, 50);
    clock.now += 1_000;
    print(numbered(1_000, 20));
    assert.equal(
      shown[50],
      'stderr: (950 lines before this one were not shown: at most 50 at once and 10 a second are, a fixed limit)',
    );
    assert.deepEqual(shown.slice(51, 53), ['stdout: line 1000', 'stdout: line 1001']);
    assert.equal(shown.length, 51 + 10);
  });

  it('may burst again after a pause, but no longer than before', () => {
    const { shown, clock, print } = printer();
    print(numbered(0, 50));
    clock.now += 3_600_000;
    print(numbered(50, 100));
    assert.equal(shown.length, 100);
  });

  it('is shown as before where the clock of the machine is set back', (t) => {
    const clock = { now: 86_400_000 };
    t.mock.method(Date, 'now', () => clock.now);
    const shown: string[] = [];
    const lines = new OutputLines((_, line) => shown.push(line));
    lines.write('stdout', Buffer.from('before\n'));
    clock.now = 0;
    lines.write('stdout', Buffer.from('after\n'));
    assert.deepEqual(shown, ['before', 'after']);
  });

  it('is remembered for whoever explains a crash, also what was too much to show: the newest of stderr', () => {
    const { lines, print } = printer();
    print(numbered(0, 500), 'stderr');
    print('RuntimeError: told to fail\n', 'stderr');
    print('of no use\n');
    assert.equal(lines.recent().at(-1), 'RuntimeError: told to fail');
    assert.equal(lines.recent()[0], 'line 245');
    lines.forget();
    assert.deepEqual(lines.recent(), []);
  });

  it('is remembered by its beginning and its end where a line is too long, however it came', () => {
    for (const pieces of [1, 7]) {
      const { lines, print } = printer();
      const text = `from: (${'x'.repeat(100_000)}), classinfo: <class 'list'> }`;
      const size = Math.ceil(text.length / pieces);
      for (let at = 0; at < text.length; at += size) print(text.slice(at, at + size), 'stderr');
      print('\n', 'stderr');
      const [line = ''] = lines.recent();
      assert.match(line, /^from: \(x+…x+\), classinfo: <class 'list'> \}$/);
      assert.ok(line.length < 1_000, `${line.length}`);
    }
  });
});
