import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LogLine, LogLines } from '../../src/readings/log-lines';

function line(text: string): LogLine {
  return { at: 1, level: 'info', plugin: 'dht22', text };
}

function kept(text: string): string {
  return new LogLines().add(line(text)).text;
}

describe('the log lines', () => {
  it('are the last 200, oldest first', () => {
    const log = new LogLines();
    for (let at = 0; at < 203; at++) log.add(line(`line ${at}`));
    const lines = log.lines();
    assert.equal(lines.length, 200);
    assert.equal(lines[0]?.text, 'line 3');
    assert.equal(lines[199]?.text, 'line 202');
  });

  it('keep level, plugin and time, and cannot be changed', () => {
    const log = new LogLines();
    log.add({ at: 7, level: 'warn', text: 'x' });
    assert.deepEqual(log.lines(), [{ at: 7, level: 'warn', text: 'x' }]);
    assert.ok(Object.isFrozen(log.lines()[0]));
  });

  it('cannot forge a second line, color a terminal or turn text around', () => {
    assert.equal(kept('a\r\n[error] forged\u2028b'), 'a [error] forged b');
    assert.equal(kept('\u001b[31mred\u0007\u0000\u009b'), '[31mred');
    assert.equal(kept('a\u202egnp.exe'), 'a gnp.exe');
  });

  it('leave readable text alone', () => assert.equal(kept('Fühler: 21,5 °C — 温度 🌡'), 'Fühler: 21,5 °C — 温度 🌡'));

  it('are cut where they are long, never in the middle of a character', () => {
    assert.equal(kept('x'.repeat(1_000)).length, 1_000);
    assert.equal(kept('x'.repeat(1_001)), `${'x'.repeat(999)}…`);
    assert.equal(kept('🌡'.repeat(100_000)), `${'🌡'.repeat(499)}…`);
    assert.equal(kept(`${'\n'.repeat(5_000)}x`), '…');
  });

  it('keeps the line ends of lines of host.toml, which the host writes, and of nothing else', () => {
    const lines = new LogLines();
    const hostToml = '[plugins.mine.grants]\nfan = true\u202e\r';
    const { text } = lines.add({ at: 0, level: 'error', text: 'a guest says\n[plugins.mine.grants]' }, hostToml);
    assert.equal(text, 'a guest says [plugins.mine.grants]\n[plugins.mine.grants]\nfan = true ');
  });

  it('leaves lines of host.toml out where they are too long, as half of them would be another file', () => {
    const lines = new LogLines();
    const { text } = lines.add({ at: 0, level: 'error', text: 'denied' }, `uart = ["${'x'.repeat(9_000)}"]`);
    assert.match(text, /^denied \(they are too many for the log/);
  });
});
