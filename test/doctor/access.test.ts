/** Who may open what: accounts from /etc/passwd and /etc/group, modes, and groups that are not in effect yet. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accessTo } from '../../src/doctor/access-rights';
import { Accounts } from '../../src/doctor/accounts';
import { parseUnits } from '../../src/doctor/service-unit';
import { scratchFolder } from '../wasm/components';
import { pi4 } from './boards';
import { contextOf, FakeMachine, GROUP_NUMBERS, OwnedFiles } from './fake-machine';
import { unit } from './units';

const I2C = GROUP_NUMBERS['i2c'] ?? -1;
const PI = { uid: 1000, gids: new Set([1000, I2C]) };
const NODERED = { uid: 990, gids: new Set([990]) };
const ROOT = { uid: 0, gids: new Set([0]) };

describe('access', () => {
  for (const [owner, mode, account, kind] of [
    ['root:i2c', 0o660, PI, 'allowed'],
    ['root:i2c', 0o660, NODERED, 'denied'],
    ['root:i2c', 0o660, ROOT, 'allowed'],
    ['root:i2c', 0o640, PI, 'denied'],
    ['root:i2c', 0o666, NODERED, 'allowed'],
    ['pi:pi', 0o600, PI, 'allowed'],
    ['nodered:i2c', 0o606, PI, 'denied'],
    ['pi:i2c', 0o060, PI, 'denied'],
  ] as const)
    it(`of uid ${account.uid} to ${owner} ${mode.toString(8)} is ${kind}`, async (test) => {
      const machine = new FakeMachine(scratchFolder(test)).device('/dev/x', owner, mode);
      assert.equal((await accessTo(new OwnedFiles(machine), account, '/dev/x', 'read-write')).kind, kind);
    });

  it('needs every folder on the way, and names the one that is shut', async (test) => {
    const machine = new FakeMachine(scratchFolder(test)).dir('/home/pi', 'pi:pi', 0o700).file('/home/pi/x.wasm');
    const files = new OwnedFiles(machine);
    const denied = await accessTo(files, NODERED, '/home/pi/x.wasm', 'read');
    assert.equal(denied.kind === 'denied' && denied.at, '/home/pi');
    assert.equal((await accessTo(files, PI, '/home/pi/x.wasm', 'read')).kind, 'allowed');
    assert.equal((await accessTo(files, PI, '/home/pi/y.wasm', 'read')).kind, 'absent');
  });
});

it('lines of /etc/passwd and /etc/group that are none are left out', async (test) => {
  const machine = new FakeMachine(scratchFolder(test))
    .file('/etc/passwd', 'pi:x:1000:1000:,,,:/home/pi:/bin/bash\n\n+::::::\nbroken\n')
    .file('/etc/group', 'i2c:x:988:pi,other\ngpio:x:986:\nbroken\n');
  const accounts = await Accounts.read(new OwnedFiles(machine));
  assert.deepEqual(accounts.users, [{ name: 'pi', uid: 1000, gid: 1000, home: '/home/pi' }]);
  assert.deepEqual(
    accounts.groups.map(({ name, members }) => [name, members]),
    [
      ['i2c', ['pi', 'other']],
      ['gpio', []],
    ],
  );
  assert.deepEqual(accounts.gidsOf({ name: 'pi', uid: 1000, gid: 1000, home: '' }), new Set([1000, 988]));
});

describe('the account that is checked', () => {
  const status = (groups: string) =>
    `Name:\tnode-red\nGid:\t1000\t1000\t1000\t1000\nGroups:\t${groups} \nVmPeak:\t1 kB\n`;
  const [service] = parseUnits(unit({ User: 'pi', SupplementaryGroups: 'spi' }));

  it('has the groups of the running process, and those it will have', async (test) => {
    assert.ok(service);
    const machine = pi4(scratchFolder(test)).file('/proc/812/status', status('20 1000'));
    const { account } = await contextOf(machine, { service });
    assert.deepEqual([account.via, [...account.gids].sort()], ['service', [1000, 20]]);
    assert.ok(account.gidsNext.has(I2C));
  });

  it('has those of the unit where the process is not to be seen', async (test) => {
    assert.ok(service);
    const { account } = await contextOf(pi4(scratchFolder(test)), { service });
    assert.deepEqual(account.gids, account.gidsNext);
    assert.ok(account.gids.has(GROUP_NUMBERS['spi'] ?? -1));
  });

  it('is the one that was asked for, by name or number', async (test) => {
    assert.ok(service);
    const machine = pi4(scratchFolder(test));
    for (const user of ['root', '0']) {
      const { account } = await contextOf(machine, { service, options: { user } });
      assert.deepEqual([account.via, account.name, account.home], ['option', 'root', '/root']);
    }
    const { account } = await contextOf(machine, { service, options: { user: 'pi' } });
    assert.equal(account.via, 'service');
  });

  it('finds its user directory on the command line of the service', async (test) => {
    assert.ok(service);
    const machine = pi4(scratchFolder(test));
    assert.equal((await contextOf(machine, { service })).userDir, '/home/pi/.node-red');
    for (const words of [['--userDir', '/data'], ['--userDir=/data'], ['-u', '/data']]) {
      machine.file('/proc/812/cmdline', ['node', '/usr/bin/node-red', ...words, ''].join('\0'));
      assert.equal((await contextOf(machine, { service })).userDir, '/data', words.join(' '));
    }
  });
});
