/** What is said, and advised, of each thing that may be wrong with TLS and users: with real etcds, and openssl's certificates. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { outageText } from '../../src/cluster/cluster-state';
import { Endpoints } from '../../src/cluster/endpoints';
import { EtcdError } from '../../src/cluster/etcd/etcd-error';
import { base64 } from '../../src/cluster/etcd/json-fields';
import { put, range } from '../../src/cluster/etcd/key-values';
import { EtcdMember, type MemberOptions } from '../../src/cluster/etcd/member';
import { defragment, status } from '../../src/cluster/etcd/membership';
import { systemClock } from '../../src/platform/clock';
import { eventually } from '../support/until';
import { freePort } from '../system/user-directory';
import { type CertificateFiles, material, noOpenssl, TestAuthority } from './certificates';
import { everyEtcd, noEtcd } from './etcd-programs';

const ROOT = { user: 'root', password: 'of the tests' };

class TlsEtcd {
  private constructor(
    readonly url: string,
    readonly peerUrl: string,
    readonly child: ChildProcess,
  ) {}

  /** `shown`: its own certificate; `trusted`: of whom it takes clients. */
  static async start(etcd: string, folder: string, shown: CertificateFiles, trusted?: string): Promise<TlsEtcd> {
    const [client, peer] = [await freePort(), await freePort()];
    const [url, peerUrl] = [`https://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
    const args = [
      ['--name', 'a'],
      ['--data-dir', mkdtempSync(join(folder, 'data-'))],
      ['--listen-client-urls', url],
      ['--advertise-client-urls', url],
      ['--listen-peer-urls', peerUrl],
      ['--initial-advertise-peer-urls', peerUrl],
      ['--initial-cluster', `a=${peerUrl}`],
      ['--cert-file', shown.cert],
      ['--key-file', shown.key],
      trusted === undefined ? [] : ['--client-cert-auth', '--trusted-ca-file', trusted],
    ].flat();
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', etcd, ...args], { stdio: 'ignore' });
    return new TlsEtcd(url, peerUrl, child);
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

for (const { version, etcd } of everyEtcd().filter((one, i, all) => i === 0 || one === all.at(-1))) {
  describe(`TLS and users, etcd ${version}`, { skip: noEtcd || noOpenssl }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'faults-'));
    const etcds: TlsEtcd[] = [];
    const opened: EtcdMember[] = [];
    let authority: TestAuthority;
    let foreign: TestAuthority;
    let good: CertificateFiles;
    /** Takes clients of its authority alone. */
    let strict: TlsEtcd;

    const start = async (shown: CertificateFiles, trusted?: string) => {
      const started = await TlsEtcd.start(etcd, folder, shown, trusted);
      etcds.push(started);
      return started;
    };
    const member = (url: string, options: MemberOptions) => {
      const made = new EtcdMember(url, options);
      opened.push(made);
      return made;
    };
    /** What a user reads, once etcd is there to be reached. */
    const said = (url: string, options: MemberOptions, call = (one: EtcdMember): Promise<unknown> => status(one)) =>
      eventually(async () => {
        const error = await call(member(url, options)).then(
          () => assert.fail('it was taken'),
          (reason: unknown) => reason,
        );
        assert.ok(error instanceof EtcdError);
        assert.doesNotMatch(error.message, /ECONNREFUSED/);
        return outageText(error);
      });

    before(async () => {
      authority = new TestAuthority(folder, 'right');
      foreign = new TestAuthority(folder, 'foreign');
      good = authority.sign('good');
      strict = await start(good, authority.ca);
      await eventually(() => status(member(strict.url, { tls: material(good) })));
    });
    after(async () => {
      for (const one of opened) one.close();
      await Promise.all(etcds.map((one) => one.stop()));
      rmSync(folder, { recursive: true, force: true });
    });

    it('the member’s certificate has expired', async () => {
      const old = authority.sign('old-server', { to: '20210101000000Z' });
      const text = await said((await start(old)).url, { tls: material({ ca: authority.ca }) });
      assert.match(text, /its certificate has expired \(CERT_HAS_EXPIRED\)\. Sign a new one for that member/);
    });

    it('the member’s certificate is not valid yet', async () => {
      const early = authority.sign('early-server', { from: '20900101000000Z' });
      const text = await said((await start(early)).url, { tls: material({ ca: authority.ca }) });
      assert.match(
        text,
        /not valid yet \(CERT_NOT_YET_VALID\)\. Look at the clocks of this machine, which says \d{4}-/,
      );
    });

    it('the authority itself has expired', async () => {
      const ended = new TestAuthority(folder, 'ended', { to: '20210101000000Z' });
      const text = await said((await start(ended.sign('of-ended'))).url, { tls: material({ ca: ended.ca }) });
      assert.match(text, /the authority of \[cluster\] tls\.ca was valid until .*2021/);
    });

    it('the member is of an authority that is not known', async () => {
      const other = await said(strict.url, { tls: { ...material(good), ...material({ ca: foreign.ca }) } });
      assert.match(other, /an authority that is not known here \([A-Z_]+\)\. \[cluster\] tls\.ca is not the authority/);
      const none = await said(strict.url, { tls: material({ cert: good.cert, key: good.key }) });
      assert.match(none, /Name the file of the authority that signed it with \[cluster\] tls\.ca/);
    });

    it('the member’s certificate is for another address, or name', async () => {
      const elsewhere = await start(authority.sign('elsewhere', { names: 'IP:10.0.0.9' }));
      const text = await said(elsewhere.url, { tls: material({ ca: authority.ca }) });
      assert.match(text, /not for 127\.0\.0\.1 \(ERR_TLS_CERT_ALTNAME_INVALID\)\. .*subjectAltName=IP:127\.0\.0\.1/);
      const byName = await said(strict.url.replace('127.0.0.1', 'localhost'), { tls: material(good) });
      assert.match(byName, /not for localhost .*subjectAltName=DNS:localhost/);
    });

    it('TLS is spoken to a port without, and the other way round', async () => {
      const plain = strict.peerUrl.replace('http:', 'https:');
      const text = await said(plain, { tls: material(good) });
      assert.match(text, /does not speak TLS \([A-Z_]+\)\. Write http:\/\/ instead of https:\/\//);
      const asked = member(strict.url.replace('https:', 'http:'), {});
      // What listens there is looked at beside, so that no call waits for it.
      await eventually(async () => {
        const error = await status(asked).catch((reason: EtcdError) => reason);
        assert.ok(error instanceof EtcdError);
        assert.match(
          outageText(error),
          /the port speaks TLS, and was asked without .*Write https:\/\/ instead of http:\/\//,
        );
        return true;
      });
    });

    it('the member wants a certificate, and none is configured', async () => {
      const text = await said(strict.url, { tls: material({ ca: authority.ca }) });
      assert.match(text, /asks for a certificate of this node, and none is configured \(TLS alert: [a-z ]+\)/);
      assert.match(text, /\[cluster\] tls\.cert and tls\.key/);
    });

    it('the own certificate is of another authority, expired, too early, or for servers alone', async () => {
      const own = (files: CertificateFiles) => ({ tls: { ...material(files), ...material({ ca: authority.ca }) } });
      const other = await said(strict.url, own(foreign.sign('foreign')));
      assert.match(
        other,
        /does not take this node's certificate: another authority signed it .*\(TLS alert: [a-z ]+\)/,
      );
      assert.match(other, /Sign the certificate of \[cluster\] tls\.cert with the authority of the cluster/);
      assert.doesNotMatch(other, /SSL routines/);
      const old = await said(strict.url, own(authority.sign('old', { to: '20210101000000Z' })));
      assert.match(old, /this node's certificate has expired \(valid until .*2021.*\). Sign a new one/);
      const early = await said(strict.url, own(authority.sign('early', { from: '20900101000000Z' })));
      assert.match(early, /this node's certificate is not valid before .*2090.*clock/);
      const server = await said(strict.url, own(authority.sign('server', { uses: 'serverAuth' })));
      assert.match(server, /may not be used by a client .*extendedKeyUsage=serverAuth,clientAuth/);
    });

    it('the key is not the one of the certificate, or is none', async () => {
      const { key } = authority.sign('another');
      const mixed = await said(strict.url, { tls: material({ ...good, key }) });
      assert.match(mixed, /key of this node is not the one of its certificate .*\[cluster\] tls\.key and tls\.cert/);
      const none = await said(strict.url, { tls: { ...material(good), key: 'nothing' } });
      assert.match(none, /a PEM file of \[cluster\] tls cannot be used \(ERR_OSSL_[A-Z_]+\)/);
    });

    it('users: none asked for, no user, a wrong password, an unknown user, no role, a name in the certificate', async () => {
      const { url } = strict;
      const tls = material(good);
      const write = (one: EtcdMember) => put(one, { key: 'mine/a', value: 'x' });
      const warnings: string[] = [];
      const early = new Endpoints(
        [url],
        { tls, credentials: ROOT, onWarning: (text) => warnings.push(text) },
        systemClock,
      );
      await early.ask(write);
      await early.ask(write);
      early.close();
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', /does not ask for users: \[cluster\] user = "root" has no effect/);

      const admin = member(url, { tls });
      const pi = { user: 'pi', password: 'p' };
      for (const [path, body] of [
        ['user/add', { name: 'root', password: ROOT.password }],
        ['role/add', { name: 'root' }],
        ['user/grant', { user: 'root', role: 'root' }],
        ['user/add', { name: pi.user, password: pi.password }],
        ['role/add', { name: 'edge' }],
        [
          'role/grant',
          { name: 'edge', perm: { permType: 'READWRITE', key: base64('mine/'), range_end: base64('mine0') } },
        ],
        ['enable', {}],
      ] as const) {
        await admin.call(`/v3/auth/${path}`, body);
      }
      const nobody = await said(url, { tls }, write);
      assert.match(nobody, /etcd wants a user here\. Set \[cluster\] user and password_file/);
      const wrong = await said(url, { tls, credentials: { ...pi, password: 'guessed' } }, write);
      assert.match(wrong, /authentication failed.*There is no user "pi" in etcd, or the password is another one/);
      const unknown = await said(url, { tls, credentials: { user: 'ghost', password: 'x' } }, write);
      assert.match(unknown, /There is no user "ghost" in etcd, or the password is another one/);
      const withoutRole = await said(url, { tls, credentials: pi }, write);
      assert.match(withoutRole, /permission denied\. User "pi" has no role that may do this: .*\/edge-wasi\/v1\//);
      const named = material(authority.sign('named', { subject: '/CN=pi' }));
      const common = await said(url, { tls: named, credentials: ROOT }, write);
      assert.match(
        common,
        /has a common name, together with users\. Sign the certificate of \[cluster\] tls\.cert without \/CN=/,
      );

      const root = member(url, { tls, credentials: ROOT });
      await write(root);
      // To which cluster it belongs a member tells everybody.
      const checked = new Endpoints([url], { tls, credentials: ROOT }, systemClock);
      await checked.ask(write);
      checked.close();
      // Its tokens are gone, and defragmenting is told so in words of its own.
      const again = member(url, { tls, credentials: ROOT });
      await range(again, { key: 'mine/a' });
      await root.call('/v3/auth/user/changepw', { name: 'root', password: ROOT.password });
      await defragment(again);
      assert.equal((await range(again, { key: 'mine/a' })).entries[0]?.value, 'x');
    });
  });
}
