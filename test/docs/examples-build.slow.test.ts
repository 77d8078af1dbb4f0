/** Every example of code in wit/ and in the documents is one that componentize-py takes, and that does what it says. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, describe, it, type TestContext } from 'node:test';
import { REPOSITORY, scratchFolder } from '../wasm/components';
import { Engine, metricsOf, poll } from '../wasm/engine';

const COMPONENTIZE = join(REPOSITORY, '.venv', 'bin', 'componentize-py');
const skip = existsSync(COMPONENTIZE) ? false : 'there is no componentize-py in .venv';
/** A build takes 10 s on a machine that does nothing else. */
const BUILD_LIMIT_MS = 300_000;
const LIMIT = { skip, timeout: 2 * BUILD_LIMIT_MS };

const engine = new Engine({ after });
afterEach(() => engine.closeGuests());

const textOf = (...path: readonly string[]) => readFileSync(join(REPOSITORY, ...path), 'utf8');

/** What stands in a text between two others, each of which is there. */
function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start);
  const to = text.indexOf(end, from + start.length);
  assert.ok(from >= 0 && to >= 0, `no example between ${start} and ${end}`);
  return text.slice(from + start.length, to);
}

/** A component of this Python for a world of the author's own, or for one of the package. */
function built(t: TestContext, app: string, world: string, wit = ''): string {
  const folder = scratchFolder(t);
  writeFileSync(join(folder, 'app.py'), app);
  const args = ['-d', join(REPOSITORY, 'wit')];
  if (wit !== '') {
    mkdirSync(join(folder, 'wit'));
    writeFileSync(join(folder, 'wit', 'world.wit'), wit);
    args.push('-d', join(folder, 'wit'));
  }
  const target = join(folder, 'built.wasm');
  args.push('-w', world, 'componentize', 'app', '-p', folder, '-o', target);
  const { status, stderr } = spawnSync(COMPONENTIZE, args, { encoding: 'utf8', timeout: BUILD_LIMIT_MS });
  assert.equal(status, 0, stderr);
  return target;
}

/** Imports and class of a sensor whose poll has these lines; its metrics are `metric(…)`. */
const sensor = (lines: readonly string[], more = '') => `
from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.sensor_logic import Metric, Reading
from wit_world.imports import settings

class SensorLogic(exports.SensorLogic):
    def poll(self):
${lines.map((line) => `        ${line}`).join('\n')}
${more}`;

describe('an example', () => {
  it('of a world in worlds.wit is built, and that of i2c.wit reads a register there', LIMIT, async (t) => {
    const lines = textOf('wit', 'worlds.wit').split('\n');
    const wit = lines.filter((line) => line.startsWith('///     ')).map((line) => line.slice('///     '.length));
    assert.equal(wit[0], 'package me:sensors;');
    const call = between(textOf('wit', 'i2c.wit'), '`transfer(', '`');
    // The simulated chip answers at the other of its two addresses.
    assert.match(call, /^1, 0x76, .*1\)$/);
    const poll_ = [
      'try:',
      `    (chip,) = i2c.transfer(${call.replace('0x76', 'int(settings.get("address"))')}`,
      'except Err as failure: raise Err(str(failure.value))',
      'return [Reading("bme680", [Metric("chip", chip, "")], 1)]',
    ];
    const app = `from wit_world.imports import i2c\n${sensor(poll_)}`;
    const path = built(t, app, 'me:sensors/my-sensor', wit.join('\n'));
    const grants = { i2c: [0x76, 0x77].map((address) => ({ bus: 1, address })) };
    const there = await engine.start(path, { settings: { address: '119' }, grants });
    assert.deepEqual(metricsOf(await poll(there)), { chip: 0x61 });
    // What the message about an error that was not caught has its reader write.
    const absent = await engine.start(path, { settings: { address: '118' }, grants });
    const told = { code: 'PLUGIN_ERROR', message: /nothing answers at I²C address 0x76/ };
    await assert.rejects(poll(absent), told);
    await assert.rejects(poll(absent), told);
  });

  it('of a world in hand-over.wit is built, and hands its state over', LIMIT, async (t) => {
    const world = between(textOf('wit', 'hand-over.wit').replaceAll('\n/// ', ' '), '`world my-sensor {', '`');
    const handOver = `
class HandOver(exports.HandOver):
    def save(self):
        return b"1"

    def restore(self, state):
        if state != b"1":
            raise Err("of another version")
`;
    const app = sensor(['return []'], handOver);
    const path = built(t, app, 'me:sensors/my-sensor', `package me:sensors;\nworld my-sensor {${world}`);
    const guest = await engine.start(path);
    const call = (func: string, ...args: readonly unknown[]) =>
      guest.call('edge:plugin/hand-over@1.0.0', func, args, BUILD_LIMIT_MS);
    const { value } = await call('save');
    await call('restore', value);
    await assert.rejects(call('restore', new Uint8Array([7])), { code: 'PLUGIN_ERROR', message: /another version/ });
  });

  it('of a dashboard in its README is built, and makes a page', LIMIT, async (t) => {
    const app = between(textOf('plugins', 'dashboard', 'README.md'), '```python\n', '```');
    const guest = await engine.start(built(t, app, 'edge:plugin/dashboard-plugin'));
    const data = { nodes: { here: { '<b>': { kitchen: { values: { temperature: 21 } } } } } };
    const args = [JSON.stringify(data)];
    const { value } = await guest.call('edge:plugin/dashboard-logic@1.0.0', 'render', args, BUILD_LIMIT_MS);
    assert.match(String(value), /<li id="here--&lt;b&gt;--kitchen">kitchen: .*temperature.*21/);
  });
});
