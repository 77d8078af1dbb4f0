/** A changed host.toml is taken over while everything runs; what it does not concern keeps its state. */
import assert from 'node:assert/strict';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { HostConfigFile } from '../../src/host-config/host-config-file';
import { ConfigReload } from '../../src/runtime/config-reload';
import { Journal } from '../../src/runtime/journal';
import { promise } from '../support/promise';
import { until } from '../support/until';
import { onlyBundled } from './bundled';
import { NONE_BUNDLED, TestRuntime, userDirectory } from './test-runtime';

const COUNTERS = `${NONE_BUNDLED}[plugins.one]\n[plugins.two]\n[logging]\nshow_sensor_data = false\n`;
const FILES = { one: 'counter_v1', two: 'counter_v1' };
const TAKEN_OVER = /changed and was taken over/;
const KEPT = /the running configuration goes on/;

class Edited {
  private constructor(
    readonly host: TestRuntime,
    readonly path: string,
  ) {}

  static async open(t: TestContext, toml: string, files: Readonly<Record<string, string>> = {}): Promise<Edited> {
    const userDir = userDirectory(t);
    const path = join(userDir, 'wasi', 'host.toml');
    writeFileSync(path, toml);
    return new Edited(await TestRuntime.open(t, '', files, { userDir, configSource: 'file' }), path);
  }

  /** As editors do it: beside, then renamed over. */
  write(toml: string): void {
    writeFileSync(`${this.path}.new`, toml);
    renameSync(`${this.path}.new`, this.path);
  }

  async takesOver(toml: string): Promise<void> {
    const before = this.host.logged('info', TAKEN_OVER).length;
    this.write(toml);
    await this.host.until(() => this.host.logged('info', TAKEN_OVER).length > before);
  }

  async refuses(change: () => void): Promise<string> {
    const before = this.host.logged('warn', KEPT).length;
    change();
    await this.host.until(() => this.host.logged('warn', KEPT).length > before);
    return this.host.logged('warn', KEPT).at(-1) ?? '';
  }
}

describe('a host.toml that changes', () => {
  promise('starts the plugins whose table changed afresh, and the others keep their state', async (t) => {
    const edited = await Edited.open(t, COUNTERS, FILES);
    const { host } = edited;
    for (const name of ['one', 'two']) assert.equal((await host.poll(name))['count'], 1);
    await edited.takesOver(`${COUNTERS}[plugins.two.settings]\nlimit = 5\n`);
    assert.equal((await host.poll('one'))['count'], 2);
    assert.equal((await host.poll('two'))['count'], 1);
    assert.match(host.logged('info', TAKEN_OVER).at(-1) ?? '', /started anew: two$/);
  });

  promise('loses no poll: those under way end, those that come wait and are answered by the new', async (t) => {
    const edited = await Edited.open(t, COUNTERS, FILES);
    let answered = 0;
    let over = false;
    const polling = until(async () => {
      await edited.host.poll('two');
      answered += 1;
      return over;
    }, 'host.toml was taken over three times');
    for (let limit = 1; limit <= 3; limit += 1)
      await edited.takesOver(`${COUNTERS}[plugins.two.settings]\nlimit = ${limit}\n`);
    over = true;
    await polling;
    assert.equal(edited.host.plugin('two').failures, 0);
    assert.ok(answered > 3);
  });

  promise('turns plugins off and on, and takes new ones in at their place', async (t) => {
    const edited = await Edited.open(t, COUNTERS, { ...FILES, three: 'counter_v2' });
    const { host } = edited;
    await edited.takesOver(COUNTERS.replace('[plugins.one]\n', '[plugins.three]\n[plugins.one]\nenabled = false\n'));
    assert.deepEqual(await host.runtime.poll('one'), { kind: 'disabled', plugin: 'one' });
    const { readings, failures } = await host.runtime.pollAll();
    assert.deepEqual([readings.map(({ plugin }) => plugin), failures], [['three', 'two'], []]);
    await edited.takesOver(COUNTERS);
    assert.equal((await host.poll('one'))['count'], 1);
  });

  promise('opens the devices anew where it says something else about them', async (t) => {
    const warm = `${onlyBundled('dht22')}[simulation]\ndht22_temperature = 35\n`;
    const edited = await Edited.open(t, warm.replace('35', '20'));
    const { host } = edited;
    assert.equal((await host.poll('dht22'))['temperature'], 20);
    assert.equal((await host.runtime.syncLeds()).leds[1], '#00ff00');
    assert.equal((await host.runtime.syncLeds()).changed, false);
    await edited.takesOver(`${warm}[leds]\ncount = 11\nbrightness = 10\n`);
    // The strip was dark meanwhile, whatever the buffer holds.
    assert.equal((await host.runtime.syncLeds()).changed, true);
    assert.equal((await host.poll('dht22'))['temperature'], 35);
    assert.equal((await host.runtime.syncLeds()).leds[1], '#ff0000');
    await host.runtime.syncLeds(['#0000ff', '#0000ff', '#0000ff']);
    await edited.takesOver(`${warm}[leds]\ncount = 2\n`);
    // Another strip: neither what plugins set nor a flow's override is known to fit it.
    assert.deepEqual((await host.runtime.syncLeds()).leds, ['#000000', '#000000']);
    await host.poll('dht22');
    assert.deepEqual((await host.runtime.syncLeds()).leds, ['#000000', '#ff0000']);
  });

  promise('tells who polls by it, and its level of the log counts', async (t) => {
    const edited = await Edited.open(t, COUNTERS);
    const events: string[] = [];
    edited.host.runtime.subscribe(({ kind }) => events.push(kind));
    await edited.takesOver(`${COUNTERS}level = "debug"\n[polling]\ninterval_seconds = 60\n`);
    await edited.host.until(() => events.includes('configured'));
    assert.equal(edited.host.runtime.config.polling.intervalSeconds, 60);
    assert.equal(edited.host.runtime.config.logging.level, 'debug');
  });
});

describe('a host.toml that cannot be used', () => {
  promise('changes nothing and is said once, with its line', async (t) => {
    const edited = await Edited.open(t, COUNTERS, FILES);
    const { host } = edited;
    await host.poll('one');
    const said = await edited.refuses(() => edited.write('[polling]\ninterval_seconds = "often"\n'));
    assert.match(said, /CONFIG_INVALID: .*host\.toml, line 2, polling\.interval_seconds: expected/);
    assert.equal((await host.poll('one'))['count'], 2);
    assert.match(await edited.refuses(() => edited.write('[polling\n')), /line 1, column/);
    assert.match(await edited.refuses(() => rmSync(edited.path)), /expected a file, found none/);
    assert.equal((await host.poll('one'))['count'], 3);
    assert.equal(host.logged('warn', KEPT).length, 3);
    await edited.takesOver(`${COUNTERS}[polling]\ninterval_seconds = 9\n`);
    assert.equal((await host.poll('one'))['count'], 4);
  });
});

describe('a host.toml that is not watched', () => {
  it('is looked at by polls, once a second, also after the clock of the machine was set back', async (t) => {
    const origin = { configSource: 'inline', configFile: '', configText: '', userDir: '/nowhere' } as const;
    const file = await HostConfigFile.open(origin, { hostName: 'pi' });
    const { mock: looks } = t.mock.method(file, 'look');
    let uptime = 5_000;
    t.mock.method(performance, 'now', () => uptime);
    const reload = new ConfigReload(file, async () => undefined, new Journal(file.first, () => undefined));
    t.after(() => reload.close());
    t.mock.method(Date, 'now', () => 0);
    for (const passed of [999, 1, 999, 1]) {
      uptime += passed;
      await reload.settled();
    }
    assert.equal(looks.callCount(), 2);
  });
});
