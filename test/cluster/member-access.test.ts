/** Passwords, keys and certificates: from where they come, and who may not read them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { EtcdError } from '../../src/cluster/etcd/etcd-error';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { status } from '../../src/cluster/etcd/membership';
import { memberAccess } from '../../src/cluster/member-access';
import { WasiError } from '../../src/errors/wasi-error';
import type { HostConfig } from '../../src/host-config/host-config';
import { noOpenssl, TestAuthority } from './certificates';

const folder = mkdtempSync(join(tmpdir(), 'access-'));
after(() => rmSync(folder, { recursive: true }));

const LOCAL: HostConfig['cluster'] = {
  enabled: true,
  nodeId: 'pi',
  role: 'voter',
  endpoints: ['http://127.0.0.1:2379'],
};

function file(name: string, text: string, mode: number): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

async function refusal(config: HostConfig['cluster'], password?: string): Promise<string> {
  try {
    await memberAccess(config, password);
  } catch (error) {
    assert.ok(error instanceof WasiError);
    assert.equal(error.code, 'CONFIG_INVALID');
    return error.message;
  }
  return assert.fail('it was taken');
}

describe('access to etcd', () => {
  it('a password comes from its file, without the newline at its end, or from Node-RED', async () => {
    const passwordFile = file('password', 'se cret\n', 0o600);
    const fromFile = await memberAccess({ ...LOCAL, login: { user: 'pi', passwordFile } }, 'other');
    assert.deepEqual(fromFile.options.credentials, { user: 'pi', password: 'se cret' });
    const fromNode = await memberAccess({ ...LOCAL, login: { user: 'pi' } }, 'other');
    assert.deepEqual(fromNode.options.credentials, { user: 'pi', password: 'other' });
    assert.deepEqual(fromNode.warnings, []);
  });

  it('a password that others may read is refused, and one that is nowhere', async () => {
    const passwordFile = file('open', 'secret', 0o640);
    const message = await refusal({ ...LOCAL, login: { user: 'pi', passwordFile } });
    assert.match(message, /may be read by others \(mode 0640\): chmod 600/);
    assert.doesNotMatch(message, /secret/);
    assert.match(await refusal({ ...LOCAL, login: { user: 'pi' } }), /user = "pi" has no password: enter it/);
    const missing = { user: 'pi', passwordFile: join(folder, 'missing') };
    assert.match(await refusal({ ...LOCAL, login: missing }), /cannot be read: .*ENOENT/);
    const empty = { user: 'pi', passwordFile: file('empty', '\n', 0o600) };
    assert.match(await refusal({ ...LOCAL, login: empty }), /is empty/);
  });

  it('a key that everybody may read is refused', async () => {
    const key = file('open.key', 'KEY', 0o644);
    assert.match(await refusal({ ...LOCAL, endpoints: ['https://a:1'], tls: { key } }), /tls\.key: .*mode 0644/);
  });

  it('a password over the network without TLS is warned of', async () => {
    const { warnings } = await memberAccess(
      { ...LOCAL, endpoints: ['http://10.0.0.2:2379'], login: { user: 'pi' } },
      'x',
    );
    assert.match(warnings[0] ?? '', /password goes to http:\/\/10\.0\.0\.2:2379 for anybody/);
  });
});

describe('a member behind TLS', { skip: noOpenssl }, () => {
  it('is asked with the own certificate, and only where its own is of the authority that is named', async () => {
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2', '-nodes'];
    for (const name of ['one', 'other']) {
      openssl('req', '-x509', '-newkey', 'ed25519', '-keyout', `${name}.key`, '-out', `${name}.pem`, ...subject);
    }
    const path = (name: string) => join(folder, name);
    const [key, cert] = ['one.key', 'one.pem'].map((name) => readFileSync(path(name)));
    const shown: string[] = [];
    const server = createServer({ key, cert, ca: cert, requestCert: true }, (request, response) => {
      shown.push(String((request.socket as TLSSocket).getPeerCertificate().subject?.CN));
      request.resume();
      response.end('{"header":{"cluster_id":"5","member_id":"7","revision":"1"},"version":"3.4.23"}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const endpoints = [`https://127.0.0.1:${address.port}`];
    const ask = async (ca: string) => {
      chmodSync(path('one.key'), 0o600);
      const tls = { ca: path(ca), cert: path('one.pem'), key: path('one.key') };
      const member = new EtcdMember(endpoints[0] ?? '', (await memberAccess({ ...LOCAL, endpoints, tls }, '')).options);
      try {
        return await status(member);
      } finally {
        member.close();
      }
    };
    const { warnings } = await memberAccess(
      { ...LOCAL, endpoints, tls: { cert: path('one.pem') }, login: { user: 'pi' } },
      'secret',
    );
    assert.match(warnings.join(), /tls\.cert has a common name, .* sign one without/);
    assert.equal((await ask('one.pem')).memberId, '7');
    assert.deepEqual(shown, ['localhost']);
    await assert.rejects(ask('other.pem'), (error) => error instanceof EtcdError && error.kind === 'unreachable');
    server.closeAllConnections();
    server.close();
  });

  it('files that TLS could not use are refused, each with its name and what is wrong with it', async () => {
    const authority = new TestAuthority(folder, 'authority');
    const good = authority.sign('good');
    const other = authority.sign('other');
    const having = (tls: NonNullable<HostConfig['cluster']['tls']>) => ({ ...LOCAL, endpoints: ['https://a:1'], tls });
    assert.deepEqual((await memberAccess(having(good), '')).warnings, []);
    assert.match(
      await refusal(having({ ...good, key: other.key })),
      /tls\.key: .*other\.key is not the key of .*tls\.cert/,
    );
    const garbage = file('garbage', 'nothing of the sort\n', 0o600);
    assert.match(await refusal(having({ ...good, ca: garbage })), /tls\.ca: .* holds no certificate in PEM \(ERR_/);
    assert.match(await refusal(having({ ...good, cert: garbage })), /tls\.cert: .* holds no certificate in PEM \(ERR_/);
    assert.match(await refusal(having({ ...good, key: garbage })), /tls\.key: .* holds no private key in PEM \(ERR_/);
    const encrypted = join(folder, 'encrypted.key');
    execFileSync('openssl', ['pkey', '-in', good.key, '-aes128', '-passout', 'pass:x', '-out', encrypted]);
    assert.match(
      await refusal(having({ ...good, key: encrypted })),
      /tls\.key: .* needs a passphrase .*openssl pkey -in/,
    );
    const old = authority.sign('old', { to: '20210101000000Z' });
    const early = authority.sign('early', { from: '20900101000000Z' });
    assert.match(
      (await memberAccess(having(old), '')).warnings[0] ?? '',
      /tls\.cert: its certificate was valid until .*2021/,
    );
    assert.match((await memberAccess(having(early), '')).warnings[0] ?? '', /valid from .*2090.*timedatectl/);
  });
});
