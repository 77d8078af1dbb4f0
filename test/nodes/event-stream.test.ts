import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { EventStream } from '../../nodes/dashboard/event-stream';

function client(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()));
}

describe('a stream of events', () => {
  it('takes 200 clients and tells the next one to come back later', () => {
    const stream = new EventStream();
    for (let count = 0; count < 200; count += 1) stream.add(client());
    const late = client();
    stream.add(late);
    assert.equal(late.statusCode, 503);
    assert.ok(late.writableEnded);
    stream.close();
  });

  it('has room again when a client leaves', () => {
    const stream = new EventStream();
    const clients = Array.from({ length: 200 }, client);
    for (const each of clients) stream.add(each);
    clients[0]?.emit('close');
    const next = client();
    stream.add(next);
    assert.equal(next.statusCode, 200);
    stream.close();
  });

  it('drops a client that does not read', () => {
    const stream = new EventStream();
    const [reading, asleep] = [client(), client()];
    stream.add(asleep);
    stream.send({ kind: 'leds', leds: ['#'.repeat(300 * 2 ** 10)] });
    stream.add(reading);
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
    const stream = new EventStream();
    assert.equal(running.size, 0);
    const only = client();
    const written = context.mock.method(only, 'write');
    stream.add(only);
    for (const tick of running) tick();
    assert.equal(written.mock.calls.at(-1)?.arguments[0], ': alive\n\n');
    only.emit('close');
    assert.equal(running.size, 0);
    stream.close();
  });

  it('ends its clients when it is closed, and takes no more', () => {
    const stream = new EventStream();
    const [first, second] = [client(), client()];
    stream.add(first);
    stream.close();
    stream.close();
    assert.ok(first.writableEnded);
    stream.add(second);
    assert.equal(second.statusCode, 503);
  });
});
