import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MinutePoint } from '../../src/readings/hour-minutes';
import { HOUR_MS, KEPT_HOURS, MAX_HOURS, MINUTE_MS, minuteOf } from '../../src/readings/hours';
import {
  MAX_FIELDS,
  MAX_FIELDS_PER_PLUGIN,
  MinuteHistory,
  SILENT_MS,
  SPARE_HOURS,
} from '../../src/readings/minute-history';
import { readingOf } from './reading-of';
import { SetClock } from './set-clock';

const ROOM = { node: 'pi4', plugin: 'dht22', sensorId: 'room', field: 'temperature' };

function newHistory(clock: SetClock, said: string[] = []): MinuteHistory {
  return new MinuteHistory((text) => said.push(text), clock);
}

function temperature(history: MinuteHistory, value: number, parts: object = {}): void {
  history.add([readingOf({ values: { temperature: value }, ...parts })]);
}

/** Of the room, as far back as is kept. */
function points(history: MinuteHistory, place = ROOM): readonly MinutePoint[] {
  const minute = minuteOf(history.clock.now());
  return [...(history.find(place)?.points(minute - KEPT_HOURS * 60 + 1, minute) ?? [])];
}

const values = (history: MinuteHistory) => points(history).map(({ mean }) => mean);
const fieldsOf = (count: number, prefix: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`${prefix}${at}`, at]));

describe('a minute of the history', () => {
  it('has the lowest, highest and mean value and how many there were', () => {
    const clock = new SetClock('2026-11-24T15:10:05Z');
    const history = newHistory(clock);
    for (const value of [20, 23, 21]) {
      temperature(history, value);
      clock.pass(5_000);
    }
    clock.pass(MINUTE_MS);
    temperature(history, -4);
    assert.deepEqual(points(history), [
      { timestamp: Date.parse('2026-11-24T15:10Z'), min: 20, max: 23, mean: 21.3333333333, count: 3 },
      { timestamp: Date.parse('2026-11-24T15:11Z'), min: -4, max: -4, mean: -4, count: 1 },
    ]);
  });

  it('is that of the host, whatever a guest says what time it is', () => {
    const history = newHistory(new SetClock('2026-11-24T15:10Z'));
    for (const timestamp of [1, Date.parse('2026-11-24T12:00Z'), 8.64e15]) temperature(history, 7, { timestamp });
    assert.deepEqual(
      points(history).map(({ timestamp, count }) => [timestamp, count]),
      [[Date.parse('2026-11-24T15:10Z'), 3]],
    );
  });

  it('has numbers alone, and the largest there are have a mean', () => {
    const history = newHistory(new SetClock('2026-11-24T15:10Z'));
    for (const value of [Number.MAX_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE])
      history.add([readingOf({ values: { a: value, b: Number.NaN, c: Number.POSITIVE_INFINITY, d: 'text' } })]);
    assert.deepEqual(
      history.fields().map(({ place }) => place.field),
      ['a'],
    );
    const [point] = points(history, { ...ROOM, field: 'a' });
    assert.ok(point !== undefined && Math.abs(point.mean / (Number.MAX_VALUE / 3) - 1) < 1e-9);
  });
});

describe('the history', () => {
  it('reaches back 24 hours and no further', () => {
    const clock = new SetClock('2026-11-24T15:30Z');
    const history = newHistory(clock);
    for (let minute = 0; minute <= 30 * 60; minute++) {
      temperature(history, minute);
      clock.pass(MINUTE_MS);
    }
    clock.pass(-MINUTE_MS);
    const kept = points(history);
    assert.equal(kept.length, 24 * 60);
    assert.deepEqual([kept[0]?.min, kept.at(-1)?.min], [6 * 60 + 1, 30 * 60]);
    const hours = Array.from({ length: 31 }, (_, at) => Math.floor(clock.now() / HOUR_MS) - at);
    assert.equal(hours.filter((hour) => history.find(ROOM)?.hour(hour)).length, 25, 'hours in memory');
  });

  it('is of the sensors and fields that are asked for, in a fixed order', () => {
    const history = newHistory(new SetClock('2026-11-24T15:10Z'));
    history.add([readingOf({ plugin: 'x', sensorId: 'attic' }), readingOf({ node: 'pi5' }), readingOf()]);
    const places = (selection: object) =>
      history.fields(selection).map(({ place }) => `${place.node}/${place.plugin}/${place.sensorId} ${place.field}`);
    assert.deepEqual(places({ field: 'humidity' }), [
      'pi4/dht22/room humidity',
      'pi4/x/attic humidity',
      'pi5/dht22/room humidity',
    ]);
    assert.deepEqual(places({ sensor: 'pi5/dht22/room' }), ['pi5/dht22/room humidity', 'pi5/dht22/room temperature']);
    assert.deepEqual(places({ sensor: 'room', field: 'temperature' }).length, 2);
    assert.deepEqual(places({ sensor: 'cellar' }), []);
  });

  it('has another revision whenever something came, or a minute is over', () => {
    const clock = new SetClock('2026-11-24T15:10Z');
    const history = newHistory(clock);
    const seen = new Set([history.revision, history.revision, newHistory(clock).revision]);
    assert.equal(seen.size, 2);
    temperature(history, 1);
    seen.add(history.revision);
    clock.pass(MINUTE_MS);
    seen.add(history.revision);
    assert.equal(seen.size, 4);
  });
});

describe('a clock that is set', () => {
  it('from 1970 to today leaves what was measured today', () => {
    const clock = new SetClock(90_000);
    const history = newHistory(clock);
    temperature(history, 1);
    clock.set('2026-11-24T15:10Z');
    temperature(history, 2);
    assert.deepEqual(values(history), [2]);
    clock.pass(HOUR_MS);
    temperature(history, 3);
    assert.equal(history.find(ROOM)?.hour(0), undefined, 'what is older than a day takes no memory for long');
  });

  it('back by hours shows nothing of the future, and replaces it once it is there', () => {
    const clock = new SetClock('2026-11-24T15:10Z');
    const history = newHistory(clock);
    temperature(history, 99);
    clock.set('2026-11-24T12:10Z');
    temperature(history, 1);
    assert.deepEqual(values(history), [1]);
    clock.pass(3 * HOUR_MS);
    temperature(history, 2);
    temperature(history, 4);
    assert.deepEqual(values(history), [1, 3]);
  });

  it('back by seconds keeps the minute it had', () => {
    const clock = new SetClock('2026-11-24T15:10:59Z');
    const history = newHistory(clock);
    temperature(history, 1);
    clock.set('2026-11-24T15:11:00Z');
    temperature(history, 2);
    clock.set('2026-11-24T15:10:58Z');
    temperature(history, 4);
    clock.set('2026-11-24T15:11:01Z');
    assert.deepEqual(values(history), [1, 3]);
  });

  it('at random never fills more than the bound', () => {
    const clock = new SetClock('2026-11-24T15:10Z');
    const history = newHistory(clock);
    for (let day = 1; day <= 28; day++) {
      for (const hour of ['00', '09', '23']) {
        clock.set(`2026-02-${String((day * 11) % 28 || 28).padStart(2, '0')}T${hour}:00Z`);
        temperature(history, day);
      }
    }
    const first = Math.floor(Date.parse('2026-01-31T00:00Z') / HOUR_MS);
    const kept = Array.from({ length: 31 * 24 }, (_, at) => history.find(ROOM)?.hour(first + at)).filter(Boolean);
    assert.ok(kept.length > 1 && kept.length <= MAX_HOURS + SPARE_HOURS, `${kept.length} hours`);
  });
});

describe('what another node read', () => {
  const THERE = { ...ROOM, node: 'pi5' };
  const told = (history: MinuteHistory, time: string, value: number) =>
    history.addOfOther([readingOf({ node: 'pi5', timestamp: Date.parse(time), values: { temperature: value } })]);
  const kept = (history: MinuteHistory) =>
    points(history, THERE).map(({ timestamp, mean, count }) => [
      new Date(timestamp).toISOString().slice(11, 16),
      mean,
      count,
    ]);

  it('is in the minute it was read in, however late it is handed over', () => {
    const history = newHistory(new SetClock('2026-11-24T15:10Z'));
    for (const [minute, value] of [
      ['12:59', 1],
      ['12:59', 3],
      ['13:00', 5],
      ['15:10', 7],
    ] as const)
      told(history, `2026-11-24T${minute}:00Z`, value);
    assert.deepEqual(kept(history), [
      ['12:59', 2, 2],
      ['13:00', 5, 1],
      ['15:10', 7, 1],
    ]);
    const hours = history.takeChanged().map((hour) => new Date(hour * HOUR_MS).getUTCHours());
    assert.deepEqual(hours, [12, 13, 15], 'they are written');
  });

  it('is not there twice when it is handed over again after a restart', () => {
    const history = newHistory(new SetClock('2026-11-24T15:10Z'));
    const hour = Math.floor(Date.parse('2026-11-24T14:00Z') / HOUR_MS);
    const minute = { min: 1, max: 9, mean: 4, count: 12 };
    history.restore(hour, THERE, '°C', [
      [57, minute],
      [58, minute],
    ]);
    for (const at of ['14:57:30', '14:58:30', '14:59:30']) told(history, `2026-11-24T${at}Z`, 4);
    assert.deepEqual(kept(history), [
      ['14:57', 4, 12],
      ['14:58', 4, 13],
      ['14:59', 4, 1],
    ]);
  });

  it('is of now where its clock is ahead, and of no time where it is older than a day', () => {
    const history = newHistory(new SetClock('2026-11-24T15:10Z'));
    for (const day of ['22', '23', '25']) told(history, `2026-11-${day}T14:30:00Z`, Number(day));
    assert.deepEqual(kept(history), [['15:10', 25, 1]]);
    assert.deepEqual(history.takeChanged(), [Math.floor(Date.parse('2026-11-24T15:00Z') / HOUR_MS)]);
  });

  it('takes nothing away where it comes out of order', () => {
    const history = newHistory(new SetClock('2026-11-24T15:10Z'));
    for (const at of ['14:01:00', '14:00:59', '14:01:01']) told(history, `2026-11-24T${at}Z`, 4);
    assert.deepEqual(kept(history), [
      ['14:00', 4, 1],
      ['14:01', 4, 2],
    ]);
  });

  it('replaces what this node had in the future before its clock was set back', () => {
    const clock = new SetClock('2026-11-24T15:10Z');
    const history = newHistory(clock);
    told(history, '2026-11-24T14:10:00Z', 99);
    told(history, '2026-11-24T15:10:00Z', 99);
    clock.set('2026-11-24T14:10Z');
    told(history, '2026-11-24T14:10:00Z', 1);
    clock.pass(HOUR_MS);
    told(history, '2026-11-24T15:10:00Z', 2);
    assert.deepEqual(kept(history), [
      ['14:10', 1, 1],
      ['15:10', 2, 1],
    ]);
  });
});

describe('a guest that invents fields', () => {
  it('uses up its own share, and that is said once', () => {
    const clock = new SetClock('2026-11-24T15:10Z');
    const said: string[] = [];
    const history = newHistory(clock, said);
    temperature(history, 20);
    for (let poll = 0; poll < 5; poll++) {
      history.add([readingOf({ plugin: 'inventor', values: fieldsOf(MAX_FIELDS_PER_PLUGIN + 1, `at ${poll} `) })]);
      temperature(history, 20);
      clock.pass(MINUTE_MS);
    }
    assert.equal(history.fields().length, MAX_FIELDS_PER_PLUGIN + 1);
    assert.equal(values(history).length, 5);
    assert.deepEqual(said.length, 1);
    assert.match(said[0] ?? '', /room for 128 fields of plugin inventor/);
  });

  it('does not push out what is polled: neither its own nor, beyond the bound of all, those of others', () => {
    const clock = new SetClock('2026-11-24T15:10Z');
    const said: string[] = [];
    const history = newHistory(clock, said);
    const plugins = MAX_FIELDS / MAX_FIELDS_PER_PLUGIN;
    for (let poll = 0; poll < 3; poll++) {
      for (let plugin = 0; plugin <= plugins; plugin++)
        history.add([readingOf({ plugin: `p${plugin}`, values: fieldsOf(MAX_FIELDS_PER_PLUGIN, 'f') })]);
      clock.pass(MINUTE_MS);
    }
    assert.equal(history.fields().length, MAX_FIELDS);
    const now = minuteOf(clock.now());
    assert.ok(history.fields().every((field) => [...field.points(now - 10, now)].length === 3));
    assert.match(said.join(), /^the history of 24 hours has room for 512 fields in all/);
  });

  it('takes the place of the field that was silent longest once that is ten minutes', () => {
    const clock = new SetClock('2026-11-24T15:10Z');
    const history = newHistory(clock);
    history.add([readingOf({ values: { longest: 1 } })]);
    clock.pass(1_000);
    history.add([readingOf({ values: fieldsOf(MAX_FIELDS_PER_PLUGIN - 1, 'f') })]);
    clock.pass(SILENT_MS - 1_001);
    history.add([readingOf({ values: { early: 1 } })]);
    assert.ok(history.find({ ...ROOM, field: 'longest' }), 'it is not silent that long');
    // All of them are silent that long by now.
    clock.pass(2_000);
    history.add([readingOf({ values: { late: 1 } })]);
    assert.equal(history.find({ ...ROOM, field: 'longest' }), undefined);
    assert.ok(history.find({ ...ROOM, field: 'late' }) && history.find({ ...ROOM, field: 'f0' }));
    assert.equal(history.fields().length, MAX_FIELDS_PER_PLUGIN);
  });
});

describe('a sensor whose id looks like the whole place of another', () => {
  it('is not found by that place, and the other one is', () => {
    const history = new MinuteHistory(() => assert.fail(), new SetClock('2026-11-24T15:00Z'));
    history.add([readingOf({ node: 'vm', plugin: 'mine', sensorId: 'vm/dht22/dht22' })]);
    assert.deepEqual(history.fields({ sensor: 'vm/dht22/dht22' }), []);
    assert.equal(history.fields({ sensor: 'vm/mine/vm/dht22/dht22' }).length, 2);
    history.add([readingOf({ node: 'vm', plugin: 'dht22', sensorId: 'dht22' })]);
    const plugins = history.fields({ sensor: 'vm/dht22/dht22' }).map(({ place }) => place.plugin);
    assert.deepEqual(plugins, ['dht22', 'dht22']);
  });
});
