/** The checks of Node-RED's side: koffi, user, service and its sandbox, host.toml, plugins. */
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseUnits } from '../../src/doctor/service-unit';
import { answering, scratchFolder } from '../wasm/components';
import { pc, pi4, revPi } from './boards';
import { findingOf, lookedAt } from './checks';
import type { FakeMachine } from './fake-machine';
import { unit } from './units';

const NOBODY = 65_534;

function serviceOf(different: Readonly<Record<string, string>>, deviceAllow: readonly string[] = []) {
  const [service] = parseUnits(unit({ User: 'pi', ...different }, deviceAllow));
  assert.ok(service);
  return service;
}

async function dropIn(test: Parameters<typeof scratchFolder>[0], service: ReturnType<typeof serviceOf>) {
  const finding = await findingOf(pi4(scratchFolder(test)), 'service', { service });
  return finding.kind === 'missing' ? finding.mend.lines : finding.kind;
}

/** Nobody but root may open it now; where these tests are run by root, he is somebody else meanwhile. */
async function withoutRights(machine: FakeMachine, path: string, work: () => Promise<void>): Promise<void> {
  const real = join(machine.root, path);
  const isRoot = process.geteuid?.() === 0;
  chmodSync(machine.folder, 0o755);
  chmodSync(real, 0);
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(real, 0o755);
  }
}

describe('koffi', () => {
  const koffi = (reason: string, isInstalled: boolean) => () => ({ kind: 'unusable' as const, reason, isInstalled });

  it('that is not installed, or does not load, is missing on a Raspberry Pi', async (test) => {
    const machine = pi4(scratchFolder(test));
    const absent = await lookedAt(machine, 'koffi', { probes: { koffi: koffi('it is not installed', false) } });
    assert.match(absent.join('\n'), /^missing\n.*it is not installed\n.*\ncd \/home\/pi\/\.node-red && npm install /);
    const broken = await lookedAt(machine, 'koffi', { probes: { koffi: koffi('wrong ELF class', true) } });
    assert.match(broken.join('\n'), /^missing\n.*wrong ELF class\n.*\n.* npm rebuild koffi$/);
  });

  it('is not asked for on a PC, and only recommended on a RevPi', async (test) => {
    const probes = { koffi: koffi('it is not installed', false) };
    assert.equal((await lookedAt(pc(scratchFolder(test)), 'koffi', { probes }))[0], 'skipped');
    assert.equal((await lookedAt(revPi(scratchFolder(test)), 'koffi', { probes }))[0], 'warning');
  });
});

it('root, when nobody named a user, is warned that it says nothing of Node-RED', async (test) => {
  const login = { uid: 0, gids: new Set([0]) };
  assert.equal((await lookedAt(pi4(scratchFolder(test)), 'user', { login }))[0], 'warning');
  assert.equal((await lookedAt(pi4(scratchFolder(test)), 'user'))[0], 'ok');
  assert.equal((await lookedAt(pc(scratchFolder(test)), 'user', { login }))[0], 'ok');
});

describe('the service', () => {
  it('that runs unrestricted is well', async (test) => {
    assert.equal(await dropIn(test, serviceOf({})), 'ok');
    assert.equal(await dropIn(test, serviceOf({ ProtectSystem: 'full', ProtectHome: 'no' })), 'ok');
  });

  it('is given back each device that its policy leaves out', async (test) => {
    assert.deepEqual(
      await dropIn(test, serviceOf({ DevicePolicy: 'closed' }, ['/dev/i2c-1 rw', '/dev/gpiochip0 rw'])),
      ['[Service]', 'SupplementaryGroups=dialout i2c gpio spi', 'DeviceAllow=/dev/spidev0.0 rw'],
    );
    assert.deepEqual(await dropIn(test, serviceOf({ PrivateDevices: 'yes', DevicePolicy: 'closed' })), [
      '[Service]',
      'SupplementaryGroups=dialout i2c gpio spi',
      'PrivateDevices=no',
      'DeviceAllow=/dev/gpiochip0 rw',
      'DeviceAllow=/dev/i2c-1 rw',
      'DeviceAllow=/dev/spidev0.0 rw',
    ]);
  });

  it('may see whole classes of devices', async (test) => {
    assert.equal(await dropIn(test, serviceOf({}, ['char-gpiochip rw', 'char-i2c rw', 'char-spi rw'])), 'ok');
    assert.deepEqual((await dropIn(test, serviceOf({}, ['char-rtc r', '/dev/spidev0.0 rw']))).slice(2), [
      'DeviceAllow=/dev/gpiochip0 rw',
      'DeviceAllow=/dev/i2c-1 rw',
    ]);
  });

  it('is given back its user directory', async (test) => {
    for (const [different, line] of [
      [{ ProtectSystem: 'strict' }, 'ReadWritePaths=/home/pi/.node-red'],
      [{ ProtectHome: 'read-only' }, 'ProtectHome=no'],
      [{ InaccessiblePaths: '-/dev/i2c-1' }, 'InaccessiblePaths='],
    ] as const)
      assert.equal((await dropIn(test, serviceOf(different))).at(-1), line);
    assert.equal(await dropIn(test, serviceOf({ ProtectSystem: 'strict', ReadWritePaths: '/tmp /home/pi' })), 'ok');
  });

  it('is the one that runs, where several are installed', () => {
    const text = [unit({ ActiveState: 'inactive' }), unit({ Id: 'node-red.service' })].join('\n');
    assert.deepEqual(
      parseUnits(text).map(({ unit: name, isRunning }) => [name, isRunning]),
      [
        ['nodered.service', false],
        ['node-red.service', true],
      ],
    );
  });
});

describe('host.toml', () => {
  const path = '/home/pi/.node-red/wasi/host.toml';

  it('with a mistake is missing, names the line, and leaves the devices for later', async (test) => {
    const machine = pi4(scratchFolder(test)).file(path, '[fan]\ngpio_pin = 99\n');
    const [kind, says] = await lookedAt(machine, 'host-toml');
    assert.equal(kind, 'missing');
    assert.match(String(says), /\/home\/pi\/\.node-red\/wasi\/host\.toml.*gpio_pin/s);
    assert.ok(!String(says).includes(machine.folder), String(says));
    assert.deepEqual(await lookedAt(machine, 'gpio'), ['skipped', 'mend host.toml first']);
  });

  it('that whoever runs this may not read says so, and whether Node-RED may', async (test) => {
    const machine = pi4(scratchFolder(test)).file(path, '', 'pi:pi', 0o600);
    await withoutRights(machine, path, async () => {
      assert.match((await lookedAt(machine, 'host-toml')).join('\n'), /^warning\n[\s\S]*sudo npx edge-wasi doctor$/);
      assert.deepEqual(await lookedAt(machine, 'gpio'), ['skipped', 'mend host.toml first']);
      machine.owners.set(path, { uid: 0, gid: 0, mode: 0o600 });
      assert.match(
        (await lookedAt(machine, 'host-toml')).join('\n'),
        /^missing\nuser pi may not read [\s\S]*sudo chown pi /,
      );
    });
  });

  it('with an unknown key is a warning', async (test) => {
    const machine = pi4(scratchFolder(test)).file(path, '[fan]\ngpio_pim = 27\n');
    assert.match((await lookedAt(machine, 'host-toml')).join('\n'), /^warning\n.*did you mean "gpio_pin"/);
  });

  it('is the one that was named', async (test) => {
    const machine = pi4(scratchFolder(test)).file('/etc/host.toml', '[sensors.dht22]\ngpio_pin = 22\n');
    assert.equal((await lookedAt(machine, 'dht22-gpio22', { options: { hostToml: '/etc/host.toml' } }))[0], 'missing');
    assert.equal((await lookedAt(machine, 'host-toml', { options: { hostToml: '/etc/none.toml' } }))[0], 'missing');
  });
});

describe('plugins', () => {
  const folder = '/home/pi/.node-red/wasi/plugins';

  it('are components that the user may read', async (test) => {
    const component = await answering(1);
    const machine = pi4(scratchFolder(test)).file(`${folder}/clock.wasm`, component, 'pi:pi');
    assert.deepEqual(await lookedAt(machine, 'plugin-files'), ['ok', `${folder}: clock.wasm`]);
    machine.file(`${folder}/secret.wasm`, component, 'root:root', 0o600);
    assert.match((await lookedAt(machine, 'plugin-files')).join('\n'), /^missing\nuser pi may not read .*secret\.wasm/);
  });

  it('in a folder that whoever runs this may not list are left to root', async (test) => {
    const machine = pi4(scratchFolder(test)).dir(folder, 'pi:pi', 0o700);
    await withoutRights(machine, folder, async () => {
      assert.match((await lookedAt(machine, 'plugin-files')).join('\n'), /^warning\n[\s\S]*sudo npx edge-wasi doctor$/);
      assert.equal((await lookedAt(machine, 'enabled-plugins'))[0], 'skipped');
    });
  });

  it('that are no components are named', async (test) => {
    const machine = pi4(scratchFolder(test)).file(`${folder}/half.wasm`, Buffer.from('\0asm\x01\0\0\0'));
    assert.match((await lookedAt(machine, 'plugin-files')).join('\n'), /^missing\n.*half\.wasm.*not a component/);
  });

  it('that host.toml enables have a file, "-" and "_" being one', async (test) => {
    const machine = pi4(scratchFolder(test)).file(
      '/home/pi/.node-red/wasi/host.toml',
      '[plugins.my_clock]\nenabled = true\n',
    );
    assert.match((await lookedAt(machine, 'enabled-plugins')).join('\n'), /^missing\nhost\.toml enables my_clock,/);
    machine.file(`${folder}/my-clock.wasm`, await answering(1));
    assert.equal((await lookedAt(machine, 'enabled-plugins'))[0], 'ok');
  });
});
