/** A new file of a plugin that runs: who answers while it is prepared, and what happens when anything comes between. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WasiError } from '../../src/errors/wasi-error';
import { pluginConfig } from '../../src/host-config/plugin-tables';
import { Plugin } from '../../src/plugin-host/plugin';
import { HostedCallError, type RunningGuest, type StartOptions } from '../../src/plugin-host/running-guest';
import { configOf, POLL, PROBE, probe, returned, surroundings } from './probes';

const HAND_OVER = 'edge:plugin/hand-over@1.0.0';
const LIMIT = { timeout: 30_000 };

class Held<T> {
  resolve: (value: T) => void = () => undefined;
  reject: (error: Error) => void = () => undefined;
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** A start that ends when the test says so. */
interface Start {
  readonly key: string;
  readonly options: StartOptions;
  readonly held: Held<RunningGuest | 'unchanged'>;
}

/** A plugin whose file, starts and guests the test has in its hands. What happens is written into `events`, in its order. */
class Bench {
  key = 'old';
  /** A look at the file takes until this has settled. */
  looking = Promise.resolve();
  readonly events: string[] = [];
  readonly log: string[] = [];
  readonly starts: Start[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly plugin = new Plugin(
    pluginConfig(configOf(''), 'probe'),
    surroundings(
      (_, { key }, options) => {
        const held = new Held<RunningGuest | 'unchanged'>();
        options.signal.addEventListener('abort', () => held.reject(new WasiError('RUNTIME_CLOSED', 'closed')));
        this.starts.push({ key, options, held });
        for (const resolve of this.#waiting.splice(0)) resolve();
        return held.promise;
      },
      {
        locate: async () => {
          await this.looking;
          return { ...PROBE, key: this.key };
        },
        log: (_plugin, level, text) => this.log.push(`${level} ${text}`),
        // Long after its file was written: it is not being copied.
        now: () => 1_000_000,
      },
    ),
  );

  async start(number: number): Promise<Start> {
    for (;;) {
      const found = this.starts[number];
      if (found) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  guest(name: string, others: Partial<RunningGuest> = {}): RunningGuest {
    const say = async (func: string) => {
      this.events.push(`${name} ${func}`);
      return returned(name);
    };
    return {
      ...probe(() => say('poll')),
      digest: name,
      call: (_, func) => say(func),
      close: async () => void this.events.push(`${name} closed`),
      ...others,
    };
  }

  async poll(): Promise<string> {
    const { value } = await this.plugin.call(POLL, String);
    return String(value);
  }

  /** With a guest `old` that answered. */
  async running(old = this.guest('old')): Promise<this> {
    const first = this.poll();
    (await this.start(0)).held.resolve(old);
    await first;
    return this;
  }

  /** A new file is there, and was noticed. */
  async reloading(key = 'new', start = 1): Promise<Start> {
    this.key = key;
    void this.plugin.refresh();
    return this.start(start);
  }

  /** The successor is there, or is not: all that follows from that without anybody's doing. */
  async settled(): Promise<void> {
    await this.plugin.refresh();
  }
}

describe('while a new file is prepared', () => {
  it('polls are answered by the instance that runs, and by the new one as soon as it is there', LIMIT, async () => {
    const bench = await new Bench().running();
    const { held } = await bench.reloading();
    for (let poll = 0; poll < 5; poll += 1) assert.equal(await bench.poll(), 'old');
    assert.equal(bench.plugin.state, 'reloading');
    held.resolve(bench.guest('new'));
    await bench.settled();
    assert.equal(await bench.poll(), 'new');
    assert.deepEqual(bench.events.slice(-3), ['old poll', 'old closed', 'new poll']);
    assert.deepEqual(bench.log, ['info a new file took over']);
    await bench.plugin.close();
  });

  it('a poll that finds it first waits for nothing either', LIMIT, async () => {
    const bench = await new Bench().running();
    bench.key = 'new';
    assert.equal(await bench.poll(), 'old');
    await bench.start(1);
    assert.equal(await bench.poll(), 'old');
    await bench.plugin.close();
  });

  it('a poll does not even wait for the look whether there is one', LIMIT, async () => {
    const bench = await new Bench().running();
    const look = new Held<void>();
    bench.looking = look.promise;
    bench.key = 'new';
    for (let poll = 0; poll < 3; poll += 1) assert.equal(await bench.poll(), 'old');
    assert.equal(bench.starts.length, 1);
    look.resolve();
    const { key } = await bench.start(1);
    assert.equal(key, 'new');
    await bench.plugin.close();
  });

  it('a fresh instance that was asked for does not stop polls either', LIMIT, async () => {
    const bench = await new Bench().running();
    bench.plugin.renew();
    const { held } = await bench.start(1);
    assert.equal(await bench.poll(), 'old');
    held.resolve(bench.guest('fresh'));
    await bench.settled();
    assert.equal(await bench.poll(), 'fresh');
    assert.deepEqual(bench.log, ['info a fresh instance took over']);
    await bench.plugin.close();
  });

  it(
    'the poll under way ends before the new one takes over, and the one that waits is the new one’s',
    LIMIT,
    async () => {
      const bench = new Bench();
      const answer = new Held<void>();
      const slow = bench.guest('old', {
        call: async () => {
          bench.events.push('old poll');
          if (bench.plugin.counts.polls > 0) await answer.promise;
          return returned('old');
        },
      });
      await bench.running(slow);
      const [underWay, waiting] = [bench.poll(), bench.poll()];
      const { held } = await bench.reloading();
      held.resolve(bench.guest('new'));
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(bench.plugin.state, 'polling');
      answer.resolve();
      assert.deepEqual(await Promise.all([underWay, waiting]), ['old', 'new']);
      await bench.settled();
      assert.ok(bench.events.includes('old closed'));
      await bench.plugin.close();
    },
  );

  it('a second new file takes over after it, without anybody’s poll', LIMIT, async () => {
    const bench = await new Bench().running();
    const { held } = await bench.reloading();
    bench.key = 'newer';
    void bench.plugin.refresh();
    void bench.plugin.refresh();
    held.resolve(bench.guest('new'));
    const second = await bench.start(2);
    assert.equal(second.key, 'newer');
    assert.equal(await bench.poll(), 'new');
    second.held.resolve(bench.guest('newer'));
    await bench.settled();
    assert.equal(await bench.poll(), 'newer');
    assert.equal(bench.starts.length, 3);
    await bench.plugin.close();
  });
});

describe('a new file that cannot be used', () => {
  it('leaves the old one answering, and is said once', LIMIT, async () => {
    const bench = await new Bench().running();
    const { held } = await bench.reloading();
    assert.equal(await bench.poll(), 'old');
    held.reject(new WasiError('PLUGIN_INVALID', 'probe is no component'));
    await bench.settled();
    for (let poll = 0; poll < 3; poll += 1) assert.equal(await bench.poll(), 'old');
    await bench.settled();
    assert.deepEqual(bench.log, [
      'warn its new file cannot be used and the old one goes on. PLUGIN_INVALID: probe is no component',
    ]);
    assert.equal(bench.plugin.state, 'ready');
    assert.equal(bench.starts.length, 2);
    await bench.plugin.close();
  });

  it('is said while a poll is under way, which is answered', LIMIT, async () => {
    const bench = new Bench();
    const answer = new Held<void>();
    await bench.running(
      bench.guest('old', {
        call: async () => {
          if (bench.plugin.counts.polls > 0) await answer.promise;
          return returned('old');
        },
      }),
    );
    const underWay = bench.poll();
    const { held } = await bench.reloading();
    held.reject(new WasiError('PLUGIN_INVALID', 'probe is no component'));
    await bench.settled();
    assert.deepEqual([bench.plugin.state, bench.log.length], ['polling', 1]);
    answer.resolve();
    assert.equal(await underWay, 'old');
    assert.equal(bench.plugin.state, 'ready');
    await bench.plugin.close();
  });
});

/** A guest that traps at its next poll. */
function trapping(bench: Bench, from: number, before: () => Promise<void> = async () => undefined): RunningGuest {
  let alive = true;
  return {
    ...bench.guest('old'),
    get alive() {
      return alive;
    },
    call: async () => {
      if (bench.plugin.counts.polls < from) return returned('old');
      await before();
      alive = false;
      throw new HostedCallError({ code: 'PLUGIN_TRAPPED', message: 'probe trapped' }, returned('').effects, false);
    },
  };
}

describe('an instance that is lost while its successor is prepared', () => {
  it('is followed by it: the next poll waits for it', LIMIT, async () => {
    const bench = new Bench();
    await bench.running(trapping(bench, 1));
    const { held } = await bench.reloading();
    await assert.rejects(bench.poll(), { code: 'PLUGIN_TRAPPED' });
    const next = bench.poll();
    held.resolve(bench.guest('new'));
    assert.equal(await next, 'new');
    await bench.settled();
    assert.equal(bench.starts.length, 2, 'it was started twice');
    assert.equal(bench.plugin.state, 'ready');
    await bench.plugin.close();
  });

  it('is followed by it where that was ready already, while one poll waits behind the lost one', LIMIT, async () => {
    const bench = new Bench();
    const answer = new Held<void>();
    await bench.running(trapping(bench, 1, () => answer.promise));
    const underWay = assert.rejects(bench.poll(), { code: 'PLUGIN_TRAPPED' });
    const waiting = bench.poll();
    const { held } = await bench.reloading();
    held.resolve(bench.guest('new'));
    await new Promise((resolve) => setImmediate(resolve));
    answer.resolve();
    await underWay;
    assert.equal(await waiting, 'new');
    await bench.plugin.close();
  });

  it('not for the first time is followed by it without the rest that losses bring', LIMIT, async () => {
    const bench = new Bench();
    const trapped = () => assert.rejects(bench.poll(), { code: 'PLUGIN_TRAPPED' });
    const first = trapped();
    (await bench.start(0)).held.resolve(trapping(bench, 0));
    await first;
    (await bench.start(1)).held.resolve(trapping(bench, 0));
    await bench.settled();
    const { held } = await bench.reloading('new', 2);
    await trapped();
    assert.equal(bench.plugin.state, 'backing-off');
    const next = bench.poll();
    held.resolve(bench.guest('new'));
    assert.equal(await next, 'new');
    assert.equal(bench.starts.length, 3);
    await bench.plugin.close();
  });

  it('is lost for good where the new file cannot be used, and says why', LIMIT, async () => {
    const bench = new Bench();
    await bench.running(trapping(bench, 1));
    const { held } = await bench.reloading();
    await assert.rejects(bench.poll(), { code: 'PLUGIN_TRAPPED' });
    const next = bench.poll();
    held.reject(new WasiError('PLUGIN_INVALID', 'probe is no component'));
    (await bench.start(2)).held.reject(new WasiError('PLUGIN_INVALID', 'probe is no component'));
    await assert.rejects(next, { code: 'PLUGIN_INVALID' });
    assert.equal(bench.plugin.state, 'backing-off');
    assert.deepEqual(bench.log, ['error PLUGIN_INVALID: probe is no component']);
    await bench.plugin.close();
  });
});

describe('an instance that could not be given what a call was to give it', () => {
  it('is ended, since another one takes its place', LIMIT, async () => {
    const bench = new Bench();
    const unsendable = async () => {
      if (bench.plugin.counts.polls > 0) throw new WasiError('PLUGIN_INVALID', 'it is too much');
      return returned('old');
    };
    await bench.running(bench.guest('old', { call: unsendable }));
    await assert.rejects(bench.poll(), { code: 'PLUGIN_INVALID' });
    assert.deepEqual(bench.events, ['old closed']);
    const next = bench.poll();
    (await bench.start(1)).held.resolve(bench.guest('another'));
    assert.equal(await next, 'another');
    await bench.plugin.close();
  });
});

describe('state that is handed over', () => {
  it('is taken between two polls: a poll that comes meanwhile waits for that alone', LIMIT, async () => {
    const bench = new Bench();
    const saved = new Held<void>();
    const old = bench.guest('old', { handOver: HAND_OVER });
    const saving: RunningGuest['call'] = async (instance, func, args) => {
      if (func !== 'save') return old.call(instance, func, args);
      bench.events.push(`old ${func}`);
      await saved.promise;
      return returned('state');
    };
    await bench.running({ ...old, call: saving });
    const { held } = await bench.reloading();
    assert.equal(await bench.poll(), 'old');
    held.resolve(bench.guest('new', { handOver: HAND_OVER }));
    await new Promise((resolve) => setImmediate(resolve));
    const meanwhile = bench.poll();
    await new Promise((resolve) => setImmediate(resolve));
    saved.resolve();
    assert.equal(await meanwhile, 'new');
    await bench.settled();
    const inOrder = bench.events.filter((event) => event !== 'old closed');
    assert.deepEqual(inOrder, ['old poll', 'old poll', 'old save', 'new restore', 'new poll']);
    await bench.plugin.close();
  });

  it('that ends the new one leaves the old one answering until another one is there', LIMIT, async () => {
    const bench = new Bench();
    await bench.running(bench.guest('old', { handOver: HAND_OVER }));
    const { held } = await bench.reloading();
    const died = new HostedCallError({ code: 'PLUGIN_TRAPPED', message: 'it trapped' }, returned('').effects, false);
    held.resolve(bench.guest('new', { handOver: HAND_OVER, alive: false, call: () => Promise.reject(died) }));
    const another = await bench.start(2);
    assert.equal(await bench.poll(), 'old');
    another.held.resolve(bench.guest('another', { handOver: HAND_OVER }));
    await bench.settled();
    assert.equal(await bench.poll(), 'another');
    assert.deepEqual(bench.log, [
      'warn the new file starts with fresh state, since handing over failed: it trapped',
      'info a new file took over',
    ]);
    assert.ok(!bench.events.includes('another restore'));
    await bench.plugin.close();
  });
});

describe('a plugin that is to start over', () => {
  it('calls what ran no more once its call is over, and callers wait for what is there now', LIMIT, async () => {
    const bench = new Bench();
    const answer = new Held<void>();
    const slow = bench.guest('old', {
      call: async () => {
        if (bench.plugin.counts.polls > 0) await answer.promise;
        return returned('old');
      },
    });
    await bench.running(slow);
    const [underWay, waiting] = [bench.poll(), bench.poll()];
    await new Promise((resolve) => setImmediate(resolve));
    bench.key = 'new';
    const over = bench.plugin.startOver();
    await new Promise((resolve) => setImmediate(resolve));
    answer.resolve();
    assert.equal(await underWay, 'old');
    (await bench.start(1)).held.resolve(bench.guest('new'));
    assert.equal(await waiting, 'new');
    await over;
    assert.deepEqual(bench.events, ['old closed', 'new poll']);
    await bench.plugin.close();
  });
});

describe('a plugin that is closed while its new file is prepared', () => {
  it('waits for nothing', LIMIT, async () => {
    const bench = await new Bench().running();
    const { options } = await bench.reloading();
    await bench.plugin.close();
    assert.equal(options.signal.aborted, true);
    assert.equal(bench.plugin.state, 'closed');
    assert.deepEqual(bench.log, []);
    await assert.rejects(bench.poll(), { code: 'RUNTIME_CLOSED' });
  });

  it('closes the new one, too, where that waits for the end of a poll', LIMIT, async () => {
    const bench = new Bench();
    const answer = new Held<void>();
    await bench.running(
      bench.guest('old', {
        call: async () => {
          if (bench.plugin.counts.polls > 0) await answer.promise;
          return returned('old');
        },
      }),
    );
    const underWay = bench.poll();
    const { held } = await bench.reloading();
    held.resolve(bench.guest('new'));
    await new Promise((resolve) => setImmediate(resolve));
    await bench.plugin.close();
    assert.deepEqual(bench.events.slice(-3).sort(), ['new closed', 'old closed', 'old closed']);
    answer.resolve();
    await underWay;
  });

  it('ends a hand-over that does not end', LIMIT, async () => {
    const bench = new Bench();
    await bench.running(bench.guest('old', { handOver: HAND_OVER }));
    const restoring = new Held<never>();
    const { held } = await bench.reloading();
    const begun = new Held<void>();
    held.resolve(
      bench.guest('new', {
        handOver: HAND_OVER,
        call: () => {
          begun.resolve();
          return restoring.promise;
        },
        close: async () => restoring.reject(new WasiError('RUNTIME_CLOSED', 'closed')),
      }),
    );
    await begun.promise;
    await bench.plugin.close();
    assert.equal(bench.plugin.state, 'closed');
  });
});
