/** The doctor in a container: what it is recognised by, and that it sends nobody to mend the inside. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allChecks } from '../../src/doctor/checks/all-checks';
import { readContainer } from '../../src/doctor/container';
import { examine } from '../../src/doctor/report';
import { SystemFiles } from '../../src/doctor/system-files';
import { scratchFolder } from '../wasm/components';
import { pi4, pi4Container } from './boards';
import { lookedAt } from './checks';
import { type Around, contextOf, FakeMachine } from './fake-machine';
import { doctorOn } from './run-command';

const ADD_ON: Around = { environment: { SUPERVISOR_TOKEN: 'x' }, login: { name: 'root', uid: 0, gids: new Set([0]) } };

async function reportOn(machine: FakeMachine, around: Around = {}) {
  const context = await contextOf(machine, around);
  return { context, ...(await examine(allChecks(context), context)) };
}

describe('a container', () => {
  for (const [path, text, name] of [
    ['/.dockerenv', '', 'Docker'],
    ['/run/.containerenv', 'engine="podman"\n', 'Podman'],
    ['/proc/1/cgroup', '12:devices:/docker/4f1c2a\n0::/system.slice\n', 'Docker'],
    ['/proc/1/cgroup', '0::/machine.slice/libpod-4f1c.scope\n', 'Podman'],
    ['/proc/1/cgroup', '0::/kubepods/besteffort/pod1\n', 'container'],
    ['/proc/1/environ', 'PATH=/bin\0container=lxc\0', 'LXC'],
  ] as const) {
    it(`is recognised by ${path}: ${JSON.stringify(text)}`, async (test) => {
      const machine = new FakeMachine(scratchFolder(test)).file(path, text);
      const found = await readContainer(new SystemFiles(machine.root), {});
      assert.deepEqual([found.kind, found.kind === 'none' ? '' : found.name], ['compose', name]);
    });
  }

  it('of Home Assistant is recognised by the token of its Supervisor', async (test) => {
    const machine = new FakeMachine(scratchFolder(test)).file('/.dockerenv');
    const files = new SystemFiles(machine.root);
    assert.equal((await readContainer(files, { SUPERVISOR_TOKEN: 'x' })).kind, 'home-assistant');
    assert.equal((await readContainer(files, { SUPERVISOR_TOKEN: '' })).kind, 'compose');
  });

  it('is no machine that has none of it', async (test) => {
    const machine = pi4(scratchFolder(test))
      .file('/proc/1/cgroup', '0::/init.scope\n')
      .file('/proc/1/environ', 'HOME=/\0');
    assert.deepEqual(await readContainer(new SystemFiles(machine.root), {}), { kind: 'none' });
    const { results } = await reportOn(machine);
    assert.deepEqual(
      results.filter(({ id }) => id === 'container'),
      [],
    );
  });
});

describe('the doctor in a container', () => {
  it('knows the board without a device tree, and says that Hardware must be set', async (test) => {
    const [kind, says, mend] = await lookedAt(pi4Container(scratchFolder(test)), 'board');
    assert.equal(kind, 'warning');
    assert.match(String(says), /^Raspberry Pi 4 Model B Rev 1\.4, by \/proc\/cpuinfo/);
    assert.match(String(mend), /set Hardware to "Raspberry Pi"/);
  });

  it('says which lines of compose.yaml give it a device that the machine has', async (test) => {
    const machine = pi4Container(scratchFolder(test));
    const [, says, mend] = await lookedAt(machine, 'i2c-1');
    assert.equal(says, '/dev/i2c-1 is not there: the container was not given it');
    assert.match(String(mend), /in compose\.yaml.*\ndevices:\n {2}- "\/dev\/i2c-1:\/dev\/i2c-1"$/s);
    assert.match(
      (await lookedAt(machine, 'strip')).join('\n'),
      /devices:\n {2}- "\/dev\/spidev0\.0:\/dev\/spidev0\.0"$/,
    );
    assert.match((await lookedAt(machine, 'gpio')).join('\n'), /devices:\n {2}- "\/dev\/gpiochip0:\/dev\/gpiochip0"$/);
  });

  it('asks the machine for what the machine does not have either', async (test) => {
    const machine = pi4Container(scratchFolder(test)).file(
      '/data/wasi/host.toml',
      '[sensors.bme680]\nbus = 3\n[plugins.x.grants]\nuart = ["/dev/ttyUSB0"]\n',
    );
    const [, says, mend] = await lookedAt(machine, 'i2c-3');
    assert.match(String(says), /nor does the machine seem to have it/);
    assert.match(String(mend), /^on the machine itself, not in the container: /);
    assert.match((await lookedAt(machine, 'serial-ttyUSB0')).join('\n'), /plug it in.*; then give it to the container/);
  });

  it('names the group of a device by its number, as the image does not know it', async (test) => {
    const machine = pi4Container(scratchFolder(test)).device('/dev/i2c-1', 'root:i2c');
    const [, says, mend] = await lookedAt(machine, 'i2c-1', { login: { gids: new Set([1000]) } });
    assert.match(String(says), /^user pi may not open \/dev\/i2c-1 \(root:988 0660\)$/);
    assert.match(String(mend), /\ngroup_add:\n {2}- "988"$/);
  });

  it('finds the user directory of the image, and what its read-only root keeps from being written', async (test) => {
    const machine = pi4Container(scratchFolder(test));
    assert.deepEqual(await lookedAt(machine, 'user-directory'), ['ok', '/data']);
    assert.equal((await lookedAt(machine, 'temporary-folder'))[0], 'ok');
    machine.file('/proc/self/mounts', 'overlay / overlay ro,relatime 0 0\n/dev/mmcblk0p2 /data ext4 rw 0 0\n');
    assert.match(
      (await lookedAt(machine, 'temporary-folder')).join('\n'),
      /read-only file system\n.*\ntmpfs:\n {2}- \/tmp$/,
    );
  });

  it('warns of a limit of memory in which Node-RED cannot start', async (test) => {
    const machine = pi4Container(scratchFolder(test)).file('/sys/fs/cgroup/memory.max', `${256 * 2 ** 20}\n`);
    assert.match((await lookedAt(machine, 'memory')).join('\n'), /^warning\n.*may take 256 MB.*mem_limit: 768m$/s);
    for (const enough of ['max\n', `${768 * 2 ** 20}\n`, '9223372036854771712\n']) {
      machine.file('/sys/fs/cgroup/memory.max', enough);
      assert.equal((await lookedAt(machine, 'memory'))[0], 'ok', enough);
    }
  });

  it('never says that the container itself is to be mended as a machine is', async (test) => {
    const folder = scratchFolder(test);
    for (const around of [{}, ADD_ON]) {
      const { results } = await reportOn(pi4Container(folder), around);
      for (const { id, finding } of results) {
        if (!('mend' in finding)) continue;
        const text = [finding.mend.how, ...finding.mend.lines].join('\n');
        assert.doesNotMatch(text, /usermod|systemctl|raspi-config/, id);
        if (/sudo /.test(text)) assert.match(text, /on the machine itself, not in the container/, id);
      }
    }
  });

  it('sends the user of an add-on to the configuration of the add-on', async (test) => {
    const machine = pi4Container(scratchFolder(test)).file('/config/settings.js');
    const [, , mend] = await lookedAt(machine, 'i2c-1', ADD_ON);
    assert.match(String(mend), /add-on's config\.yaml.*\ndevices:\n {2}- \/dev\/i2c-1$/s);
    const { context, results } = await reportOn(machine, ADD_ON);
    assert.equal(context.userDir, '/config');
    assert.equal(results.find(({ id }) => id === 'user')?.finding.kind, 'ok', "root is Node-RED's user there");
  });

  it('shows lines of YAML as lines to paste', async (test) => {
    const { stdout } = await doctorOn(pi4Container(scratchFolder(test)), []);
    assert.match(stdout, / ok {7}Container +Docker \(\/\.dockerenv\)/);
    assert.match(stdout, /\| devices:\n +\| {3}- "\/dev\/i2c-1:\/dev\/i2c-1"\n/);
    assert.doesNotMatch(stdout, /\$ devices/);
  });
});
