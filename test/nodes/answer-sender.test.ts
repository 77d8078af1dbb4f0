/** How answers leave: over a real HTTP server and its sockets. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, it } from 'node:test';
import { AnswerSender } from '../../nodes/dashboard/answer-sender';
import { type DataAnswer, jsonAnswer, keptAnswer, streamedAnswer } from '../../src/dashboard/http-answer';
import { until } from '../support/until';

/** What is waited for comes in milliseconds. */
const LIMIT = { timeout: 20_000 };
const LETTERS = 'ä'.repeat(10_000);

let server: Server | undefined;
const errors: unknown[] = [];
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  errors.length = 0;
});

/** Its address. `isDue`: what an answer waits for, as for a plugin's page. */
async function serve(
  answer: () => DataAnswer,
  sender = new AnswerSender(),
  isDue: (response: ServerResponse) => Promise<unknown> = async () => undefined,
): Promise<string> {
  const made = createServer((incoming, response) => {
    isDue(response)
      .then(() => sender.send(incoming, response, answer()))
      .catch((error: unknown) => errors.push(error));
  }).listen(0, '127.0.0.1');
  server = made;
  await once(made, 'listening');
  const address = made.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}/`;
}

/** An answer without an end, and how many of its chunks were made; `ended` once nobody makes any more. */
function endless() {
  const state = { made: 0, ended: false };
  function* chunks(): Generator<string> {
    try {
      for (;;) {
        state.made += 1;
        yield LETTERS;
      }
    } finally {
      state.ended = true;
    }
  }
  return { state, answer: () => streamedAnswer('text/csv', 'run.1', chunks()) };
}

/** Asks and reads nothing of the body. */
async function open(url: string): Promise<IncomingMessage> {
  const asked = request(url).end();
  const [response]: IncomingMessage[] = await once(asked, 'response');
  assert.ok(response);
  response.pause();
  return response;
}

describe('an answer', () => {
  it('has its length, and HEAD is told the same without the body', async () => {
    const url = await serve(() => keptAnswer(jsonAnswer(200, [LETTERS])));
    const got = await fetch(url);
    const text = await got.text();
    const head = await fetch(url, { method: 'HEAD' });
    assert.equal(got.headers.get('content-length'), String(Buffer.byteLength(text)));
    for (const name of ['content-length', 'content-type', 'etag', 'cache-control'])
      assert.equal(head.headers.get(name), got.headers.get(name), name);
    assert.equal(await head.text(), '');
  });

  it('is not sent again to a browser that holds it', async () => {
    const url = await serve(() => keptAnswer(jsonAnswer(200, ['a'])));
    const tag = (await fetch(url)).headers.get('etag') ?? '';
    for (const method of ['GET', 'HEAD']) {
      const again = await fetch(url, { method, headers: { 'If-None-Match': tag } });
      assert.deepEqual([again.status, await again.text(), again.headers.get('etag')], [304, '', tag]);
      assert.equal(again.headers.get('content-type'), null);
    }
  });
});

describe('a long answer', LIMIT, () => {
  it('arrives whole, and HEAD makes none of it', async () => {
    let made = 0;
    function* chunks(): Generator<string> {
      for (; made < 100; made++) yield `${made}${LETTERS}`;
    }
    const url = await serve(() => streamedAnswer('text/csv', 'run.1', chunks()));
    const head = await fetch(url, { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers.get('etag'), made], [200, 'W/"run.1"', 0]);
    const text = await (await fetch(url)).text();
    assert.equal(text, Array.from({ length: 100 }, (_, at) => `${at}${LETTERS}`).join(''));
  });

  it('is made no faster than it is read, and no further once its reader hangs up', async () => {
    const { state, answer } = endless();
    const response = await open(await serve(answer));
    let before = -1;
    while (state.made !== before) {
      before = state.made;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.ok(state.made > 0 && state.made < 2_000, `${state.made} chunks for nobody`);
    response.destroy();
    await until(() => state.ended);
    assert.deepEqual(errors, []);
  });

  it('is not made for a reader who hung up before it was due', async () => {
    const { state, answer } = endless();
    let gone = false;
    const url = await serve(answer, new AnswerSender(), async (response) => {
      await once(response, 'close');
      gone = true;
    });
    const asked = request(url).end();
    asked.on('error', () => undefined);
    await once(asked, 'socket');
    setTimeout(() => asked.destroy(), 50);
    await until(() => gone);
    for (let round = 0; round < 10; round++) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([errors, state.made], [[], 0]);
  });

  it('is ended where its reader is there and does not read', async () => {
    const { state, answer } = endless();
    await open(await serve(answer, new AnswerSender(100)));
    await until(() => state.ended);
    assert.deepEqual(errors, []);
  });

  it('gives way to others while it is made', async () => {
    let rounds = 0;
    const counting = setInterval(() => {
      rounds += 1;
    }, 0);
    function* chunks(): Generator<string> {
      // Work without a chunk large enough to fill what the socket takes.
      for (let at = 0; at < 50; at++) yield String(busy(at));
    }
    const url = await serve(() => streamedAnswer('text/csv', 'run.1', chunks()));
    const before = rounds;
    await (await fetch(url)).text();
    clearInterval(counting);
    assert.ok(rounds - before >= 25, `${rounds - before} rounds`);
  });

  it('is one of few: who comes beyond is asked to come again, until one has ended', async () => {
    const { answer } = endless();
    const url = await serve(answer);
    const readers = await Promise.all(Array.from({ length: 8 }, () => open(url)));
    const refused = await fetch(url);
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get('retry-after'), '5');
    assert.match(await refused.text(), /try again soon/);
    readers[0]?.destroy();
    const next = await until(async () => {
      const { statusCode } = await open(url);
      return statusCode !== 503 && statusCode;
    });
    assert.equal(next, 200);
  });

  it('that fails in the middle is cut off, so that nobody takes it for whole', async () => {
    const bug = new Error('bug');
    function* chunks(): Generator<string> {
      yield LETTERS;
      throw bug;
    }
    const url = await serve(() => streamedAnswer('text/csv', 'run.1', chunks()));
    await assert.rejects(async () => (await fetch(url)).text());
    assert.deepEqual(errors, [bug]);
  });
});

/** Some ten milliseconds of arithmetic. */
function busy(seed: number): number {
  const endsAt = performance.now() + 10;
  let sum = seed;
  while (performance.now() < endsAt) sum = Math.sqrt(sum + 1);
  return sum;
}
