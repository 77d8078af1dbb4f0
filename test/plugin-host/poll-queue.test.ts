import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { PollQueue } from '../../src/plugin-host/poll-queue';

/** A task that ends when it is told to. */
class Task {
  started = false;
  readonly #done: Promise<string>;
  end: (value: string) => void = () => undefined;
  fail: (error: Error) => void = () => undefined;

  constructor() {
    this.#done = new Promise((resolve, reject) => {
      this.end = resolve;
      this.fail = reject;
    });
  }

  readonly run = (): Promise<string> => {
    this.started = true;
    return this.#done;
  };
}

describe('the calls of one plugin', () => {
  it('run one at a time, in the order they came; one waits, a third is refused with POLL_BUSY', async () => {
    const queue = new PollQueue('dht22');
    const [first, second] = [new Task(), new Task()];
    const one = queue.run(first.run);
    const two = queue.run(second.run);
    await assert.rejects(queue.run(new Task().run), { code: 'POLL_BUSY', message: /^dht22 is still being polled/ });
    assert.deepEqual([first.started, second.started], [true, false]);
    first.end('a');
    assert.equal(await one, 'a');
    await turn();
    assert.equal(second.started, true);
    const third = queue.run(async () => 'c');
    second.end('b');
    assert.deepEqual(await Promise.all([two, third]), ['b', 'c']);
  });

  it('go on after one that failed, which only its own caller hears of', async () => {
    const queue = new PollQueue('dht22');
    const first = new Task();
    const failing = assert.rejects(queue.run(first.run), /unplugged/);
    const next = queue.run(async () => 'next');
    first.fail(new Error('unplugged'));
    await failing;
    assert.equal(await next, 'next');
  });

  it('leave room for a waiting one as soon as the first has ended', async () => {
    const queue = new PollQueue('dht22');
    for (let round = 0; round < 100; round += 1) {
      const [first, second] = await Promise.all([queue.run(async () => 1), queue.run(async () => 2)]);
      assert.deepEqual([first, second], [1, 2]);
    }
  });
});
