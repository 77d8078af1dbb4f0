import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { Asked } from '../../nodes/dashboard/event-client';
import { EventStream } from '../../nodes/dashboard/event-stream';
import { renderedPage } from '../../src/dashboard/page';
import { settled } from '../dashboard/fake-clock';
import { until } from '../support/until';

function client(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()));
}

const EVENTS: Asked = { kind: 'events' };
const PAGE: Asked = { kind: 'page', shown: undefined, until: 'closed' };

/** `newest`: settles once the newest page was shown. */
function openStream(newest: () => Promise<void> = async () => undefined): EventStream {
  return new EventStream({ build: 'build', watch: () => () => undefined, newest });
}

const CURRENT = 'event: current\ndata: {}\n\n';

/** What is written to it; it takes everything at once, or nothing until it is `drained`. */
class Browser {
  readonly response = client();
  readonly texts: string[] = [];
  reads = true;

  constructor() {
    Object.defineProperty(this.response, 'writableNeedDrain', { get: () => !this.reads });
    Object.defineProperty(this.response, 'write', { value: (text: unknown) => this.texts.push(String(text)) });
  }

  get pages(): string[] {
    return this.texts.filter((text) => text.startsWith('event: page'));
  }

  drain(): void {
    this.reads = true;
    this.response.emit('drain');
  }
}

describe('a stream of events', () => {
  it('takes 200 clients and tells the next one to come back later', () => {
    const stream = openStream();
    for (let count = 0; count < 200; count += 1) stream.add(client(), EVENTS);
    const late = client();
    stream.add(late, EVENTS);
    assert.equal(late.statusCode, 503);
    assert.ok(late.writableEnded);
    stream.close();
  });

  it('has room again when a client leaves', () => {
    const stream = openStream();
    const clients = Array.from({ length: 200 }, client);
    for (const each of clients) stream.add(each, EVENTS);
    clients[0]?.emit('close');
    const next = client();
    stream.add(next, EVENTS);
    assert.equal(next.statusCode, 200);
    stream.close();
  });

  it('counts nobody who left before it was their turn: while a middleware asked who they are', () => {
    let watched = 0;
    const watch = () => {
      watched += 1;
      return () => {
        watched -= 1;
      };
    };
    const stream = new EventStream({ build: 'build', watch, newest: async () => undefined });
    for (let count = 0; count < 200; count += 1) {
      const gone = client();
      gone.destroy();
      stream.add(gone, PAGE);
    }
    assert.equal(watched, 0);
    const next = client();
    stream.add(next, EVENTS);
    assert.equal(next.statusCode, 200);
    stream.close();
  });

  it('drops a client that does not read', () => {
    const stream = openStream();
    const [reading, asleep] = [client(), client()];
    stream.add(asleep, EVENTS);
    stream.send({ kind: 'leds', leds: ['#'.repeat(300 * 2 ** 10)] });
    stream.add(reading, EVENTS);
    stream.send({ kind: 'leds', leds: [] });
    assert.ok(asleep.destroyed);
    assert.ok(!reading.destroyed);
    stream.close();
  });

  it('beats while someone listens, and only then', (context) => {
    const running = new Set<() => void>();
    context.mock.method(globalThis, 'setInterval', (tick: () => void) => {
      running.add(tick);
      return tick;
    });
    context.mock.method(globalThis, 'clearInterval', (tick: () => void) => running.delete(tick));
    const stream = openStream();
    assert.equal(running.size, 0);
    const only = client();
    const written = context.mock.method(only, 'write');
    stream.add(only, EVENTS);
    for (const tick of running) tick();
    assert.equal(written.mock.calls.at(-1)?.arguments[0], 'event: alive\ndata: {}\n\n');
    only.emit('close');
    assert.equal(running.size, 0);
    stream.close();
  });

  it('ends its clients when it is closed, and takes no more', () => {
    const stream = openStream();
    const [first, second] = [client(), client()];
    stream.add(first, EVENTS);
    stream.close();
    stream.close();
    assert.ok(first.writableEnded);
    stream.add(second, EVENTS);
    assert.equal(second.statusCode, 503);
  });
});

describe('a page in the stream', () => {
  it('is sent to each who wants it, once, from one copy', async () => {
    const stream = openStream();
    const browsers = Array.from({ length: 3 }, () => new Browser());
    for (const { response } of browsers) stream.add(response, PAGE);
    stream.show(renderedPage('dashboard', '<p>1</p>'));
    stream.show(renderedPage('dashboard', '<p>1</p>'));
    // On a machine that is busy in more than one piece.
    await until(() => browsers.every(({ pages }) => pages.length > 0));
    await settled();
    for (const { pages } of browsers) assert.equal(pages.length, 1);
    stream.close();
  });

  it('is there at once for who comes later, unless it shows it already: that is told', async () => {
    const stream = openStream();
    const page = renderedPage('dashboard', '<p>1</p>');
    stream.show(page);
    const [fresh, back] = [new Browser(), new Browser()];
    stream.add(fresh.response, PAGE);
    stream.add(back.response, { kind: 'page', shown: page.revision, until: 'closed' });
    await until(() => fresh.pages.length === 1 && back.texts.includes(CURRENT));
    assert.equal(back.pages.length, 0);
    assert.ok(!fresh.texts.includes(CURRENT));
    assert.match(back.texts.join(''), /event: hello\ndata: \{"build":"build"\}/);
    stream.close();
  });

  it('from before is not told to who comes: the newest one is waited for', async () => {
    let isNewest: () => void = () => undefined;
    const newest = new Promise<void>((resolve) => (isNewest = resolve));
    const stream = openStream(() => newest);
    const old = renderedPage('dashboard', '<p>an hour old</p>');
    stream.show(old);
    const [fresh, back] = [new Browser(), new Browser()];
    stream.add(fresh.response, PAGE);
    stream.add(back.response, { kind: 'page', shown: old.revision, until: 'closed' });
    await settled();
    for (const { texts } of [fresh, back]) assert.equal(texts.length, 2, `${texts}`);
    stream.show(renderedPage('dashboard', '<p>now</p>'));
    isNewest();
    await settled();
    for (const { pages, texts } of [fresh, back]) {
      assert.equal(pages.length, 1);
      assert.match(pages[0] ?? '', /now/);
      assert.ok(!texts.includes(CURRENT));
    }
    stream.close();
  });

  it('ends the answer to who asked for no more than the newest', async () => {
    const stream = openStream();
    const page = renderedPage('dashboard', '<p>1</p>');
    stream.show(page);
    const [fresh, back, stays] = [new Browser(), new Browser(), new Browser()];
    stream.add(fresh.response, { kind: 'page', shown: undefined, until: 'told' });
    stream.add(back.response, { kind: 'page', shown: page.revision, until: 'told' });
    stream.add(stays.response, PAGE);
    await until(() => stays.pages.length === 1);
    assert.deepEqual([fresh.pages.length, back.pages.length], [1, 0]);
    for (const { response } of [fresh, back]) assert.ok(response.writableEnded);
    assert.ok(!stays.response.writableEnded);
    stream.close();
  });

  it('waits for a slow browser, which then gets the newest only', () => {
    const stream = openStream();
    const slow = new Browser();
    stream.add(slow.response, PAGE);
    slow.reads = false;
    for (const html of ['<p>1</p>', '<p>2</p>', '<p>3</p>']) stream.show(renderedPage('dashboard', html));
    assert.deepEqual(slow.pages, []);
    slow.drain();
    assert.equal(slow.pages.length, 1);
    assert.match(slow.pages[0] ?? '', /<p>3/);
    stream.close();
  });

  it('that is long is announced only', () => {
    const stream = openStream();
    const browser = new Browser();
    stream.add(browser.response, PAGE);
    const page = renderedPage('dashboard', 'x'.repeat(200_000));
    stream.show(page);
    assert.deepEqual(browser.pages, [`event: page\nid: ${page.revision}\ndata: {"revision":"${page.revision}"}\n\n`]);
    stream.close();
  });

  it('is wanted as long as somebody watches', () => {
    let watched = 0;
    const stream = new EventStream({
      build: 'build',
      watch: () => {
        watched += 1;
        return () => {
          watched -= 1;
        };
      },
      newest: async () => undefined,
    });
    const [first, second, events] = [client(), client(), client()];
    stream.add(events, EVENTS);
    assert.equal(watched, 0);
    stream.add(first, PAGE);
    stream.add(second, PAGE);
    assert.equal(watched, 1);
    first.emit('close');
    assert.equal(watched, 1);
    second.emit('close');
    assert.equal(watched, 0);
    stream.close();
  });

  it('goes to 200 browsers in pieces, so that the loop is not held', async (context) => {
    const stream = openStream();
    const browsers = Array.from({ length: 200 }, () => new Browser());
    for (const { response } of browsers) stream.add(response, PAGE);
    let now = 0;
    context.mock.method(performance, 'now', () => now++);
    stream.show(renderedPage('dashboard', '<p>1</p>'));
    const served = () => browsers.filter(({ pages }) => pages.length === 1).length;
    assert.ok(served() < 10, `${served()} were written to in one piece`);
    await until(() => served() === 200);
    stream.close();
  });

  it('is not kept for a browser that misses fifteen heartbeats: it is dropped', (context) => {
    const ticks: (() => void)[] = [];
    context.mock.method(globalThis, 'setInterval', (tick: () => void) => ticks.push(tick));
    const stream = openStream();
    const asleep = new Browser();
    stream.add(asleep.response, PAGE);
    asleep.reads = false;
    const beat = () => ticks.forEach((tick) => void tick());
    for (let beats = 0; beats < 14; beats += 1) beat();
    assert.ok(!asleep.response.destroyed);
    beat();
    assert.ok(asleep.response.destroyed);
    stream.close();
  });
});
