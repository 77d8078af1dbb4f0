/** The checks of the machine itself: Node.js, processor, kernel, memory, folders, supply. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeArchitecture, judgeIsolation, judgeNode } from '../../src/doctor/checks/machine';
import { parseUnits } from '../../src/doctor/service-unit';
import { scratchFolder } from '../wasm/components';
import { pc, pi4, piZero2 } from './boards';
import { lookedAt } from './checks';
import { unit } from './units';

const [SERVICE] = parseUnits(unit({ User: 'pi' }));
assert.ok(SERVICE);
const service = SERVICE;

for (const [version, kind] of [
  ['18.19.1', 'missing'],
  ['16.20.2', 'missing'],
  ['18.20.0', 'ok'],
  ['26.3.0', 'ok'],
  ['27.0.0', 'warning'],
] as const)
  it(`Node.js ${version} is ${kind}`, () => assert.equal(judgeNode(version).kind, kind));

for (const [arch, arm, kind] of [
  ['x64', undefined, 'ok'],
  ['arm64', '8', 'ok'],
  ['arm', '7', 'ok'],
  ['arm', '6', 'missing'],
  ['riscv64', undefined, 'missing'],
] as const)
  it(`${arch} ${arm ?? ''} is ${kind}`, () => assert.equal(judgeArchitecture(arch, arm).kind, kind));

it('a kernel without the newer GPIO interface is too old on a Raspberry Pi only', async (test) => {
  const old = '5.4.83-v7l+\n';
  const machine = pi4(scratchFolder(test)).file('/proc/sys/kernel/osrelease', old);
  assert.equal((await lookedAt(machine, 'system'))[0], 'missing');
  assert.equal((await lookedAt(pc(scratchFolder(test)).file('/proc/sys/kernel/osrelease', old), 'system'))[0], 'ok');
});

describe('memory', () => {
  const meminfo = (total: number, available: number, swap: number) =>
    `MemTotal: ${total * 1_024} kB\nMemAvailable: ${available * 1_024} kB\nSwapTotal: ${swap * 1_024} kB\nSwapFree: ${swap * 1_024} kB\n`;

  it('of a small board wants swap, in the way of its system', async (test) => {
    const machine = piZero2(scratchFolder(test));
    assert.match((await lookedAt(machine, 'memory')).join('\n'), /^warning\n416 MB[\s\S]*CONF_SWAPSIZE=512/);
    const other = pi4(scratchFolder(test)).file('/proc/meminfo', meminfo(416, 200, 0));
    assert.match((await lookedAt(other, 'memory')).join('\n'), /^warning[\s\S]*mkswap \/swapfile/);
    assert.equal((await lookedAt(machine.file('/proc/meminfo', meminfo(416, 160, 512)), 'memory'))[0], 'ok');
  });

  it('that is used up is a warning, unless Node-RED is what uses it', async (test) => {
    const machine = pi4(scratchFolder(test)).file('/proc/meminfo', meminfo(900, 100, 100));
    assert.equal((await lookedAt(machine, 'memory'))[0], 'warning');
    assert.equal((await lookedAt(machine, 'memory', { service }))[0], 'ok');
  });

  for (const [name, file, content, kind] of [
    ['none', 'cmdline', 'node\0red.js\0', 'warning'],
    ['in the environment', 'environ', 'A=--max_old_space_size=1\0NODE_OPTIONS=--max_old_space_size=256\0', 'ok'],
    ['too high in the environment', 'environ', 'NODE_OPTIONS=--max_old_space_size=512\0', 'warning'],
    ['on the command line', 'cmdline', 'node\0--max-old-space-size=200\0red.js\0', 'ok'],
    ['of another variable', 'environ', 'OTHER=--max_old_space_size=256\0', 'warning'],
  ] as const)
    it(`with a heap limit ${name} on a small board: ${kind}`, async (test) => {
      const machine = piZero2(scratchFolder(test)).file(`/proc/812/${file}`, content);
      const [found, , mend] = await lookedAt(machine, 'heap', { service });
      assert.equal(found, kind);
      if (kind === 'warning')
        assert.match(String(mend), /\[Service\]\nEnvironment="NODE_OPTIONS=--max_old_space_size=256"$/);
    });
});

describe('folders', () => {
  it('that the user may not write are named, with what shuts them', async (test) => {
    const machine = pi4(scratchFolder(test)).dir('/home/pi/.node-red', 'root:root');
    assert.deepEqual(await lookedAt(machine, 'user-directory'), [
      'missing',
      'user pi may not write /home/pi/.node-red (/home/pi/.node-red is root:root 0755)',
      'give it to the user\nsudo chown -R pi /home/pi/.node-red',
    ]);
    machine.dir('/tmp', 'root:root', 0o755);
    assert.deepEqual((await lookedAt(machine, 'temporary-folder')).slice(2), [
      'give it to the user\nsudo chmod 1777 /tmp',
    ]);
  });

  it('that another user keeps shut are no user directory', async (test) => {
    const machine = pi4(scratchFolder(test)).accounts(
      { pi: [], nodered: [] },
      { pi: '/home/pi', nodered: '/var/lib/nodered' },
    );
    const options = { user: 'nodered', userDir: '/home/pi/.node-red' };
    assert.match((await lookedAt(machine, 'user-directory', { options })).join(), /missing,.*\/home\/pi is pi:pi 0700/);
    assert.equal((await lookedAt(machine, 'user-directory', { options: { user: 'nodered' } }))[0], 'warning');
  });
});

describe('the supply', () => {
  const throttled = '/sys/devices/platform/soc/soc:firmware/get_throttled';
  for (const [word, kind, says] of [
    ['0', 'ok', /no under-voltage/],
    ['50000', 'warning', /^under-voltage since the start, throttled since the start$/],
    ['1', 'warning', /^under-voltage now$/],
    ['80008', 'warning', /^soft temperature limit now$/],
  ] as const)
    it(`is ${kind} with flags ${word}`, async (test) => {
      const [found, text, mend] = await lookedAt(pi4(scratchFolder(test)).file(throttled, `${word}\n`), 'supply');
      assert.equal(found, kind);
      assert.match(String(text), says);
      const cause = String(text).includes('under-voltage') ? /official supply/ : /cool the processor/;
      if (kind === 'warning') assert.match(String(mend), cause);
    });

  it('is asked of the hwmon device where there is nothing else', async (test) => {
    const machine = pi4(scratchFolder(test)).file(throttled, 'nonsense');
    assert.equal((await lookedAt(machine, 'supply'))[0], 'skipped');
    machine.file('/sys/class/hwmon/hwmon1/name', 'rpi_volt\n').file('/sys/class/hwmon/hwmon1/in0_lcrit_alarm', '1\n');
    assert.deepEqual((await lookedAt(machine, 'supply')).slice(0, 2), ['warning', 'under-voltage now']);
  });
});

it('says whether Node.js limits what the process of the plugins may open', () => {
  assert.match(
    JSON.stringify(judgeIsolation('18.20.8')),
    /"kind":"ok".*cannot limit what it may open \(20\.18, 22\.13 and newer can\)/,
  );
  assert.match(JSON.stringify(judgeIsolation('20.19.2')), /"kind":"ok".*Node\.js limits what it may open/);
});
