/**
 * Node-RED on a RevPi without sensors, under the restrictions of RevPi's unit (hardened-service.ts), with a file in the
 * place of /dev/piControl0: the RevPi's own bytes are read and written as they are on one; what needs the driver's ioctls
 * is tried in test/kernel.
 */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { REPOSITORY, scratchFolder } from '../wasm/components';
import { debugNode, HOST_TOML, injectNode, onTab, pollNode, runtimeNode, TAB } from './flow-nodes';
import { DEVICE_GROUP, hardened, noHardening, SERVICE_USER } from './hardened-service';
import { NodeRed } from './node-red';

const IMAGE_BYTES = 4_096;
const LEDS = 11;

const HEADLESS = `[cluster]
node_id = "hub"
[leds]
count = 5
[plugins.dht22]
enabled = false
[plugins.bme680]
enabled = false
[plugins.pi_monitor]
led = 0
`;

const FLOW = [
  TAB,
  runtimeNode('runtime', { hardware: 'auto' }),
  injectNode('go', ['poll']),
  pollNode('poll', 'pi_monitor', ['out', 'leds']),
  debugNode('out', 'payload'),
  onTab('leds', 'led-sync', { runtime: 'runtime' }, ['shown']),
  debugNode('shown', 'payload'),
  onTab('site', 'dashboard', { runtime: 'runtime', plugin: 'dashboard', path: '/wasi' }),
];

/** RevPi's Debian has Node.js 18 or 20. */
function oldestNode(): string {
  const list = join(REPOSITORY, 'build', 'node-versions.json');
  const versions: readonly { version: string; program: string }[] = existsSync(list)
    ? JSON.parse(readFileSync(list, 'utf8'))
    : [];
  return versions.find(({ version }) => version.startsWith('18.'))?.program ?? process.execPath;
}

async function headlessHub(t: TestContext, inGroup: boolean) {
  const image = join(scratchFolder(t), 'piControl0');
  const bytes = new Uint8Array(IMAGE_BYTES);
  bytes.set([1, 0, 0, 0, 47]);
  writeFileSync(image, bytes);
  chmodSync(image, 0o660);
  chownSync(image, 0, DEVICE_GROUP);
  const configRsc = join(REPOSITORY, 'test', 'fixtures', 'revpi', 'config.rsc');
  const program = oldestNode();
  t.diagnostic(`with ${program}`);
  const nodeRed = await NodeRed.start({
    program,
    texts: { [HOST_TOML]: HEADLESS },
    within: hardened({ image, configRsc, inGroup }),
  });
  t.after(() => nodeRed.stop());
  return { nodeRed, ledBytes: () => [...readFileSync(image).subarray(LEDS, LEDS + 2)] };
}

/** What the service's user has in the folder that all may write to. */
function ownInTmp(): string[] {
  return readdirSync(tmpdir())
    .map((name) => join(tmpdir(), name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.uid === SERVICE_USER);
}

/** Of nodes; Node-RED itself warns of its settings. */
function troubles(log: string): string[] {
  return log.split('\n').filter((line) => /\[(warn|error)\] \[|EROFS|EACCES/.test(line));
}

describe("a RevPi without sensors, under its unit's restrictions", { skip: noHardening() ?? false }, () => {
  it("starts without a warning, tells the RevPi's own temperature, lights A1 and serves the page", async (t) => {
    const before = ownInTmp();
    const { nodeRed, ledBytes } = await headlessHub(t, true);
    await nodeRed.deploy(FLOW);
    await nodeRed.untilStatus('poll', 'green dot ready');
    await nodeRed.inject('go');
    const [values] = await nodeRed.untilDebugs('out');
    assert.equal(Object(values).cpuTemp, 47);
    assert.equal(Object(values).fanOn, 0);
    await nodeRed.untilDebugs('shown');
    assert.deepEqual(ledBytes(), [0b010, 0], 'A1 is green');
    assert.match(await nodeRed.text('/wasi'), /47/);
    const { status, plugins } = await nodeRed.json('/wasi/api/health');
    assert.equal(status, 'ok');
    const states = plugins.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`).sort();
    assert.deepEqual(states, ['bme680 disabled', 'dashboard ready', 'dht22 disabled', 'pi_monitor ready']);
    assert.deepEqual(troubles(nodeRed.log), []);
    await nodeRed.deploy([]);
    await nodeRed.until('A1 is dark', () => ledBytes()[0] === 0);
    assert.deepEqual(
      ownInTmp().filter((path) => !before.includes(path)),
      [nodeRed.userDir],
      'nothing is written but to the user directory',
    );
  });

  it('outside the group picontrol names the group and the lines for the service, and works as far as it can', async (t) => {
    const { nodeRed, ledBytes } = await headlessHub(t, false);
    await nodeRed.deploy(FLOW);
    await nodeRed.untilStatus('site', 'green dot ready');
    await nodeRed.until('the log names the group', () =>
      /piControl0, EACCES.*"picontrol".*SupplementaryGroups=dialout picontrol i2c gpio spi/.test(nodeRed.log),
    );
    await nodeRed.inject('go');
    await nodeRed.untilStatus('leds', 'red ring no permission');
    assert.deepEqual(ledBytes(), [0, 0]);
    assert.match(await nodeRed.text('/wasi'), /<iframe /);
  });
});
