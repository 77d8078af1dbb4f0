import assert from 'node:assert/strict';
import { describe, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { WasiError } from '../../src/errors/wasi-error';
import { promise } from '../support/promise';
import { until } from '../support/until';
import { NONE_BUNDLED, TestRuntime } from './test-runtime';

const DAY_MS = 86_400_000;

/** A plugin `faults` that misbehaves at poll number `at` of each instance, beside a well-behaved counter. */
function openFaulty(t: TestContext, fault: string, at: number, limits = ''): Promise<TestRuntime> {
  const toml = `${NONE_BUNDLED}
    [plugins.counter]
    [plugins.faults.settings]
    fault = "${fault}"
    fault_at = ${at}
    [plugins.faults.limits]
    ${limits}`;
  return TestRuntime.open(t, toml, { faults: 'faults', counter: 'counter_v1' });
}

function codeOf(error: unknown): string {
  return error instanceof WasiError ? error.code : `not a WasiError: ${String(error)}`;
}

async function outcome(poll: Promise<unknown>): Promise<string> {
  return poll.then(
    () => 'answered',
    (error: unknown) => codeOf(error),
  );
}

/** The machine's clock, which somebody sets. */
function machineClock(t: TestContext): { aheadMs: number } {
  const clock = { aheadMs: 0 };
  const { now } = Date;
  t.mock.method(Date, 'now', () => now() + clock.aheadMs);
  return clock;
}

const LOSSES: readonly { fault: string; code: string; limits?: string; message: RegExp }[] = [
  { fault: 'spin', code: 'PLUGIN_DEADLINE', limits: 'deadline_ms = 400', message: /deadline_ms in \[plugins\.faults/ },
  { fault: 'trap', code: 'PLUGIN_TRAPPED', message: /this guest was told to fail/ },
  { fault: 'memory', code: 'PLUGIN_MEMORY', limits: 'memory_mb = 48', message: /memory_mb in \[plugins\.faults/ },
];

describe('a guest that is lost', () => {
  for (const { fault, code, limits, message } of LOSSES) {
    promise(`(${fault}) fails with ${code}; others are polled meanwhile, and its next poll works`, async (t) => {
      const host = await openFaulty(t, fault, 2, limits);
      assert.deepEqual(await host.poll('faults'), { count: 1 });
      await host.poll('counter');
      let over = false;
      const failing = assert.rejects(host.poll('faults'), { code, message }).finally(() => {
        over = true;
      });
      let others = 1;
      while (!over) {
        others += 1;
        assert.equal((await host.poll('counter'))['count'], others);
        // A pause, so that both processors are not taken from what is lost and started anew meanwhile.
        await pause(1);
      }
      await failing;
      const meanwhile = others - 1;
      assert.ok(meanwhile >= (code === 'PLUGIN_DEADLINE' ? 10 : 1), `${meanwhile} polls of the counter meanwhile`);
      assert.deepEqual(await host.poll('faults'), { count: 1 });
      const { polls, failures, lastError } = host.plugin('faults');
      assert.deepEqual({ polls, failures, code: lastError?.code }, { polls: 2, failures: 1, code });
    });
  }

  promise('again and again rests between its tries, says for how long, and is tried again', async (t) => {
    const host = await openFaulty(t, 'trap', 1);
    assert.equal(await outcome(host.poll('faults')), 'PLUGIN_TRAPPED');
    assert.equal(await outcome(host.poll('faults')), 'PLUGIN_TRAPPED', 'after the first loss it is tried at once');
    await assert.rejects(host.poll('faults'), {
      code: 'PLUGIN_BACKOFF',
      message: /faults failed 2 times and rests for 1 s more\. Last: .*told to fail/,
    });
    assert.equal(host.plugin('faults').state, 'backing-off');
    const again = await until(async () => {
      const code = await outcome(host.poll('faults'));
      return code !== 'PLUGIN_BACKOFF' && code;
    });
    assert.equal(again, 'PLUGIN_TRAPPED');
    await assert.rejects(host.poll('faults'), { code: 'PLUGIN_BACKOFF', message: /failed 3 times and rests for 2 s/ });
  });

  promise('rests as long as before where the clock of the machine is set back meanwhile', async (t) => {
    const clock = machineClock(t);
    const host = await openFaulty(t, 'trap', 1);
    for (const code of ['PLUGIN_TRAPPED', 'PLUGIN_TRAPPED']) assert.equal(await outcome(host.poll('faults')), code);
    clock.aheadMs = -DAY_MS;
    await assert.rejects(host.poll('faults'), { code: 'PLUGIN_BACKOFF', message: /rests for 1 s more/ });
    await pause(1_000);
    assert.equal(await outcome(host.poll('faults')), 'PLUGIN_TRAPPED');
  });

  promise('and rests is replaced by another file at once', async (t) => {
    const host = await openFaulty(t, 'trap', 1);
    for (const code of ['PLUGIN_TRAPPED', 'PLUGIN_TRAPPED', 'PLUGIN_BACKOFF'])
      assert.equal(await outcome(host.poll('faults')), code);
    host.copyIn('faults', 'counter_v2');
    assert.deepEqual(await host.poll('faults'), { count: 1, version: 2 });
  });

  promise('takes the poll that waited behind it to the fresh instance', async (t) => {
    const host = await openFaulty(t, 'trap', 2);
    await host.poll('faults');
    const [lost, waited] = await Promise.all([outcome(host.poll('faults')), host.poll('faults')]);
    assert.equal(lost, 'PLUGIN_TRAPPED');
    assert.deepEqual(waited, { count: 1 });
  });
});

describe('a guest that lives on', () => {
  promise('after an error: PLUGIN_ERROR with its words, and the next poll goes on from there', async (t) => {
    const host = await openFaulty(t, 'error', 2);
    await host.poll('faults');
    await assert.rejects(host.poll('faults'), { code: 'PLUGIN_ERROR', message: 'faults: the sensor is unplugged' });
    assert.equal(host.plugin('faults').state, 'ready');
    assert.deepEqual(await host.poll('faults'), { count: 3 });
  });

  promise('after a flood of output: its poll works, and the log holds a screen of it', async (t) => {
    const host = await openFaulty(t, 'print', 1);
    assert.deepEqual(await host.poll('faults'), { count: 1 });
    assert.deepEqual(await host.poll('faults'), { count: 2 });
    const flood = host.log.filter((line) => line.plugin === 'faults' && /of a flood/.test(line.text));
    assert.ok(flood.length >= 50 && flood.length < 100, `${flood.length} lines`);
  });

  promise('after garbage: what is no reading never leaves the host', async (t) => {
    const host = await openFaulty(t, 'garbage', 1);
    const outcomeOfPoll = await host.runtime.poll('faults');
    assert.ok(outcomeOfPoll.kind === 'polled');
    const [reading] = outcomeOfPoll.readings;
    assert.equal(reading?.sensorId, '../');
    assert.deepEqual(Object.entries(reading?.values ?? {}), [['__proto__', 1]]);
    assert.ok(Number.isFinite(new Date(reading?.timestamp ?? Number.NaN).getTime()));
    assert.deepEqual(await host.poll('faults'), { count: 2 });
  });
});
