/** What a guest does to itself, to its neighbours and to the host: real Python guests and crafted components. */
import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { type Guest, GuestCallError } from '../../src/guest-process/guest';
import { fixture, polling } from './components';
import { Engine, type GuestWishes, metricsOf, poll, preparedOnce } from './engine';

const LOGIC = 'test:test/logic';
const LIMIT = { timeout: 60_000 };
const SHORT_MS = 300;
const PATIENT_MS = 60_000;

const engine = new Engine({ after }, { loader: preparedOnce() });
afterEach(() => engine.closeGuests());

const faulty = (fault: string, wishes: GuestWishes = {}) =>
  engine.start(fixture('faults'), { ...wishes, settings: { fault, ...wishes.settings } });

async function crafted(type: string, module: string, options = '') {
  return engine.start(engine.file(await polling(type, module, options)));
}

/** The guest is dead for good, for this cause, and its thread is gone. */
async function assertDead(guest: Guest, code: string): Promise<void> {
  assert.equal(guest.alive, false);
  await assert.rejects(poll(guest), { code });
  await engine.threadsEnded();
}

describe('a guest', () => {
  it('keeps its globals from one call to the next', LIMIT, async () => {
    const guest = await engine.start(fixture('counter_v1'));
    for (const count of [1, 2, 3]) assert.equal(metricsOf(await poll(guest))['count'], count);
    guest.close();
  });

  it('shares nothing with another of the same component', LIMIT, async () => {
    const [one, other] = await Promise.all([engine.start(fixture('counter_v1')), engine.start(fixture('counter_v1'))]);
    await poll(one);
    await poll(one);
    assert.equal(metricsOf(await poll(other))['count'], 1);
    one.close();
    other.close();
    await engine.threadsEnded();
  });

  it('is asked one thing at a time', LIMIT, async () => {
    const guest = await engine.start(fixture('counter_v1'));
    const first = poll(guest);
    await assert.rejects(poll(guest), { code: 'POLL_BUSY' });
    assert.equal(metricsOf(await first)['count'], 1);
    assert.equal(metricsOf(await poll(guest))['count'], 2);
    guest.close();
  });

  it('goes on when it was given what cannot cross to its thread', LIMIT, async () => {
    const guest = await engine.start(fixture('counter_v1'));
    const uncloneable = guest.call(LOGIC, 'poll', [() => undefined], PATIENT_MS);
    await assert.rejects(uncloneable, { code: 'PLUGIN_INVALID', message: /could not cross/ });
    assert.equal(metricsOf(await poll(guest))['count'], 1);
    guest.close();
  });

  it('lives on after it returned an error, with its sentence as the message', LIMIT, async () => {
    const guest = await faulty('error');
    await assert.rejects(poll(guest), (error: unknown) => {
      assert.ok(error instanceof GuestCallError);
      assert.equal(error.code, 'PLUGIN_ERROR');
      assert.match(error.message, /the sensor is unplugged/);
      return true;
    });
    assert.equal(metricsOf(await poll(guest))['count'], 2);
    guest.close();
  });

  it('lives on after an error without a reason', LIMIT, async () => {
    const guest = await crafted(
      '(result (result))',
      '(global $n (mut i32) (i32.const 2)) (func (export "poll") (result i32) (global.set $n (i32.sub (global.get $n) (i32.const 1))) (global.get $n))',
    );
    await assert.rejects(guest.call(LOGIC, 'poll', [], PATIENT_MS), {
      code: 'PLUGIN_ERROR',
      message: /without a reason/,
    });
    assert.equal((await guest.call(LOGIC, 'poll', [], PATIENT_MS)).value, undefined);
    guest.close();
  });

  it('is ended when it is asked for what it does not export, which the error names', LIMIT, async () => {
    const guest = await engine.start(fixture('counter_v1'));
    await assert.rejects(guest.call('edge:plugin/absent@1.0.0', 'poll', [], PATIENT_MS), {
      code: 'PLUGIN_INVALID',
      message: /does not export edge:plugin\/absent@1\.0\.0 poll/,
    });
    await assertDead(guest, 'PLUGIN_INVALID');
  });

  it('may print a thousand lines: a screenful is kept, and how many were not is said', LIMIT, async () => {
    const guest = await faulty('print');
    engine.output.length = 0;
    assert.equal(metricsOf(await poll(guest))['count'], 1);
    assert.equal(engine.output[0], 'stdout: line 0 of a flood');
    const shown = engine.output.filter((line) => / of a flood$/.test(line)).length;
    const held = engine.output.map((line) => Number(/\((\d+) lines before this/.exec(line)?.[1] ?? 0));
    assert.equal(shown + held.reduce((sum, lines) => sum + lines, 0), 1_000);
    assert.ok(shown < 100, `${shown} lines were passed on`);
    guest.close();
  });

  it('passes numbers and texts on as they are: whoever reads them checks them', LIMIT, async () => {
    const guest = await faulty('garbage');
    assert.equal(JSON.stringify(await poll(guest), withoutBigints).includes('__proto__'), true);
    guest.close();
  });

  it('may answer with a page, and not with more than the caller can take in at once', LIMIT, async () => {
    const text = (bytes: number) =>
      crafted(
        '(result string)',
        `(memory (export "memory") 100) (func (export "poll") (result i32)
           (memory.fill (i32.const 8) (i32.const 65) (i32.const ${bytes}))
           (i32.store (i32.const 0) (i32.const 8)) (i32.store (i32.const 4) (i32.const ${bytes})) (i32.const 0))`,
        ' (memory (core memory $i "memory"))',
      );
    const page = await text(1_000_000);
    assert.equal((await page.call(LOGIC, 'poll', [], PATIENT_MS)).value, 'A'.repeat(1_000_000));
    page.close();
    const flood = await text(5_000_000);
    await assert.rejects(flood.call(LOGIC, 'poll', [], PATIENT_MS), {
      code: 'PLUGIN_ERROR',
      message: /returned more than the 2097152 bytes an answer may have \(a fixed limit\)/,
    });
    assert.equal(flood.alive, true);
    flood.close();
  });
});

describe('a guest that does not come back', () => {
  for (const fault of ['spin', 'sleep']) {
    it(`because of ${fault} is ended at its deadline, its thread with it, and a fresh one works`, LIMIT, async () => {
      const guest = await faulty(fault);
      await assert.rejects(poll(guest, SHORT_MS), {
        code: 'PLUGIN_DEADLINE',
        message: /guest did not answer within 300 ms.*deadline_ms in \[plugins\.guest\.limits\] of host\.toml/,
      });
      await assertDead(guest, 'PLUGIN_DEADLINE');
      const fresh = await engine.start(fixture('faults'));
      assert.equal(metricsOf(await poll(fresh))['count'], 1);
      fresh.close();
    });
  }

  it('is ended by close, and the call under way says so', LIMIT, async () => {
    const guest = await faulty('spin');
    const call = assert.rejects(poll(guest), { code: 'RUNTIME_CLOSED' });
    guest.close();
    await call;
    guest.close();
    await assertDead(guest, 'RUNTIME_CLOSED');
  });
});

describe('a guest that loses its instance', () => {
  for (const [fault, message] of [
    ['trap', /crashed and lost its state: .*RuntimeError: this guest was told to fail/],
    ['exit', /lost its state: /],
    ['hard-exit', /lost its state: /],
    ['recurse', /lost its state: /],
  ] as const) {
    it(`by ${fault} is dead with PLUGIN_TRAPPED and leaves no thread`, LIMIT, async () => {
      const guest = await faulty(fault);
      await assert.rejects(poll(guest), { code: 'PLUGIN_TRAPPED', message });
      await assertDead(guest, 'PLUGIN_TRAPPED');
    });
  }

  it('by filling its memory is dead with PLUGIN_MEMORY, and told which limit to raise', LIMIT, async () => {
    const guest = await faulty('memory');
    await assert.rejects(poll(guest), {
      code: 'PLUGIN_MEMORY',
      message: /memory_mb in \[plugins\.guest\.limits\] of host\.toml/,
    });
    await assertDead(guest, 'PLUGIN_MEMORY');
  });

  it('in the fifth call had four that worked', LIMIT, async () => {
    const guest = await faulty('trap', { settings: { fault_at: '5' } });
    for (const count of [1, 2, 3, 4]) assert.equal(metricsOf(await poll(guest))['count'], count);
    await assert.rejects(poll(guest), { code: 'PLUGIN_TRAPPED' });
    await assertDead(guest, 'PLUGIN_TRAPPED');
  });

  for (const [what, module] of [
    ['unreachable code', '(func (export "poll") (result i32) unreachable)'],
    ['endless recursion', '(func $poll (export "poll") (result i32) call $poll)'],
    ['a division by zero', '(func (export "poll") (result i32) (i32.div_s (i32.const 1) (i32.const 0)))'],
    ['memory it does not have', '(memory 1) (func (export "poll") (result i32) (i32.load (i32.const 65536)))'],
  ] as const) {
    it(`by ${what} is dead with PLUGIN_TRAPPED`, LIMIT, async () => {
      const guest = await crafted('(result u32)', module);
      await assert.rejects(guest.call(LOGIC, 'poll', [], PATIENT_MS), { code: 'PLUGIN_TRAPPED' });
      await assertDead(guest, 'PLUGIN_TRAPPED');
    });
  }

  it('leaves a neighbour’s call untouched, whatever it does', LIMIT, async () => {
    const neighbour = await engine.start(fixture('counter_v1'));
    let polls = 0;
    for (const fault of ['spin', 'trap', 'memory', 'hard-exit']) {
      const guest = await faulty(fault);
      const end = assert.rejects(poll(guest, fault === 'spin' ? SHORT_MS : PATIENT_MS));
      assert.equal(metricsOf(await poll(neighbour))['count'], polls + 1);
      await end;
      assert.equal(metricsOf(await poll(neighbour))['count'], polls + 2);
      polls += 2;
    }
    neighbour.close();
    await engine.threadsEnded();
  });
});

function withoutBigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
