import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { parseHostConfig } from '../../src/host-config/parse-host-config';
import { NO_REPORT } from '../../src/platform/storage-report';
import { hourName, hourOf, MINUTE_MS, minuteOf } from '../../src/readings/hours';
import { ReadingsStore } from '../../src/readings/readings-store';
import { Journal } from '../../src/runtime/journal';
import { RuntimeHistory } from '../../src/runtime/runtime-history';
import { readingOf } from '../readings/reading-of';
import { promise } from '../support/promise';
import { until } from '../support/until';
import { onlyBundled } from './bundled';
import { TestRuntime, userDirectory } from './test-runtime';

const ROOM = `${onlyBundled('dht22')}[simulation]\ndht22_temperature = 21.5\n`;

const folder = (userDir: string) => join(userDir, 'wasi', 'history');
const temperatures = ({ runtime }: TestRuntime) => {
  const fields = runtime.minuteHistory.fields({ sensor: 'dht22', field: 'temperature' });
  const now = minuteOf(Date.now());
  return fields.flatMap((field) => [...field.points(now - 60, now)]);
};
const valuesKept = (host: TestRuntime) => temperatures(host).reduce((sum, { count }) => sum + count, 0);

describe('the history of a runtime', () => {
  promise('has every poll, and is there after a restart beside what comes then', async (t) => {
    const userDir = userDirectory(t);
    const first = await TestRuntime.open(t, ROOM, {}, { userDir });
    await first.poll('dht22');
    await first.poll('dht22');
    assert.equal(valuesKept(first), 2);
    await Promise.all([first.close(), first.close()]);
    const second = await TestRuntime.open(t, ROOM, {}, { userDir });
    await second.poll('dht22');
    await until(() => valuesKept(second) === 3);
    assert.deepEqual([...new Set(temperatures(second).map(({ mean }) => mean))], [21.5]);
    assert.deepEqual(second.logged('warn', /history/), []);
    await second.close();
  });

  promise('gives the trend of a reading, also to the one that came first after a restart', async (t) => {
    const host = await TestRuntime.open(t, ROOM);
    await host.poll('dht22');
    const [reading] = host.runtime.latestReadings();
    assert.ok(reading);
    assert.equal(host.runtime.trend(reading, 'temperature'), undefined);
    await host.poll('dht22');
    const trend = host.runtime.trend(reading, 'temperature');
    assert.deepEqual([trend?.points.length, trend?.min, trend?.max], [2, 21.5, 21.5]);
    assert.equal(host.runtime.trend(reading, 'nothing'), undefined);
  });

  promise('has what another node read at its own time, though it is handed over an hour later', async (t) => {
    const journal = new Journal(parseHostConfig('', 'test', { hostName: 'pi4' }), (line) => assert.fail(line.text));
    const store = new ReadingsStore((error) => assert.fail(String(error)));
    const history = new RuntimeHistory(store, folder(userDirectory(t)), journal, () => 'pi4', NO_REPORT);
    history.start();
    const read = minuteOf(Date.now()) - 60;
    const timestamp = read * MINUTE_MS;
    for (const node of ['pi4', 'pi5']) store.add([readingOf({ node, timestamp })]);
    const minutesOf = (node: string) => {
      const [field] = history.minutes.fields({ sensor: `${node}/dht22/room`, field: 'temperature' });
      return [...(field?.points(read - 1, read + 59) ?? [])].map((point) => point.timestamp);
    };
    assert.deepEqual([minutesOf('pi4'), minutesOf('pi5')], [[], [timestamp]]);
    await history.close();
  });

  promise('costs no poll where its file is damaged, which is said once', async (t) => {
    const userDir = userDirectory(t);
    mkdirSync(folder(userDir));
    const name = `${hourName(hourOf(Date.now()))}.jsonl`;
    writeFileSync(join(folder(userDir), name), '{"format": "edge-wa');
    const host = await TestRuntime.open(t, ROOM, {}, { userDir });
    await host.poll('dht22');
    await host.until(() => host.logged('warn', /history/).length > 0);
    await host.close();
    assert.deepEqual(
      host.logged('warn', /history/).map((text) => text.includes(`(${name}: its end is missing)`)),
      [true],
    );
  });

  promise('costs no poll where its folder cannot be written, which is said once', async (t) => {
    const userDir = userDirectory(t);
    writeFileSync(folder(userDir), 'a file where a folder should be');
    const host = await TestRuntime.open(t, ROOM, {}, { userDir });
    await host.poll('dht22');
    await host.close();
    assert.equal(host.logged('warn', /the history could not be written to .*make room/).length, 1);
    assert.equal(host.logged('warn', /history/).length, 1);
  });

  promise('writes nothing where nothing was polled', async (t) => {
    const host = await TestRuntime.open(t, ROOM);
    await host.close();
    assert.ok(!existsSync(folder(host.userDir)) || readdirSync(folder(host.userDir)).length === 0);
  });
});
