import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { readingOf } from '../readings/reading-of';
import { DashboardFlow } from './dashboard-flow';
import { FakeRuntime } from './fake-runtime';
import type { Flow } from './flow';

let dashboard: DashboardFlow;
let flow: Flow;
afterEach(() => dashboard.close());

async function start(...how: Parameters<typeof DashboardFlow.start>): Promise<void> {
  dashboard = await DashboardFlow.start(...how);
  flow = dashboard.flow;
}

function get(path: string, init: RequestInit = {}): Promise<Response> {
  return dashboard.get(path, init);
}

/** What a stream that does not end has said so far. */
class Reader {
  text = '';
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(answer: Response) {
    assert.ok(answer.body);
    this.#chunks = answer.body[Symbol.asyncIterator]();
  }

  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) {
      const { value, done } = await this.#chunks.next();
      assert.ok(!done, `the stream ended with ${this.text}`);
      this.text += Buffer.from(value).toString('utf8');
    }
  }
}

describe('the events of a dashboard node', () => {
  // A stream that is not ended would be waited for without end.
  it('tell of new readings and end when the node is closed', { timeout: 10_000 }, async () => {
    const runtime = new FakeRuntime();
    await start(runtime);
    const answer = await get('/wasi/events');
    assert.equal(answer.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    runtime.emit({ kind: 'readings', readings: [readingOf()] });
    await flow.node('page').close(true);
    const text = await answer.text();
    const data = /^event: readings\ndata: (.*)$/m.exec(text)?.[1] ?? '';
    assert.deepEqual(JSON.parse(data), [readingOf()]);
  });

  it('say which readings do not hold any more', async () => {
    const runtime = new FakeRuntime();
    await start(runtime);
    const answer = await get('/wasi/events');
    runtime.emit({ kind: 'unknown', readings: [readingOf()] });
    await flow.node('page').close(true);
    const data = /^event: unknown\ndata: (.*)$/m.exec(await answer.text())?.[1] ?? 'null';
    assert.deepEqual(JSON.parse(data), [readingOf()]);
  });

  it('bring the page to who asks for it, once for each change', { timeout: 10_000 }, async () => {
    const runtime = new FakeRuntime();
    let renders = 0;
    runtime.onRender = async () => `<p>${++renders}</p>`;
    await start(runtime);
    const answer = await get('/wasi/events?page');
    const reader = new Reader(answer);
    await reader.until(/event: hello\ndata: \{"build":"[^"]+"\}\n\n/);
    await reader.until(/event: page\nid: (\S+)\ndata: \{"revision":"\1","html":"<p>1<\/p>"\}\n\n/);
    runtime.emit({ kind: 'readings', readings: [readingOf()] });
    runtime.emit({ kind: 'leds', leds: [] });
    await reader.until(/"html":"<p>2<\/p>"/);
    assert.doesNotMatch(reader.text, /event: (?:readings|leds)/);
    assert.equal(renders, 2);
    const revision = /id: (\S+)\ndata: [^\n]*<p>2/.exec(reader.text)?.[1] ?? '';
    const back = new Reader(await get(`/wasi/events?page&revision=${revision}`));
    await back.until(/event: hello/);
    const older = new Reader(await get('/wasi/events?page&revision=none', { headers: { 'Last-Event-ID': revision } }));
    await older.until(/event: hello/);
    runtime.emit({ kind: 'configured' });
    for (const each of [back, older]) {
      await each.until(/<p>3/);
      assert.doesNotMatch(each.text, /<p>2/);
    }
    await flow.node('page').close(true);
  });

  it('tell a browser that asks why it got none', async () => {
    await start(new FakeRuntime());
    assert.equal((await get('/wasi/events?page', { method: 'HEAD' })).status, 200);
  });
});
