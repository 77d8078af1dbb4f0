import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EventEmitter } from '../../src/platform/event-emitter';

function unexpected(error: unknown): void {
  throw error;
}

describe('an event emitter', () => {
  it('delivers every event to every listener, until it unsubscribes', () => {
    const events = new EventEmitter<number>(unexpected);
    const heard: string[] = [];
    const unsubscribe = events.subscribe((event) => heard.push(`a${event}`));
    events.subscribe((event) => heard.push(`b${event}`));
    events.emit(1);
    unsubscribe();
    unsubscribe();
    events.emit(2);
    assert.deepEqual(heard, ['a1', 'b1', 'b2']);
  });

  it('reports what a listener throws, and delivers to the others', () => {
    const errors: unknown[] = [];
    const events = new EventEmitter<string>((error) => errors.push(error));
    const heard: string[] = [];
    events.subscribe(() => {
      throw new Error('a bug');
    });
    events.subscribe((event) => heard.push(event));
    events.emit('one');
    assert.deepEqual([heard, errors.map(String)], [['one'], ['Error: a bug']]);
  });

  it('delivers an event to the listeners of that moment, and to none once it is closed', () => {
    const events = new EventEmitter<number>(unexpected);
    const heard: number[] = [];
    events.subscribe((event) => {
      if (event === 1) events.subscribe((later) => heard.push(later));
    });
    events.emit(1);
    events.emit(2);
    events.close();
    events.emit(3);
    assert.deepEqual(heard, [2]);
  });

  it('keeps two subscriptions of one function apart', () => {
    const events = new EventEmitter<number>(unexpected);
    const heard: number[] = [];
    const listener = (event: number) => heard.push(event);
    const unsubscribe = events.subscribe(listener);
    events.subscribe(listener);
    unsubscribe();
    events.emit(1);
    assert.deepEqual(heard, [1]);
  });
});
