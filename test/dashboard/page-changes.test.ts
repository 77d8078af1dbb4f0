import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PageChanges } from '../../src/dashboard/page-changes';
import type { PluginStateKind, RuntimeEvent } from '../../src/runtime-api/runtime-api';
import { pluginOf } from './plugin-of';

function state(name: string, kind: PluginStateKind, role: 'sensor' | 'dashboard' = 'dashboard'): RuntimeEvent {
  return { kind: 'plugin', summary: pluginOf({ name, state: kind, role }) };
}

function changesOf(...events: readonly RuntimeEvent[]): boolean[] {
  const changes = new PageChanges('dashboard');
  return events.map((event) => changes.isChange(event));
}

describe('a page looks different', () => {
  it('when there are readings, other LEDs or another configuration', () => {
    const events = changesOf({ kind: 'readings', readings: [] }, { kind: 'leds', leds: [] }, { kind: 'configured' });
    assert.deepEqual(events, [true, true, true]);
  });

  it('when sensors have no known value any more', () => {
    assert.deepEqual(changesOf({ kind: 'unknown', readings: [] }), [true]);
  });

  it('when a sensor plugin goes from one state to another', () => {
    assert.deepEqual(changesOf(state('dht22', 'polling', 'sensor'), state('dht22', 'ready', 'sensor')), [true, true]);
  });

  it('when its own plugin crashed, rests, is loaded anew', () => {
    const life: PluginStateKind[] = [
      'loading',
      'ready',
      'polling',
      'loading',
      'ready',
      'polling',
      'backing-off',
      'loading',
      'ready',
    ];
    assert.deepEqual(changesOf(...life.map((kind) => state('dashboard', kind))), [
      true,
      true,
      false,
      true,
      true,
      false,
      true,
      true,
      true,
    ]);
  });
});

describe('a page does not look different', () => {
  it('when it was rendered: that would ask for the next render', () => {
    const life: PluginStateKind[] = ['ready', 'polling', 'ready', 'polling', 'ready'];
    assert.deepEqual(changesOf(...life.map((kind) => state('dashboard', kind))), [true, false, false, false, false]);
    assert.deepEqual(changesOf(state('dashboard', 'polling'), state('dashboard', 'ready')), [false, false]);
  });

  it('when another page was rendered: the two would keep each other busy', () => {
    const events = [state('other', 'ready'), state('other', 'polling'), state('other', 'ready')];
    assert.deepEqual(changesOf(...events), [true, false, false]);
  });

  it('when a dashboard plugin printed, as it may at every render', () => {
    const events: RuntimeEvent[] = [
      { kind: 'logged', plugins: ['dashboard'] },
      { kind: 'logged', plugins: ['dashboard', 'dht22'] },
      { kind: 'logged', plugins: [''] },
    ];
    assert.deepEqual(changesOf(...events), [false, true, true]);
    const other = changesOf(state('other', 'polling'), { kind: 'logged', plugins: ['other', 'dashboard'] });
    assert.deepEqual(other, [false, false]);
  });
});
