/** What is written for etcd and systemd, read back by etcd's own flags and by systemd's own checker. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { hostTomlLines, plannedFiles } from '../../src/cluster-setup/member-file-plan';
import { DROP_IN_FILE, ENVIRONMENT_FILE, parseEnvironment, writeFiles } from '../../src/cluster-setup/setup-files';
import { misfit } from '../../src/cluster-setup/version';
import { etcdPrograms, noEtcd } from '../cluster/etcd-programs';
import { scratchFolder } from '../wasm/components';

const TARGET = { name: 'pi4', address: '10.0.0.2', role: 'voter', root: '/', isDryRun: false } as const;
const TLS = { ca: '/etc/edge-wasi/ca.pem', cert: '/etc/edge-wasi/pi4.pem', key: '/etc/edge-wasi/pi4.key' };
const AROUND = {
  initialCluster: new Map([
    ['revpi', 'https://10.0.0.1:2380'],
    ['pi4', 'https://10.0.0.2:2380'],
  ]),
  initialState: 'existing',
  arch: 'arm64',
} as const;
const FILES = plannedFiles(TARGET, TLS, AROUND);
const ENVIRONMENT = parseEnvironment(FILES.find(({ path }) => path === ENVIRONMENT_FILE)?.text ?? '');
const noAnalyze =
  spawnSync('systemd-analyze', ['--version']).status === 0 ? false : 'there is no systemd-analyze on this machine';
/** Beside the program, installed or unpacked. */
const DEBIAN_UNITS = noEtcd
  ? []
  : ['usr/lib', 'lib'].map((folder) =>
      join(dirname(etcdPrograms().etcd), '..', '..', folder, 'systemd/system/etcd.service'),
    );
/** Neither flags nor for etcd: of Go's runtime, and of etcd's refusal of an architecture. */
const NO_FLAGS = ['GOGC', 'GOMEMLIMIT', 'ETCD_UNSUPPORTED_ARCH'];

describe('the files of a member', () => {
  it('tell etcd nothing that it has no flag for', { skip: noEtcd }, () => {
    const { stdout: help } = spawnSync(etcdPrograms().etcd, ['--help'], { encoding: 'utf8' });
    for (const name of ENVIRONMENT.keys()) {
      if (NO_FLAGS.includes(name)) continue;
      const flag = `--${name
        .replace(/^ETCD_/, '')
        .toLowerCase()
        .replaceAll('_', '-')}`;
      assert.match(help, new RegExp(`^\\s*${flag}\\b`, 'm'), name);
    }
  });

  it('name members and files, and let no client in without a certificate where there is TLS', () => {
    assert.equal(ENVIRONMENT.get('ETCD_INITIAL_CLUSTER'), 'revpi=https://10.0.0.1:2380,pi4=https://10.0.0.2:2380');
    assert.equal(ENVIRONMENT.get('ETCD_INITIAL_CLUSTER_STATE'), 'existing');
    assert.equal(ENVIRONMENT.get('ETCD_UNSUPPORTED_ARCH'), 'arm64');
    for (const prefix of ['ETCD', 'ETCD_PEER']) {
      assert.equal(ENVIRONMENT.get(`${prefix}_CLIENT_CERT_AUTH`), 'true');
      assert.equal(ENVIRONMENT.get(`${prefix}_KEY_FILE`), TLS.key);
    }
    const plain = plannedFiles({ ...TARGET, address: 'fd00::2' }, undefined, { ...AROUND, arch: 'x64' });
    assert.match(plain[0]?.text ?? '', /^ETCD_LISTEN_PEER_URLS="http:\/\/\[fd00::2\]:2380"$/m);
    assert.doesNotMatch(plain[0]?.text ?? '', /CERT|UNSUPPORTED/);
    assert.deepEqual(hostTomlLines(TARGET, ['https://10.0.0.2:2379'], undefined), [
      '[cluster]',
      'enabled = true',
      'node_id = "pi4"',
      'endpoints = ["https://10.0.0.2:2379"]',
      'role = "voter"',
    ]);
  });

  it("are a drop-in that systemd takes for Debian's unit without a word", { skip: noAnalyze }, async (test) => {
    const unit = DEBIAN_UNITS.find((path) => existsSync(path));
    if (unit === undefined) return test.skip("Debian's etcd-server is neither installed nor unpacked here");
    const root = scratchFolder(test);
    const units = join(root, 'etc', 'systemd', 'system');
    mkdirSync(units, { recursive: true });
    cpSync(unit, join(units, 'etcd.service'));
    const verify = () =>
      spawnSync('systemd-analyze', ['verify', '--man=no', join(units, 'etcd.service')], {
        encoding: 'utf8',
        env: { ...process.env, SYSTEMD_UNIT_PATH: `${units}:` },
      });
    // Debian's own is not beyond reproach: what is said of it alone does not count.
    const before = verify().stderr.split('\n');
    await writeFiles(root, FILES);
    const said = verify()
      .stderr.split('\n')
      .filter((line) => !before.includes(line));
    assert.deepEqual(said, []);
    await writeFiles(root, [{ path: DROP_IN_FILE, text: '[Service]\nRestart=perhaps\n' }]);
    assert.match(verify().stderr, /edge-wasi\.conf:2: .*perhaps/);
  });
});

describe('versions of etcd', () => {
  it('fit together by one step, and no older one joins', () => {
    assert.equal(misfit('3.4.23', ['3.4.23', '3.4.31']), undefined);
    assert.equal(misfit('3.5.16', ['3.4.23']), undefined);
    assert.match(misfit('3.4.23', ['3.5.16', '3.5.9']) ?? '', /older than the cluster's oldest, 3\.5$/);
    assert.match(
      misfit('3.6.5', ['3.5.16', '3.4.23']) ?? '',
      /more than one step newer than the cluster's oldest, 3\.4$/,
    );
  });
});
