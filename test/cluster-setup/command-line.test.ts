/** The arguments of `edge-wasi cluster`: what each is taken for, and what is refused before anything is looked at. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseClusterCommand } from '../../src/cluster-setup/command-line';

const parse = (line: string) => parseClusterCommand(line.split(' '), '/home/pi');

describe('the arguments of edge-wasi cluster', () => {
  it('name this machine, how to reach the cluster, and files from where the user is', () => {
    const tls = '--tls-ca ca.pem --tls-cert /etc/a.pem --tls-key a.key';
    const login = '--user root --password-file pw';
    const wanted = parse(
      `join --name pi4 --address 10.0.0.2 --role voter --cluster https://a:2379,https://b:2379 ${tls} ${login}`,
    );
    assert.deepEqual(wanted, {
      kind: 'join',
      target: { name: 'pi4', address: '10.0.0.2', role: 'voter', root: '/', isDryRun: false },
      access: {
        urls: ['https://a:2379', 'https://b:2379'],
        tls: { ca: '/home/pi/ca.pem', cert: '/etc/a.pem', key: '/home/pi/a.key' },
        login: { user: 'root', passwordFile: '/home/pi/pw' },
      },
    });
  });

  it('have a preferred leader found the cluster, and this machine be asked', () => {
    const { target } = parse('init --name revpi --address 10.0.0.1') as { target?: { role: string } };
    assert.equal(target?.role, 'leader-preferred');
    const none = { urls: [], tls: undefined, login: undefined };
    assert.deepEqual(parse('status --json'), { kind: 'status', root: '/', access: none, json: true });
    assert.deepEqual(parse('remove zero-a --root /mnt'), {
      kind: 'remove',
      root: '/mnt',
      access: none,
      name: 'zero-a',
    });
  });

  for (const [line, problem] of [
    ['init --address 10.0.0.1', 'Say what this node is called with --name'],
    ['init --name a', "Say this machine's address with --address"],
    ['init --name a --address revpi.local', "--address takes an IP address, not 'revpi.local'"],
    ['init --name a --address 0.0.0.0', "--address takes an address by which others reach this machine, not '0.0.0.0'"],
    ['init --name a --address ::', "--address takes an address by which others reach this machine, not '::'"],
    [
      'init --name a --address fe80::1%eth0',
      "--address takes no interface, which means nothing to the others: 'fe80::1%eth0'",
    ],
    ['init --name a/b --address ::1', "'a/b' is no name of a node"],
    ['init --name a --address ::1 --role learner', 'A cluster is founded by a voter'],
    ['join --name a --address ::1 --cluster http://a:2379', '--role takes one of leader-preferred, voter, learner'],
    ['join --name a --address ::1 --role voter', 'Say with --cluster which cluster to join'],
    ['status --cluster a:2379', "--cluster takes URLs such as http://10.0.0.1:2379, not 'a:2379'"],
    ['status --tls-ca ca.pem', '--tls-ca, --tls-cert and --tls-key go together'],
    ['status --tls-ca a"b --tls-cert c --tls-key k', `'/home/pi/a"b' is a path that systemd would misread`],
    ['status --user root', '--user and --password-file go together'],
    ['status now', "Unexpected argument 'now'"],
    ['promote', 'Say which node to promote'],
    ['leave', "Unknown cluster command 'leave'"],
    ['status --quietly', "Unknown option '--quietly'"],
    ['status --cluster=', "Option '--cluster' needs a value"],
  ] as const) {
    it(`are refused: ${line}`, () => {
      assert.deepEqual(parse(line), { kind: 'usage', problem });
    });
  }
});
