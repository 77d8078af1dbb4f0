/** Many messages at once in one node: Node-RED's loop goes round between them, however many are refused. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { WasiError } from '../../src/errors/wasi-error';
import { FakeRuntime } from './fake-runtime';
import { Flow, OUT, RUNTIME } from './flow';

const POLL = {
  id: 'poll',
  type: 'plugin-poll',
  runtime: 'runtime',
  plugin: 'dht22',
  every: '',
  emit: 'batch',
  wires: [['out']],
};
const MESSAGES = 200;
/** What refusing one takes. */
const WORK_MS = 1;

let flow: Flow;
afterEach(() => flow.stop());

function workFor(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('many messages at once', () => {
  it('are refused a few in each round of the loop, in their order', async () => {
    const runtime = new FakeRuntime();
    let inRound = 0;
    let mostInRound = 0;
    runtime.onPoll = async () => {
      inRound += 1;
      mostInRound = Math.max(mostInRound, inRound);
      workFor(WORK_MS);
      throw new WasiError('POLL_BUSY', 'it is polled still');
    };
    flow = await Flow.start([RUNTIME, POLL, OUT], async () => runtime);
    flow.send('poll');
    await flow.untilEnds(1);
    let watch: NodeJS.Immediate | undefined;
    const round = () => {
      inRound = 0;
      watch = setImmediate(round);
    };
    round();
    mostInRound = 0;
    for (let message = 0; message < MESSAGES; message += 1) flow.send('poll', { payload: message });
    await flow.untilEnds(1 + MESSAGES);
    clearImmediate(watch);
    // A slice is 5 ms; some are under way when it is over.
    assert.ok(mostInRound <= 12, `${mostInRound} of ${MESSAGES} in one round`);
    assert.ok(flow.ends.slice(1).every(({ error }) => error?.code === 'POLL_BUSY'));
  });
});
