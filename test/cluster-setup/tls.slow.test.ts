/** A cluster whose members and clients show certificates, and certificates that would not do. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { certificateFaults } from '../../src/cluster-setup/certificate';
import type { TlsFiles } from '../../src/cluster-setup/member-settings';
import { noEtcd } from '../cluster/etcd-programs';
import { scratchFolder } from '../wasm/components';
import { Authority, noOpenssl } from './certificates';
import { Site } from './site';

const flags = ({ ca, cert, key }: TlsFiles) => ['--tls-ca', ca, '--tls-cert', cert, '--tls-key', key];

describe('edge-wasi cluster with TLS', { skip: noEtcd || noOpenssl }, () => {
  it('founds, joins, and is reached with a certificate alone', async (test) => {
    const on = new Site();
    test.after(() => on.close());
    mkdirSync(join(on.folder, 'tls'));
    const authority = new Authority(join(on.folder, 'tls'));
    const tls = (name: string) => flags(authority.sign(name, on.address(name)));
    const founded = await on.init('a', tls('a'));
    assert.equal(founded.status, 0, founded.stdout);
    assert.doesNotMatch(founded.stdout, /warning/);
    assert.match(founded.stdout, /\| endpoints = \["https:/);
    const url = on.url('a').replace('http:', 'https:');
    const args = ['join', '--name', 'b', '--address', on.address('b'), '--role', 'voter', '--cluster', url];
    const joined = await on.run('b', [...args, ...tls('b')]);
    assert.match(joined.stdout, /b is a voter now/, joined.stdout);
    const status = await on.run('b', ['status']);
    assert.match(status.stdout, /^a +(leader|voter) +answers.*\nb +(leader|voter) +answers/m, status.stdout);
    const bare = await on.run('elsewhere', ['status', '--cluster', url]);
    assert.equal(bare.status, 1);
    assert.match(bare.stdout, /No member of the cluster could answer/);
  });
});

describe('a certificate', { skip: noOpenssl }, () => {
  it('that will not do is told apart before etcd starts', (test) => {
    const authority = new Authority(scratchFolder(test));
    const other = new Authority(scratchFolder(test));
    const faults = (files: TlsFiles, address = '10.0.0.1', now = Date.now() + 1_000) => {
      const [ca, cert, key] = [files.ca, files.cert, files.key].map((path) => readFileSync(path, 'utf8'));
      return certificateFaults({ ca: ca ?? '', cert: cert ?? '', key: key ?? '' }, address, now).join('; ');
    };
    const good = authority.sign('good', '10.0.0.1');
    assert.equal(faults(good), '');
    assert.match(faults(good, '10.0.0.2'), /^the certificate is not for 10\.0\.0\.2/);
    assert.match(faults(good, '10.0.0.1', 0), /valid from .*: is this machine's clock right\?$/);
    assert.match(faults(good, '10.0.0.1', Date.now() + 3 * 86_400_000), /^the certificate was valid until/);
    assert.match(faults(authority.sign('server', '10.0.0.1', 'serverAuth')), /^the certificate may not be a client/);
    assert.match(faults(authority.sign('client', '10.0.0.1', 'clientAuth')), /^the certificate may not be a server/);
    assert.match(faults({ ...good, ca: other.ca }), /^the certificate is not signed by this authority$/);
    assert.match(faults({ ...good, key: authority.sign('b', '10.0.0.1').key }), /^the key is not the one/);
    assert.match(faults({ ...good, cert: good.key }), /^a certificate is none in PEM/);
  });
});
