/** host.toml in the user directory: where it is looked for, and what a mistake in it looks like to the user. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  catchNode,
  debugNode,
  HOST_TOML,
  injectNode,
  onTab,
  pollNode,
  runtimeNode,
  STILL_WORLD,
  TAB,
} from './flow-nodes';
import { NodeRed } from './node-red';

const BROKEN = `${STILL_WORLD}[leds]\nbrightness = "bright"\n`;
const BROKEN_LINE = BROKEN.split('\n').indexOf('brightness = "bright"') + 1;

let nodeRed: NodeRed;
before(async () => {
  nodeRed = await NodeRed.start({ texts: { [HOST_TOML]: BROKEN } });
});
after(() => nodeRed.stop());

async function deploy(suffix: string, runtime: object = {}): Promise<void> {
  await nodeRed.deploy([
    TAB,
    runtimeNode('runtime', runtime),
    injectNode('go', [`poll${suffix}`]),
    pollNode(`poll${suffix}`, 'dht22', [`out${suffix}`]),
    debugNode(`out${suffix}`, 'payload'),
    catchNode('caught', [`failed${suffix}`]),
    debugNode(`failed${suffix}`),
    onTab('site', 'dashboard', { runtime: 'runtime', plugin: 'dashboard', path: '/wasi' }),
  ]);
}

describe('a mistake in host.toml', () => {
  it('makes every node red, and each message says file, line, key, what was expected and what was found', async () => {
    await deploy('');
    await nodeRed.untilStatus('poll', 'red ring wrong setting');
    await nodeRed.inject('go');
    const [message] = await nodeRed.untilDebugs('failed');
    assert.ok(typeof message === 'object' && message !== null && 'error' in message);
    const { error } = message;
    assert.ok(typeof error === 'object' && error !== null && 'code' in error && 'message' in error);
    assert.equal(error.code, 'CONFIG_INVALID');
    const place = `${join(nodeRed.userDir, HOST_TOML)}, line ${BROKEN_LINE}, leds.brightness: expected`;
    assert.ok(String(error.message).includes(place), String(error.message));
    assert.match(String(error.message), /found "bright"/);
    assert.ok(nodeRed.log.includes(`[error] [wasi-runtime:runtime] ${place}`));
  });

  it('is what page, health and data answer with, and the editor answers on', async () => {
    const page = await nodeRed.request('/wasi');
    assert.equal(page.status, 503);
    assert.match(await page.text(), /CONFIG_INVALID/);
    for (const path of ['/wasi/api/health', '/wasi/api/readings', '/wasi/metrics']) {
      const response = await nodeRed.request(path);
      assert.deepEqual([response.status, (await response.json()).code], [503, 'CONFIG_INVALID'], path);
    }
    assert.equal((await nodeRed.request('/')).status, 200);
  });

  it('is over once the file is correct, without a deploy', async () => {
    await writeFile(join(nodeRed.userDir, HOST_TOML), `${STILL_WORLD}[leds]\nbrihgtness = 50\n`);
    await nodeRed.untilStatus('poll', 'green dot ready (sim)');
    await nodeRed.inject('go');
    assert.deepEqual(await nodeRed.untilDebugs('out'), [{ temperature: 21.5, humidity: 40 }]);
  });
});

describe('host.toml', () => {
  it('with an unknown key is taken, with a warning that names the nearest one', () => {
    assert.match(
      nodeRed.log,
      /\[warn\] \[wasi-runtime:runtime\] .*host\.toml, line \d+, leds\.brihgtness: .*brightness/,
    );
  });

  it('that a runtime names and that is not there is an error', async () => {
    await deploy('-absent', { configFile: 'wasi/absent.toml' });
    await nodeRed.untilStatus('poll-absent', 'red ring wrong setting');
    assert.match(nodeRed.log, /absent\.toml: expected a file, found none/);
  });
});
