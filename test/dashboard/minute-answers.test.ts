import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Query } from '../../src/dashboard/history-query';
import type { DataAnswer } from '../../src/dashboard/http-answer';
import { csvAnswer, minutesAnswer } from '../../src/dashboard/minute-answers';
import { MINUTE_MS } from '../../src/readings/hours';
import { MAX_FIELDS_PER_PLUGIN, MinuteHistory } from '../../src/readings/minute-history';
import type { Reading } from '../../src/readings/reading';
import { readingOf } from '../readings/reading-of';
import { SetClock } from '../readings/set-clock';

const START = '2026-11-24T15:10:30Z';
const ROOM: Query = { sensor: 'room', field: 'temperature' };

/** So many minutes of one reading each. */
function historyOf(minutes: number, reading: (at: number) => Partial<Reading>) {
  const clock = new SetClock(START);
  const history = new MinuteHistory((text) => assert.fail(text), clock);
  for (let at = 0; at < minutes; at++) {
    if (at > 0) clock.pass(MINUTE_MS);
    history.add([readingOf(reading(at))]);
  }
  return { history, now: clock.now() };
}

function chunksOf(answer: DataAnswer): readonly string[] {
  assert.equal(answer.status, 200);
  assert.ok('chunks' in answer);
  return [...answer.chunks];
}

const textOf = (answer: DataAnswer) => chunksOf(answer).join('');
const linesOf = (answer: DataAnswer) => textOf(answer).split('\r\n').slice(1, -1);

function refused(answer: DataAnswer, status: number, why: RegExp): void {
  assert.equal(answer.status, status);
  assert.ok('body' in answer);
  assert.match(answer.body, why);
  assert.equal(answer.headers['Cache-Control'], 'no-store');
}

describe('/api/history with hours', () => {
  const { history, now } = historyOf(600, (at) => ({ values: { temperature: at, humidity: 40 } }));

  it('is one number by the minute, that far back', () => {
    for (const hours of [1, 2, 9]) {
      const { sensor, field, series, ...rest } = JSON.parse(
        textOf(minutesAnswer({ ...ROOM, hours: String(hours) }, history, now)),
      );
      assert.deepEqual([sensor, field, rest], ['room', 'temperature', { hours }]);
      assert.equal(series.length, 1);
      const { points, ...place } = series[0];
      assert.deepEqual(place, { node: 'pi4', plugin: 'dht22', sensorId: 'room', unit: '°C' });
      assert.equal(points.length, hours * 60);
      const timestamp = Date.parse('2026-11-25T01:09Z');
      assert.deepEqual(points.at(-1), { timestamp, min: 599, max: 599, mean: 599, count: 1 });
    }
  });

  it('has a series for every sensor that is called so, and no unit where none is known', () => {
    const { history: two, now: then } = historyOf(2, (at) => ({
      node: `pi${at}`,
      values: { temperature: at },
      units: {},
    }));
    const { series } = JSON.parse(textOf(minutesAnswer({ ...ROOM, hours: '24' }, two, then)));
    assert.deepEqual(
      series.map((each: object) => [...Object.keys(each), Object.values(each)[0]]),
      [
        ['node', 'plugin', 'sensorId', 'points', 'pi0'],
        ['node', 'plugin', 'sensorId', 'points', 'pi1'],
      ],
    );
  });

  it('is valid where a sensor has been silent for longer', () => {
    const answer = minutesAnswer({ ...ROOM, hours: '1' }, history, now + 2 * 60 * MINUTE_MS);
    assert.deepEqual(JSON.parse(textOf(answer)).series[0].points, []);
  });

  for (const hours of ['0', '25', '-1', '1.5', '1e1', '', 'all', ['1', '2']]) {
    it(`says what it takes instead of hours=${JSON.stringify(hours)}`, () => {
      refused(minutesAnswer({ ...ROOM, hours }, history, now), 400, /whole number from 1 to 24/);
      refused(csvAnswer({ hours }, history, now), 400, /whole number from 1 to 24/);
    });
  }

  it('wants one sensor and one field, and ones there are', () => {
    refused(minutesAnswer({ sensor: 'room', hours: '1' }, history, now), 400, /Name one sensor and one field/);
    refused(minutesAnswer({ ...ROOM, field: ['a', 'b'], hours: '1' }, history, now), 400, /Name one sensor/);
    refused(minutesAnswer({ ...ROOM, sensor: 'attic', hours: '1' }, history, now), 404, /attic/);
  });

  it('may be kept until something comes', () => {
    const tag = (of: MinuteHistory) => minutesAnswer({ ...ROOM, hours: '1' }, of, now).headers['ETag'];
    const before = tag(history);
    assert.match(before ?? '', /^W\/"[\w.-]+"$/);
    assert.equal(tag(history), before);
    history.add([readingOf()]);
    assert.notEqual(tag(history), before);
  });
});

describe('/api/history.csv', () => {
  it('is a file of every number by the minute, sensor by sensor, to the letter', () => {
    const { history, now } = historyOf(2, (at) => ({ values: { temperature: 20.5 - 30 * at, humidity: 40 } }));
    history.add([readingOf({ plugin: 'x', values: { a: 1 }, units: {} })]);
    const answer = csvAnswer({}, history, now);
    assert.equal(
      textOf(answer),
      [
        'time,node,plugin,sensor,field,unit,min,max,mean,count',
        '2026-11-24T15:10:00.000Z,pi4,dht22,room,humidity,%,40,40,40,1',
        '2026-11-24T15:11:00.000Z,pi4,dht22,room,humidity,%,40,40,40,1',
        '2026-11-24T15:10:00.000Z,pi4,dht22,room,temperature,°C,20.5,20.5,20.5,1',
        '2026-11-24T15:11:00.000Z,pi4,dht22,room,temperature,°C,-9.5,-9.5,-9.5,1',
        '2026-11-24T15:11:00.000Z,pi4,x,room,a,,1,1,1,1',
        '',
      ].join('\r\n'),
    );
    assert.equal(answer.headers['Content-Type'], 'text/csv; charset=utf-8; header=present');
    assert.equal(answer.headers['Content-Disposition'], 'attachment; filename="wasi-history.csv"');
    assert.equal(answer.headers['X-Content-Type-Options'], 'nosniff');
  });

  it('is of one sensor, one field or some hours where they are named', () => {
    const { history, now } = historyOf(120, () => ({}));
    assert.equal(linesOf(csvAnswer({}, history, now)).length, 240);
    assert.equal(linesOf(csvAnswer({ field: 'humidity' }, history, now)).length, 120);
    assert.equal(linesOf(csvAnswer({ ...ROOM, hours: '1' }, history, now)).length, 60);
    refused(csvAnswer({ sensor: 'attic' }, history, now), 404, /sensor \\"attic\\"/);
    for (const wrong of [{ sensor: '' }, { field: ['a', 'b'] }])
      refused(csvAnswer(wrong, history, now), 400, /at most one sensor and one field/);
  });

  it('has its head alone before the first poll', () => {
    const { history, now } = historyOf(0, () => ({}));
    assert.deepEqual(linesOf(csvAnswer({}, history, now)), []);
  });

  it('comes in pieces that are made one by one, however much there is', () => {
    const values = Object.fromEntries(
      Array.from({ length: MAX_FIELDS_PER_PLUGIN }, (_, at) => [`field ${at}`, at / 3]),
    );
    const { history, now } = historyOf(24 * 60, () => ({ values }));
    const chunks = chunksOf(csvAnswer({}, history, now));
    assert.equal(chunks.join('').split('\r\n').length, MAX_FIELDS_PER_PLUGIN * 24 * 60 + 2);
    assert.ok(chunks.every((chunk) => chunk.length < 32_768));
  });
});

describe('a name in the CSV', () => {
  it('stays one cell, whatever a guest calls its sensor, its field and its unit', () => {
    const odd = '=HYPERLINK("x","y"),z';
    const { history, now } = historyOf(1, () => ({ sensorId: odd, values: { [odd]: -1 }, units: { [odd]: odd } }));
    const cell = `"'=HYPERLINK(""x"",""y""),z"`;
    assert.deepEqual(linesOf(csvAnswer({}, history, now)), [
      `2026-11-24T15:10:00.000Z,pi4,dht22,${cell},${cell},${cell},-1,-1,-1,1`,
    ]);
  });
});
