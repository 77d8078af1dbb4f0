import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import {
  concerns,
  type Facts,
  maxLeaderLength,
  maxValueLength,
  type Shown,
  shownOf,
  statusOf,
} from '../../nodes/status';
import { valueText } from '../../nodes/value-text';
import { WasiError } from '../../src/errors/wasi-error';
import { MAX_PLUGINS } from '../../src/plugin-host/plugins';
import { pluginOf } from '../dashboard/plugin-of';
import { readingOf } from '../readings/reading-of';
import { FakeRuntime } from './fake-runtime';

const OPEN = { kind: 'open', api: new FakeRuntime() } as const;
const VALUE: Shown = { kind: 'value', text: '21.5 °C' };
const IDLE: Facts = { runtime: OPEN, plugin: pluginOf(), busy: undefined, last: VALUE };
/** Beside the mark for simulated hardware. */
const SHORT = maxValueLength(true);
const ERROR = { code: 'PLUGIN_TRAPPED', message: '', at: 0 };

describe('what a node shows', () => {
  const cases: readonly [string, Facts, Shown][] = [
    ['an idle node shows its newest value', IDLE, VALUE],
    ['one that did nothing yet is ready', { ...IDLE, last: undefined }, { kind: 'ready' }],
    ['one at work shows that', { ...IDLE, busy: 'polling' }, { kind: 'polling' }],
    ['an opening runtime is loading', { ...IDLE, runtime: { kind: 'opening' } }, { kind: 'loading' }],
    [
      'a closed runtime is a failure',
      { ...IDLE, runtime: { kind: 'closed' } },
      { kind: 'failed', code: 'RUNTIME_CLOSED' },
    ],
    [
      'a runtime that did not open shows why',
      { ...IDLE, runtime: { kind: 'failed', error: new WasiError('CONFIG_INVALID', '') } },
      { kind: 'failed', code: 'CONFIG_INVALID' },
    ],
    [
      'a loading plugin comes before the poll that waits for it',
      { ...IDLE, plugin: pluginOf({ state: 'loading' }), busy: 'polling' },
      { kind: 'loading' },
    ],
    ['a disabled plugin shows that', { ...IDLE, plugin: pluginOf({ state: 'disabled' }) }, { kind: 'disabled' }],
    ['a plugin that was enabled again is ready', { ...IDLE, last: { kind: 'disabled' } }, { kind: 'ready' }],
    [
      'a plugin that backs off shows what it failed with',
      { ...IDLE, plugin: pluginOf({ state: 'backing-off', lastError: ERROR }) },
      { kind: 'failed', code: 'PLUGIN_TRAPPED' },
    ],
    [
      'one that backs off for reasons unknown shows that it does',
      { ...IDLE, plugin: pluginOf({ state: 'backing-off' }) },
      { kind: 'failed', code: 'PLUGIN_BACKOFF' },
    ],
    [
      'one whose work is not kept shows that instead of its newest value',
      { ...IDLE, isNotKept: true },
      { kind: 'failed', code: 'PLUGIN_STORAGE' },
    ],
    ['though not while it works', { ...IDLE, isNotKept: true, busy: 'polling' }, { kind: 'polling' }],
    [
      'a node about no single plugin shows its own work',
      { ...IDLE, plugin: undefined, last: { kind: 'written' } },
      { kind: 'written' },
    ],
  ];
  for (const [name, facts, shown] of cases) it(name, () => assert.deepEqual(shownOf(facts), shown));
});

describe('what is not kept', () => {
  it('is shown by the nodes whose work it is, and all of it by dashboards', () => {
    const lost = { since: 1, reason: 'ENOSPC', message: '' };
    const state = { what: 'state', plugin: 'bme680', ...lost } as const;
    const registers = { what: 'registers', ...lost } as const;
    assert.deepEqual(
      [state, registers, { what: 'history', ...lost } as const].map((entry) =>
        [
          concerns(entry, 'plugin-poll', 'bme680'),
          concerns(entry, 'plugin-poll', 'dht22'),
          concerns(entry, 'plugin-poll', undefined),
          concerns(entry, 'modbus-gateway', undefined),
          concerns(entry, 'dashboard', 'dashboard'),
        ].map(Number),
      ),
      [
        [1, 0, 0, 0, 1],
        [0, 0, 0, 1, 1],
        [0, 0, 0, 0, 1],
      ],
    );
  });
});

describe('a status', () => {
  it('marks simulated hardware, also beside a value', () => {
    assert.deepEqual(statusOf(VALUE, true, String), { fill: 'green', shape: 'dot', text: '21.5 °C (sim)' });
    assert.deepEqual(
      statusOf({ kind: 'polling' }, true, () => 'polling'),
      {
        fill: 'blue',
        shape: 'dot',
        text: 'polling (sim)',
      },
    );
  });

  it('names the leader as far as there is room, and says whether this node leads', () => {
    const words = (_key: string, given: Record<string, string> = {}) => `led by ${given['node']}`;
    const led: Shown = { kind: 'led-by', node: 'boiler-house-2' };
    assert.deepEqual(statusOf(led, false, words), { fill: 'green', shape: 'dot', text: 'led by boiler-hous…' });
    assert.equal(statusOf(led, true, words).text, 'led by boile… (sim)');
    const looks = (['leading', 'no-leader', 'no-cluster'] as const).map((kind) => statusOf({ kind }, false, String));
    assert.deepEqual(
      looks.map(({ fill, shape }) => `${fill} ${shape}`),
      ['green dot', 'yellow ring', 'grey ring'],
    );
  });

  it('counts the plugins of a cycle that did not fail, and is green only where none failed', () => {
    const words = (_key: string, { ok, polled }: Record<string, string> = {}) => `${ok} of ${polled} ok`;
    const cycle = (ok: number, polled: number) => statusOf({ kind: 'cycle', ok, polled }, false, words);
    assert.deepEqual(cycle(3, 3), { fill: 'green', shape: 'dot', text: '3 of 3 ok' });
    assert.deepEqual(cycle(2, 3), { fill: 'red', shape: 'ring', text: '2 of 3 ok' });
  });

  for (const language of ['en-US', 'de']) {
    it(`is shorter than 20 characters in ${language}, the mark included`, () => {
      const file = resolve('nodes', 'wasi-runtime', 'locales', language, 'wasi-runtime.json');
      const { status, errors } = JSON.parse(readFileSync(file, 'utf8'));
      for (const text of Object.values({ ...status, ...errors })) {
        const longest = String(text)
          .replace('__node__', 'x'.repeat(maxLeaderLength(true)))
          .replace(/__(?:ok|polled)__/g, String(MAX_PLUGINS));
        assert.ok(`${longest} (sim)`.length < 20, longest);
      }
    });
  }
});

describe('a value in a status', () => {
  const short = (values: Record<string, number | string>, units = {}): string =>
    valueText(readingOf({ values, units }), SHORT);

  it('shows as many numbers as fit, with their units', () => {
    assert.equal(valueText(readingOf(), SHORT), '21.5 °C 40 %');
    const exact = readingOf({ values: { temperature: 19.3, humidity: 49.9 } });
    assert.equal(valueText(exact, maxValueLength(false)), '19.3 °C 49.9 %');
    assert.equal(valueText(exact, SHORT), '19.3 °C');
    assert.equal(short({ a: 1013.25, b: 22 }, { a: 'hPa', b: '°C' }), '1013.3 hPa');
  });

  it('rounds, and keeps a second decimal where the number is small', () => {
    assert.equal(short({ a: 0.257, b: -21.449 }), '0.26 -21.4');
  });

  it('leaves out text and what is no number', () => {
    assert.equal(short({ a: 'on', b: Number.NaN, c: 3 }), '3');
    assert.equal(short({ a: 'on' }), '');
  });

  it('is cut rather than too long', () => {
    assert.equal(short({ a: 1e20 }, { a: 'ppm' }).length, SHORT);
  });
});
