/** An authority and certificates of its own, made by openssl for one test; none is kept. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsFiles } from '../../src/cluster-setup/member-settings';

export const noOpenssl =
  spawnSync('openssl', ['version']).status === 0
    ? false
    : 'there is no openssl on this machine to make certificates with';

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

export class Authority {
  readonly ca: string;

  constructor(private readonly folder: string) {
    this.ca = join(folder, 'ca.pem');
    openssl(
      'req',
      '-x509',
      ...KEY,
      '-keyout',
      join(folder, 'ca.key'),
      '-out',
      this.ca,
      '-days',
      '2',
      '-subj',
      '/CN=ca',
    );
  }

  /** `uses`: extendedKeyUsage. */
  sign(name: string, address: string, uses = 'serverAuth,clientAuth', days = 1): TlsFiles {
    const file = (end: string) => join(this.folder, `${name}.${end}`);
    // etcd holds a peer's certificate against the address it comes from, which on the loopback is always this one.
    const extensions = `subjectAltName=IP:${address},IP:127.0.0.1\nextendedKeyUsage=${uses}\n`;
    writeFileSync(file('ext'), extensions);
    openssl('req', ...KEY, '-keyout', file('key'), '-out', file('csr'), '-subj', `/O=${name}`);
    const by = ['-CA', this.ca, '-CAkey', join(this.folder, 'ca.key'), '-CAcreateserial', '-extfile', file('ext')];
    openssl('x509', '-req', '-in', file('csr'), ...by, '-out', file('pem'), '-days', String(days));
    return { ca: this.ca, cert: file('pem'), key: file('key') };
  }
}
