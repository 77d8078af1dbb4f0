/** What Python code finds when it looks around: the clock, random bytes and print, and nothing else. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fixture } from './components';
import { Engine, metricsOf, poll, preparedOnce } from './engine';

const engine = new Engine({ after }, { loader: preparedOnce() });
/** What came of each attempt of test/fixtures/guests/faults/snoops.py: `: what it got` or `! error`. */
const outcomes = new Map<string, string>();

before(async () => {
  const guest = await engine.start(fixture('faults'), { settings: { fault: 'snoop' } });
  const { attempts } = metricsOf(await poll(guest));
  for (const line of engine.output) {
    const [, name = '', outcome = ''] = /^stdout: ([a-z]+)([:!].*)$/.exec(line) ?? [];
    outcomes.set(name, outcome);
  }
  assert.equal(outcomes.size, attempts, engine.output.join('\n'));
  await guest.close();
});

describe('a guest in its sandbox', () => {
  for (const [attempt, expected] of [
    ['environment', /^: \{\}$/],
    ['arguments', /^: \[\]$/],
    ['stdin', /^: ''$/],
  ] as const) {
    it(`finds its ${attempt} empty`, () => assert.match(outcomes.get(attempt) ?? '', expected));
  }

  for (const attempt of ['list', 'here', 'read', 'proc', 'write', 'mkdir']) {
    it(`has no file system: ${attempt}`, () => assert.match(outcomes.get(attempt) ?? '', /^! .*Error/));
  }

  for (const attempt of ['tcp', 'udp', 'listen', 'resolve']) {
    it(`has no network: ${attempt}`, () => assert.match(outcomes.get(attempt) ?? '', /^! .*[Ee]rror/));
  }

  for (const attempt of ['process', 'thread', 'kill']) {
    it(`has no machine: ${attempt}`, () => assert.match(outcomes.get(attempt) ?? '', /^! .*Error/));
  }

  it('knows the time, no finer than a millisecond', () => {
    assert.equal(outcomes.get('year'), `: ${new Date().getUTCFullYear()}`);
    const step = Number((outcomes.get('step') ?? '').slice(2));
    assert.ok(step >= 1_000 && step % 1_000 === 0, `a step of ${step} µs`);
  });

  it('has random bytes', () => {
    assert.equal(outcomes.get('urandom'), ': 16');
    assert.equal(outcomes.get('random'), ': True');
  });
});
